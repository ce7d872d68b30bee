import { EncoderError } from "../inference/encoder.ts";
import type { Runtime } from "../runtime.ts";

/** What an answer comes to stands in few words; a longer one is told by its beginning. UTF-16 units. */
const MOST_READ = 8_192;
const DEADLINE_MS = 50;

/** What a text means, by the static stage; undefined where no encoder is loaded, or it cannot read it now. */
export async function vectorOf({ encoder }: Runtime, text: string): Promise<Float32Array | undefined> {
  try {
    return (await encoder?.encode(text.slice(0, MOST_READ), DEADLINE_MS))?.vector;
  } catch (caught) {
    if (caught instanceof EncoderError) return undefined;
    throw caught;
  }
}

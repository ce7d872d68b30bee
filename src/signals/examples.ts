import type { Encoder, Encoding, Stage } from "../inference/encoder.ts";
import { BACKGROUND } from "./background.ts";

/** Texts under way at once: enough to fill batches, few enough to leave the queue to requests. */
const AT_ONCE = 16;
/** Nobody waits for an answer while examples are read, but a start must come to an end. */
const PATIENCE_MS = 30_000;

/** Vectors by text, kept per encoder: a reload reads only the examples that are new. */
const kept = new WeakMap<Encoder, Partial<Record<Stage, ReadonlyMap<string, Float32Array>>>>();

export interface Embedded {
  /** For each list the vectors of its texts, each text once. */
  readonly examples: readonly (readonly Float32Array[])[];
  readonly background: readonly Float32Array[];
}

/** @throws EncoderError where one of the texts cannot be read */
export async function embedExamples(
  encoder: Encoder,
  stage: Stage,
  lists: readonly (readonly string[])[],
): Promise<Embedded> {
  const own = kept.get(encoder) ?? {};
  kept.set(encoder, own);
  const known = own[stage];
  const vectors = new Map<string, Float32Array>();
  const texts = new Set([...lists.flat(), ...BACKGROUND]);
  const waiting = [...texts].filter((text) => {
    const vector = known?.get(text);
    if (vector) vectors.set(text, vector);
    return vector === undefined;
  });
  const readNext = async (): Promise<void> => {
    for (let text = waiting.pop(); text !== undefined; text = waiting.pop()) {
      const { vector } = await read(encoder, stage, text);
      vectors.set(text, vector);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, readNext));
  own[stage] = vectors;
  const vectorsOf = (list: readonly string[]) => [...new Set(list)].map((text) => vectors.get(text)!);
  return { examples: lists.map(vectorsOf), background: vectorsOf(BACKGROUND) };
}

async function read(encoder: Encoder, stage: Stage, text: string): Promise<Encoding> {
  return stage === "full" ? encoder.refine(text, PATIENCE_MS) : encoder.encode(text, PATIENCE_MS);
}

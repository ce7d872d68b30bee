import { EncoderError } from "./encoder.ts";
import type { Manifest } from "./manifest.ts";
import { type Input, openSession } from "./session.ts";

/** What a model in a worker made of one text; heads are still logits. */
export interface RawReading {
  readonly vector: Float32Array;
  readonly features: Float32Array;
  readonly logits: Readonly<Record<string, Float32Array>>;
  readonly tokens: number;
  readonly cut: boolean;
}

/** What a worker needs to load the full stage. */
export interface FullSource {
  readonly path: string;
  readonly dimensions: number;
  readonly features: number;
  /** Labels by head. */
  readonly heads: Readonly<Record<string, number>>;
  readonly padding: number;
}

/** One text for the full stage: its tokens from [CLS] to [SEP]. */
export interface FullInput extends Input {
  readonly cut: boolean;
}

export interface FullStage {
  read(batch: readonly FullInput[]): Promise<RawReading[]>;
}

export function fullSource(path: string, manifest: Manifest, padding: number): FullSource {
  const { dimensions, features } = manifest.full!;
  const heads = Object.entries(manifest.heads).filter(([, head]) => head.full !== undefined);
  return {
    path,
    dimensions,
    features,
    padding,
    heads: Object.fromEntries(heads.map(([n, h]) => [n, h.labels.length])),
  };
}

/** @throws EncoderError `model` where the file does not give what the manifest says */
export async function createFull({ path, dimensions, features, heads, padding }: FullSource): Promise<FullStage> {
  const session = await openSession(path);
  const outputs = { vector: dimensions, features, ...prefixed(heads) };
  const wanted = Object.keys(outputs);
  const missing = wanted.find((name) => !session.outputs.includes(name));
  if (missing !== undefined) throw new EncoderError("model", `The model ${path} has no output ${missing}.`);

  async function read(batch: readonly FullInput[]): Promise<RawReading[]> {
    const rows = await session.run(batch, padding, wanted);
    return rows.map(({ outputs: found }, index) => {
      for (const [name, width] of Object.entries(outputs)) {
        if (found[name]!.length === width) continue;
        throw new EncoderError(
          "model",
          `The model ${path} gives ${found[name]!.length} numbers in ${name}, not ${width}.`,
        );
      }
      const logits = Object.fromEntries(Object.keys(heads).map((name) => [name, found[outputOf(name)]!]));
      const { ids, cut } = batch[index]!;
      return { vector: found["vector"]!, features: found["features"]!, logits, tokens: ids.length, cut };
    });
  }

  // A first, empty text: what does not fit the manifest is told at the start.
  await read([{ ids: Int32Array.of(padding, padding), cut: false }]);
  return { read };
}

const outputOf = (head: string) => `head_${head}`;
const prefixed = (heads: FullSource["heads"]) =>
  Object.fromEntries(Object.entries(heads).map(([name, width]) => [outputOf(name), width]));

import { EncoderError } from "./encoder.ts";
import { tagCount } from "./entities.ts";
import type { Manifest } from "./manifest.ts";
import { type Input, openSession } from "./session.ts";

/** What a model in a worker made of one text; heads are still logits. */
export interface RawReading {
  readonly vector: Float32Array;
  readonly features: Float32Array;
  readonly logits: Readonly<Record<string, Float32Array>>;
  /** Logits of tags, [tokens][tags] with those of [CLS] and [SEP]; where they were asked for. */
  readonly tags?: Float32Array;
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
  /** Tags that a token may have; 0 where the model gives none. */
  readonly tags: number;
  readonly padding: number;
}

/** One text for the full stage: its tokens from [CLS] to [SEP]. */
export interface FullInput extends Input {
  readonly cut: boolean;
  /** Whether tags are wanted too. */
  readonly isTagged?: boolean;
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
    tags: manifest.entities.types.length === 0 ? 0 : tagCount(manifest.entities.types),
    heads: Object.fromEntries(heads.map(([n, h]) => [n, h.labels.length])),
  };
}

/** The output that has them. */
const TAGS = "tags";

/** @throws EncoderError `model` where the file does not give what the manifest says */
export async function createFull({ path, dimensions, features, heads, tags, padding }: FullSource): Promise<FullStage> {
  const session = await openSession(path);
  const outputs = { vector: dimensions, features, ...prefixed(heads) };
  const wanted = [...Object.keys(outputs), ...(tags > 0 ? [TAGS] : [])];
  const missing = wanted.find((name) => !session.outputs.includes(name));
  if (missing !== undefined) throw new EncoderError("model", `The model ${path} has no output ${missing}.`);

  async function read(batch: readonly FullInput[]): Promise<RawReading[]> {
    const isTagged = tags > 0 && batch.some((input) => input.isTagged);
    const rows = await session.run(batch, padding, isTagged ? wanted : Object.keys(outputs));
    const longest = Math.max(...batch.map(({ ids }) => ids.length));
    return rows.map(({ outputs: found }, index) => {
      for (const [name, width] of Object.entries(outputs)) {
        if (found[name]!.length === width) continue;
        throw new EncoderError(
          "model",
          `The model ${path} gives ${found[name]!.length} numbers in ${name}, not ${width}.`,
        );
      }
      const logits = Object.fromEntries(Object.keys(heads).map((name) => [name, found[outputOf(name)]!]));
      const { ids, cut, isTagged: isOwn } = batch[index]!;
      const own = isOwn && isTagged ? tagsOf(found[TAGS]!, ids.length, longest) : undefined;
      return {
        vector: found["vector"]!,
        features: found["features"]!,
        logits,
        ...(own && { tags: own }),
        tokens: ids.length,
        cut,
      };
    });
  }

  /** Those of a text, without its padding up to the longest of the batch. */
  function tagsOf(found: Float32Array, tokens: number, longest: number): Float32Array {
    if (found.length === longest * tags) return found.slice(0, tokens * tags);
    throw new EncoderError(
      "model",
      `The model ${path} gives ${found.length / longest} numbers for a token in ${TAGS}, not ${tags}.`,
    );
  }

  // A first, empty text: what does not fit the manifest is told at the start.
  await read([{ ids: Int32Array.of(padding, padding), cut: false, isTagged: true }]);
  return { read };
}

const outputOf = (head: string) => `head_${head}`;
const prefixed = (heads: FullSource["heads"]) =>
  Object.fromEntries(Object.entries(heads).map(([name, width]) => [outputOf(name), width]));

import { Tokenizer } from "@huggingface/tokenizers";
import { z } from "zod";
import { EncoderError } from "./encoder.ts";
import type { RawReading } from "./full.ts";
import { readJson } from "./manifest.ts";
import type { OwnManifest, OwnSource } from "./own-manifest.ts";
import { openSession, type Row } from "./session.ts";
import { unit } from "./vector.ts";

const MOST_TOKENIZER_BYTES = 134_217_728;
/** Units of text shown to the tokenizer for each token that the model can read: words are seldom longer. */
const UNITS_PER_TOKEN = 32;

export interface OwnModel {
  read(batch: readonly string[]): Promise<RawReading[]>;
}

/** @throws EncoderError `model` that names the file which is wrong */
export async function createOwn({ model, tokenizer: tokenizerFile, manifest }: OwnSource): Promise<OwnModel> {
  const tokenize = await readTokenizer(tokenizerFile, manifest);
  const session = await openSession(model);
  const heads = Object.entries(manifest.heads);
  const wanted = [...new Set([manifest.output, ...heads.map(([, { output }]) => output)])];
  const missing = wanted.find((name) => !session.outputs.includes(name));
  if (missing !== undefined) {
    throw new EncoderError(
      "model",
      `The model ${model} has no output ${missing}; it has ${session.outputs.join(", ")}.`,
    );
  }

  function reading({ outputs }: Row, { ids, cut }: Tokenized): RawReading {
    // Of unit length, so the sum of the tokens will do for their mean.
    const vector = unit(pool(outputs[manifest.output]!, ids.length, manifest));
    const logits = heads.map(([name, { output, labels: names }]) => {
      const found = outputs[output]!;
      if (found.length === names.length) return [name, found] as const;
      throw new EncoderError("model", `The model's output ${output} has ${found.length} numbers, not ${names.length}.`);
    });
    return { vector, features: vector, logits: Object.fromEntries(logits), tokens: ids.length, cut };
  }

  async function read(batch: readonly string[]): Promise<RawReading[]> {
    const texts = batch.map(tokenize);
    const rows = await session.run(texts, 0, wanted);
    return rows.map((row, index) => reading(row, texts[index]!));
  }

  // What does not fit the manifest is told at the start.
  await read(["a"]);
  return { read };
}

interface Tokenized {
  readonly ids: Int32Array;
  readonly cut: boolean;
}

/** The library's tokenizer, cut to the length that the model can read with its special tokens kept. */
async function readTokenizer(path: string, { maxTokens, prefix }: OwnManifest): Promise<(text: string) => Tokenized> {
  const file = await readJson(path, z.record(z.string(), z.unknown()), MOST_TOKENIZER_BYTES);
  let tokenizer: Tokenizer;
  let around: { before: number[]; after: number[] };
  try {
    tokenizer = new Tokenizer(file, {});
    around = specialsOf(tokenizer);
  } catch (cause) {
    throw new EncoderError("model", `${path} is no tokenizer.json that can be read.`, { cause });
  }
  const { before, after } = around;
  const room = maxTokens - before.length - after.length;
  return (text) => {
    const shown = prefix + text.slice(0, maxTokens * UNITS_PER_TOKEN);
    const { ids } = tokenizer.encode(shown, { add_special_tokens: false });
    const kept = Int32Array.from([...before, ...ids.slice(0, room), ...after]);
    return {
      // A model must have something to read.
      ids: kept.length > 0 ? kept : Int32Array.of(0),
      cut: ids.length > room || text.length > maxTokens * UNITS_PER_TOKEN,
    };
  };
}

/** The special tokens that the tokenizer puts around every text. */
function specialsOf(tokenizer: Tokenizer): { before: number[]; after: number[] } {
  const bare: number[] = tokenizer.encode("a", { add_special_tokens: false }).ids;
  const whole: number[] = tokenizer.encode("a").ids;
  const count = whole.length - bare.length;
  for (let start = 0; start <= count; start++) {
    if (bare.every((id, index) => whole[start + index] === id)) {
      return { before: whole.slice(0, start), after: whole.slice(start + bare.length) };
    }
  }
  return { before: [], after: [] };
}

function pool(output: Float32Array, tokens: number, { output: name, pooling, dimensions }: OwnManifest): Float32Array {
  const isWhole = pooling === "none" ? output.length === dimensions : output.length % dimensions === 0;
  if (!isWhole) {
    throw new EncoderError("model", `The model's output ${name} is no multiple of ${dimensions} numbers wide.`);
  }
  if (pooling === "none") return output;
  const sum = output.slice(0, dimensions);
  if (pooling === "first") return sum;
  for (let at = dimensions; at < tokens * dimensions; at++) sum[at % dimensions]! += output[at]!;
  return sum;
}

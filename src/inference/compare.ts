import { EncoderError } from "./encoder.ts";
import { type Input, openSession } from "./session.ts";

/** Two texts, one behind the other with the second one's kind 1, in either order. */
export type PairInput = readonly [Input, Input];

/** What a worker needs to load the model that reads two texts at once. */
export interface ComparingSource {
  readonly path: string;
  readonly padding: number;
}

/** Says of two texts whether they ask for the same. */
export interface Comparing {
  /** A logit for each pair: the mean of both orders. */
  read(batch: readonly PairInput[]): Promise<number[]>;
}

const OUTPUT = "same";

/** @throws EncoderError `model` where the file is no such model */
export async function createComparing({ path, padding }: ComparingSource): Promise<Comparing> {
  const session = await openSession(path);
  if (!session.outputs.includes(OUTPUT)) throw new EncoderError("model", `The model ${path} has no output ${OUTPUT}.`);
  return {
    async read(batch) {
      const rows = await session.run(batch.flat(), padding, [OUTPUT]);
      const logits = rows.map(({ outputs }) => outputs[OUTPUT]![0]!);
      return batch.map((_, at) => (logits[2 * at]! + logits[2 * at + 1]!) / 2);
    },
  };
}

/** `a` and `b` each from [CLS] to [SEP]. */
export function pairOf(a: Input, b: Input): PairInput {
  return [joined(a, b), joined(b, a)];
}

function joined(first: Input, second: Input): Input {
  const [start, rest] = [first.ids.length, second.ids.length - 1];
  const join = (one: Int32Array, other: Int32Array): Int32Array => {
    const both = new Int32Array(start + rest);
    both.set(one);
    both.set(other.subarray(1), start);
    return both;
  };
  return {
    ids: join(first.ids, second.ids),
    cases: join(first.cases ?? new Int32Array(start), second.cases ?? new Int32Array(rest + 1)),
    kinds: new Int32Array(start + rest).fill(1, start),
  };
}

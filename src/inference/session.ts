import { InferenceSession, Tensor } from "onnxruntime-node";
import { EncoderError } from "./encoder.ts";

/** What a model gave for one text, cut out of its batch. */
export interface Row {
  /** By name of output: this text's part. */
  readonly outputs: Readonly<Record<string, Float32Array>>;
}

/** One text for a model. */
export interface Input {
  readonly ids: Int32Array;
  /** How each token is written, for models that ask for it; see case.ts. */
  readonly cases?: Int32Array;
  /** Of two texts behind each other, which one a token belongs to: 0 or 1. */
  readonly kinds?: Int32Array;
}

/** A transformer in onnxruntime. `run` blocks its thread while it computes. */
export interface Session {
  readonly outputs: readonly string[];
  /**
   * Reads texts as one batch, padded to the longest.
   * @param wanted names of the outputs that are needed
   */
  run(batch: readonly Input[], padding: number, wanted: readonly string[]): Promise<Row[]>;
}

const INPUTS = ["input_ids", "attention_mask", "token_type_ids", "token_cases"] as const;

/**
 * One thread for each session: the pool of workers is what runs side by side.
 * @throws EncoderError `model` where the file is no model, or asks for inputs that we do not have
 */
export async function openSession(path: string): Promise<Session> {
  const session = await open(path);
  const unknown = session.inputNames.find((name) => !INPUTS.some((known) => known === name));
  if (unknown !== undefined || !session.inputNames.includes("input_ids")) {
    throw new EncoderError(
      "model",
      `The model ${path} takes ${session.inputNames.join(", ")}; what can be given is ${INPUTS.join(", ")}.`,
    );
  }
  return {
    outputs: session.outputNames,
    async run(batch, padding, wanted) {
      const length = Math.max(...batch.map(({ ids }) => ids.length));
      const inputs = pad(batch, length, padding);
      const feeds = Object.fromEntries(
        session.inputNames.map((name) => [name, inputs[name as (typeof INPUTS)[number]]]),
      );
      const found = await session.run(feeds, [...wanted]);
      return batch.map((_, index) => ({ outputs: rowOf(found, wanted, index, batch.length) }));
    },
  };
}

async function open(path: string): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(path, {
      executionProviders: ["cpu"],
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: "sequential",
      graphOptimizationLevel: "all",
      // An arena keeps the memory of the largest batch for ever.
      enableCpuMemArena: false,
      logSeverityLevel: 4,
    });
  } catch (cause) {
    throw new EncoderError("model", `The model ${path} cannot be loaded: it is damaged, or no ONNX model.`, { cause });
  }
}

function pad(batch: readonly Input[], length: number, padding: number): Record<(typeof INPUTS)[number], Tensor> {
  const shape = [batch.length, length];
  const ids = new BigInt64Array(batch.length * length).fill(BigInt(padding));
  const mask = new BigInt64Array(ids.length);
  const written = new BigInt64Array(ids.length);
  const types = new BigInt64Array(ids.length);
  for (const [row, { ids: tokens, cases, kinds }] of batch.entries()) {
    for (let at = 0; at < tokens.length; at++) {
      ids[row * length + at] = BigInt(tokens[at]!);
      written[row * length + at] = BigInt(cases?.[at] ?? 0);
      types[row * length + at] = BigInt(kinds?.[at] ?? 0);
    }
    mask.fill(1n, row * length, row * length + tokens.length);
  }
  return {
    input_ids: new Tensor("int64", ids, shape),
    attention_mask: new Tensor("int64", mask, shape),
    token_type_ids: new Tensor("int64", types, shape),
    token_cases: new Tensor("int64", written, shape),
  };
}

/** Copies this text's part, so that what leaves the thread is no larger. */
function rowOf(
  found: InferenceSession.OnnxValueMapType,
  wanted: readonly string[],
  index: number,
  count: number,
): Record<string, Float32Array> {
  const row: Record<string, Float32Array> = {};
  for (const name of wanted) {
    const data = found[name]?.data;
    if (!(data instanceof Float32Array)) throw new EncoderError("model", `The model's output ${name} is no float32.`);
    const width = data.length / count;
    row[name] = data.slice(index * width, (index + 1) * width);
  }
  return row;
}

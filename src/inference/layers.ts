import { EncoderError } from "./encoder.ts";
import { createAllocator } from "./kernel.ts";
import type { Manifest } from "./manifest.ts";
import type { HeadReading } from "./prediction.ts";
import type { Tensor, Tensors } from "./safetensors.ts";
import { SHAPES } from "./shape.ts";

/** Inputs whose hidden layers are computed together. */
export const TOGETHER = 4;
/** What the kernel wants lengths to be multiples of. */
const LANES = 16;
const FLOAT_BYTES = 4;

/** Value = row x its scale. Addresses of tables. */
export interface Table {
  readonly rows: number;
  readonly scales: number;
  readonly count: number;
  readonly width: number;
}

/** [outputs][inputs]: the weight is a table, the rest stands in own memory; `out` has room for TOGETHER. */
export interface Linear {
  readonly weight: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly bias: number;
  readonly out: number;
}

export interface Head extends Linear {
  readonly reading: HeadReading;
}

/** Where everything stands that the static stage computes with, in bytes. */
export interface Layers {
  readonly tokens: Table;
  readonly pairs: Table;
  /** Tables. */
  readonly norm: { readonly weight: number; readonly bias: number };
  readonly up: Linear;
  readonly vector: Linear;
  readonly heads: Readonly<Record<string, Head>>;
  /** In own memory: rows to be summed up, their sums, and TOGETHER inputs. */
  readonly list: number;
  readonly sums: number;
  readonly input: number;
  /** Pages of own memory. */
  readonly pages: number;
  /** What own memory holds from the beginning, beside zeros. */
  readonly biases: ReadonlyArray<readonly [at: number, values: Float32Array]>;
}

/**
 * Lays out the tensors, and a thread's own memory for `most` tokens at a time.
 * @throws EncoderError `model` where a tensor is missing or does not fit
 */
export function layOut(tensors: Tensors, { static: own, heads }: Manifest, most: number): Layers {
  const { take, pages } = createAllocator();
  const biases: (readonly [number, Float32Array])[] = [];
  const linear = (name: string, outputs: number, inputs: number): Linear => {
    const { byteOffset: weight } = floats(tensors, `${name}.weight`, [outputs, inputs]);
    const bias = take(FLOAT_BYTES * outputs);
    // Zeros where the file has none.
    if (tensors.named[`${name}.bias`]) biases.push([bias, floats(tensors, `${name}.bias`, [outputs])]);
    return { weight, inputs, outputs, bias, out: take(FLOAT_BYTES * TOGETHER * outputs) };
  };
  const [tokens, pairs] = [readTable(tensors, "tokens"), readTable(tensors, "pairs")];
  const width = tokens.width + pairs.width;
  if ([tokens.width, pairs.width, own.features].some((length) => length % LANES > 0)) {
    throw unfit(`its tables and its hidden layer are no multiples of ${LANES} wide`);
  }
  const named = Object.entries(heads).map(([name, { labels, kind, static: fit }]): [string, Head] => {
    const reading = { labels, kind, temperature: fit.temperature };
    return [name, { ...linear(`head.${name}`, labels.length, own.features), reading }];
  });
  return {
    tokens,
    pairs,
    norm: {
      weight: floats(tensors, "norm.weight", [width]).byteOffset,
      bias: floats(tensors, "norm.bias", [width]).byteOffset,
    },
    up: linear("up", own.features, width + SHAPES),
    vector: linear("vector", own.dimensions, tokens.width),
    heads: Object.fromEntries(named),
    list: take(FLOAT_BYTES * most),
    sums: take(FLOAT_BYTES * width),
    input: take(FLOAT_BYTES * TOGETHER * (width + SHAPES)),
    pages: pages(),
    biases,
  };
}

function readTable(tensors: Tensors, name: string): Table {
  const { data, shape } = tensorOf(tensors, `${name}.rows`);
  const [count = 0, width = 0] = shape;
  if (!(data instanceof Int8Array) || shape.length !== 2) throw unfit(`${name}.rows is no table of 8-bit numbers`);
  return { rows: data.byteOffset, scales: floats(tensors, `${name}.scales`, [count]).byteOffset, count, width };
}

function floats(tensors: Tensors, name: string, shape: readonly number[]): Float32Array {
  const { data, shape: found } = tensorOf(tensors, name);
  if (data instanceof Float32Array && found.join() === shape.join()) return data;
  throw unfit(`${name} has shape [${found.join(", ")}], not [${shape.join(", ")}] of floats`);
}

function tensorOf({ named }: Tensors, name: string): Tensor {
  const tensor = named[name];
  if (!tensor) throw unfit(`${name} is missing`);
  return tensor;
}

const unfit = (what: string) =>
  new EncoderError("model", `The static stage does not fit its manifest: ${what}. Install the package again.`);

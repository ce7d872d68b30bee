import { EncoderError, type Prediction, type Suspect } from "./encoder.ts";
import type { Manifest } from "./manifest.ts";
import { predict, type HeadReading } from "./prediction.ts";
import type { Tensor, Tensors } from "./safetensors.ts";
import { shapeOf, SHAPES } from "./shape.ts";
import type { ScanReading, StaticReading, StaticStage } from "./stage.ts";
import { suspicionOf } from "./suspects.ts";

/** Tokens from the beginning of a text that tell what it means: as many as in training. */
const MOST_TOKENS = 256;

/**
 * The static stage: vectors of tokens and of pairs of neighbours, summed; one hidden layer; a linear head a task.
 * models/train/static.py has the same arithmetic and says how the numbers came about. Plain and synchronous: some
 * 0.15 ms for a text of 64 tokens.
 */
export function createStatic(tensors: Tensors, manifest: Manifest): StaticStage {
  const net = readNet(tensors, manifest);
  const { safety } = net.heads;
  const suspectFrom = manifest.heads["safety"]?.full?.from ?? Infinity;
  const { tokens: window, overlap } = manifest.static.window;
  // Reused from call to call: nothing here waits, and what leaves is copied.
  const scratch = { sums: new Float32Array(net.width), input: new Float32Array(net.width + SHAPES) };

  return {
    encode(ids, text): StaticReading {
      const read = ids.length > MOST_TOKENS ? ids.subarray(0, MOST_TOKENS) : ids;
      addUp(net, read, 0, read.length, scratch.sums);
      const features = featuresOf(net, scratch, read.length, shapeOf(text));
      const heads: Record<string, Prediction> = {};
      for (const [name, head] of net.named) heads[name] = readHead(head, features);
      return withVector(net, scratch.sums.slice(0, net.tokens.width), { features, heads });
    },
    scan(ids, starts, ends, text, wants): ScanReading {
      if (!wants.safety || safety === undefined || ids.length === 0) return { safety: {}, suspects: [], entities: [] };
      const worst: Record<string, number> = {};
      const suspects: Suspect[] = [];
      for (const from of windowsOf(ids.length, window, window - overlap)) {
        const to = Math.min(ids.length, from + window);
        const shape = shapeOf(text, starts[from], ends[to - 1]);
        addUp(net, ids, from, to, scratch.sums);
        const features = featuresOf(net, scratch, to - from, shape);
        const { probabilities } = readHead(safety, features);
        for (const [label, probability] of Object.entries(probabilities)) {
          if (label !== "benign") worst[label] = Math.max(worst[label] ?? 0, probability);
        }
        const suspicion = suspicionOf(probabilities);
        if (suspicion >= suspectFrom) {
          suspects.push({ start: starts[from]!, end: ends[to - 1]!, suspicion, probabilities });
        }
      }
      return { safety: worst, suspects, entities: [] };
    },
  };
}

/** Most requests ask for heads alone, so the vector is computed when it is first looked at. */
function withVector(net: Net, sums: Float32Array, reading: Omit<StaticReading, "vector">): StaticReading {
  let vector: Float32Array | undefined;
  return {
    ...reading,
    get vector() {
      return (vector ??= vectorOf(net, sums));
    },
  };
}

interface Net {
  /** Numbers of a token's vector and of a pair's together. */
  readonly width: number;
  readonly tokens: Table;
  readonly pairs: Table;
  readonly normWeight: Float32Array;
  readonly normBias: Float32Array;
  readonly up: Linear;
  readonly vector: Linear;
  readonly heads: Readonly<Record<string, Head>>;
  readonly named: ReadonlyArray<readonly [string, Head]>;
}

/** What one call leaves for the next to write over. */
interface Scratch {
  readonly sums: Float32Array;
  readonly input: Float32Array;
}

/** Value = row x its scale. */
interface Table {
  readonly rows: Int8Array;
  readonly scales: Float32Array;
  readonly count: number;
  readonly width: number;
}

/** [outputs][inputs] */
interface Linear {
  readonly weight: Float32Array;
  readonly bias: Float32Array;
  readonly inputs: number;
  readonly outputs: number;
}

interface Head extends Linear {
  readonly reading: HeadReading;
}

/** Token and pair vectors of some tokens, added up; pairs behind tokens. */
function addUp({ tokens, pairs }: Net, ids: Int32Array, from: number, to: number, sums: Float32Array): void {
  sums.fill(0);
  for (let at = from; at < to; at++) {
    addRow(tokens, ids[at]!, sums, 0);
    if (at > from) addRow(pairs, bucketOf(ids[at - 1]!, ids[at]!, pairs.count), sums, tokens.width);
  }
}

function addRow({ rows, scales, width }: Table, row: number, sums: Float32Array, offset: number): void {
  const scale = scales[row]!;
  if (scale === 0) return;
  const start = row * width;
  for (let k = 0; k < width; k++) sums[offset + k]! += scale * rows[start + k]!;
}

/** The bucket that a pair of neighbours shares with few others; as `bigrams` in models/train/static.py. */
function bucketOf(a: number, b: number, buckets: number): number {
  let mixed = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca77);
  mixed ^= mixed >>> 15;
  return (Math.imul(mixed, 0x2c1b3c6d) >>> 15) % buckets;
}

const NORM_EPSILON = 1e-5;

/** The hidden layer: sums over the root of the number of tokens, normalised, with the shape beside them. */
function featuresOf(net: Net, { sums, input }: Scratch, count: number, shape: Float32Array): Float32Array {
  const { width } = net;
  const scale = 1 / Math.sqrt(Math.max(1, count));
  let mean = 0;
  for (let k = 0; k < width; k++) mean += sums[k]! * scale;
  mean /= width;
  let variance = 0;
  for (let k = 0; k < width; k++) variance += (sums[k]! * scale - mean) ** 2;
  const deviation = 1 / Math.sqrt(variance / width + NORM_EPSILON);
  for (let k = 0; k < width; k++) {
    input[k] = (sums[k]! * scale - mean) * deviation * net.normWeight[k]! + net.normBias[k]!;
  }
  input.set(shape, width);
  const hidden = multiply(net.up, input);
  for (let k = 0; k < hidden.length; k++) hidden[k] = gelu(hidden[k]!);
  return hidden;
}

function vectorOf({ vector }: Net, sums: Float32Array): Float32Array {
  const found = multiply(vector, sums);
  let square = 0;
  for (const value of found) square += value * value;
  // A text without tokens points nowhere; any unit vector is as good as another.
  if (square === 0) found[0] = 1;
  const scale = square === 0 ? 1 : 1 / Math.sqrt(square);
  for (let k = 0; k < found.length; k++) found[k]! *= scale;
  return found;
}

const readHead = (head: Head, features: Float32Array): Prediction => predict(multiply(head, features), head.reading);

/** Four sums side by side: the engine does not vectorise, but it does overlap them. */
function multiply({ weight, bias, inputs, outputs }: Linear, input: Float32Array): Float32Array {
  const output = new Float32Array(outputs);
  const even = inputs - (inputs % 4);
  for (let row = 0; row < outputs; row++) {
    const start = row * inputs;
    let [a, b, c, d] = [bias[row]!, 0, 0, 0];
    for (let k = 0; k < even; k += 4) {
      a += weight[start + k]! * input[k]!;
      b += weight[start + k + 1]! * input[k + 1]!;
      c += weight[start + k + 2]! * input[k + 2]!;
      d += weight[start + k + 3]! * input[k + 3]!;
    }
    for (let k = even; k < inputs; k++) a += weight[start + k]! * input[k]!;
    output[row] = a + b + c + d;
  }
  return output;
}

const gelu = (x: number) => 0.5 * x * (1 + erf(x * Math.SQRT1_2));

/** Abramowitz and Stegun 7.1.26: off by 1.5e-7 at most. */
function erf(x: number): number {
  const z = Math.abs(x);
  const t = 1 / (1 + 0.3275911 * z);
  const tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - tail * Math.exp(-z * z));
}

/** Where windows begin; the last one ends with the text. */
function windowsOf(count: number, size: number, step: number): number[] {
  if (count <= size) return [0];
  const starts: number[] = [];
  for (let at = 0; at < count - size; at += step) starts.push(at);
  return [...starts, count - size];
}

function readNet(tensors: Tensors, { static: shape, heads }: Manifest): Net {
  const tokens = readTable(tensors, "tokens");
  const pairs = readTable(tensors, "pairs");
  const width = tokens.width + pairs.width;
  const up = readLinear(tensors, "up", shape.features, width + SHAPES);
  const named = Object.entries(heads).map(([name, { labels, kind, static: fit }]) => {
    const reading = { labels, kind, temperature: fit.temperature };
    return [name, { ...readLinear(tensors, `head.${name}`, labels.length, shape.features), reading }] as const;
  });
  return {
    width,
    tokens,
    pairs,
    normWeight: floats(tensors, "norm.weight", [width]),
    normBias: floats(tensors, "norm.bias", [width]),
    up,
    vector: readLinear(tensors, "vector", shape.dimensions, tokens.width),
    heads: Object.fromEntries(named),
    named,
  };
}

function readTable(tensors: Tensors, name: string): Table {
  const { data, shape } = tensorOf(tensors, `${name}.rows`);
  const [count = 0, width = 0] = shape;
  if (!(data instanceof Int8Array) || shape.length !== 2) throw unfit(`${name}.rows is no table of 8-bit numbers`);
  return { rows: data, scales: floats(tensors, `${name}.scales`, [count]), count, width };
}

/** Without a bias where the file has none. */
function readLinear(tensors: Tensors, name: string, outputs: number, inputs: number): Linear {
  const weight = floats(tensors, `${name}.weight`, [outputs, inputs]);
  const bias = tensors[`${name}.bias`] ? floats(tensors, `${name}.bias`, [outputs]) : new Float32Array(outputs);
  return { weight, bias, inputs, outputs };
}

function floats(tensors: Tensors, name: string, shape: readonly number[]): Float32Array {
  const { data, shape: found } = tensorOf(tensors, name);
  if (data instanceof Float32Array && found.join() === shape.join()) return data;
  throw unfit(`${name} has shape [${found.join(", ")}], not [${shape.join(", ")}] of floats`);
}

function tensorOf(tensors: Tensors, name: string): Tensor {
  const tensor = tensors[name];
  if (!tensor) throw unfit(`${name} is missing`);
  return tensor;
}

const unfit = (what: string) =>
  new EncoderError("model", `The static stage does not fit its manifest: ${what}. Install the package again.`);

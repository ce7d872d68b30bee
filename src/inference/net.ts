import type { Prediction } from "./encoder.ts";
import { createKernel } from "./kernel.ts";
import { layOut, type Linear, TOGETHER } from "./layers.ts";
import type { Manifest } from "./manifest.ts";
import { predict } from "./prediction.ts";
import type { Tensors } from "./safetensors.ts";
import { unit } from "./vector.ts";

/** The static stage's forward pass, in steps. What a step computes stands until it is taken again. */
export interface Net {
  /** Sums up the vectors of tokens `from` to `to` for the input at `place`, which is below TOGETHER. */
  put(place: number, ids: Int32Array, from: number, to: number, shape: readonly number[]): void;
  /** The hidden layers of the first `count` inputs. */
  run(count: number): void;
  /** A copy of one of them. */
  features(place: number): Float32Array;
  /** What a head says of the first `count` inputs. Undefined where there is no such head. */
  read(name: string, count: number): Prediction[] | undefined;
  /** A copy of the sums that were put last: what their vector is made of. */
  sums(): Float32Array;
  /** At unit length. */
  vectorOf(sums: Float32Array): Float32Array;
}

/**
 * @param most tokens of one input
 * @throws EncoderError `model` where a tensor is missing or does not fit
 */
export function createNet(tensors: Tensors, manifest: Manifest, most: number): Net {
  const layers = layOut(tensors, manifest, most);
  const { tokens, pairs, norm, up, vector, heads, pages } = layers;
  const own = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const kernel = createKernel(tensors.memory, own);
  const floats = (at: number, length: number) => new Float32Array(own.buffer, at, length);
  for (const [at, values] of layers.biases) floats(at, values.length).set(values);
  const list = new Int32Array(own.buffer, layers.list, most);
  const sums = floats(layers.sums, tokens.width);
  const input = floats(layers.input, TOGETHER * up.inputs);
  const hidden = floats(up.out, TOGETHER * up.outputs);
  const found = floats(vector.out, vector.outputs);
  const logits = Object.fromEntries(
    Object.entries(heads).map(([name, { out, outputs }]) => [name, floats(out, TOGETHER * outputs)]),
  );
  const width = tokens.width + pairs.width;

  function apply({ weight, bias, inputs, outputs, out }: Linear, from: number, count: number): void {
    const multiply = count === 1 ? kernel.multiply : kernel.multiplyFour;
    multiply(weight, bias, inputs, outputs, from, out);
  }

  return {
    put(place, ids, from, to, shape) {
      for (let at = from; at < to; at++) list[at - from] = ids[at]!;
      kernel.addRows(tokens.rows, tokens.scales, tokens.width, layers.list, to - from, layers.sums);
      for (let at = from + 1; at < to; at++) list[at - from - 1] = bucketOf(ids[at - 1]!, ids[at]!, pairs.count);
      const behind = layers.sums + sums.byteLength;
      kernel.addRows(pairs.rows, pairs.scales, pairs.width, layers.list, Math.max(0, to - from - 1), behind);
      const scale = 1 / Math.sqrt(Math.max(1, to - from));
      const start = place * up.inputs;
      const out = layers.input + start * input.BYTES_PER_ELEMENT;
      kernel.normalise(layers.sums, width, scale, norm.weight, norm.bias, out);
      input.set(shape, start + width);
    },
    run(count) {
      apply(up, layers.input, count);
      kernel.gelu(up.out, count * up.outputs);
    },
    features: (place) => hidden.slice(place * up.outputs, (place + 1) * up.outputs),
    read(name, count) {
      const head = heads[name];
      if (head === undefined) return undefined;
      apply(head, up.out, count);
      return Array.from({ length: count }, (_, place) => {
        return predict(logits[name]!.subarray(place * head.outputs, (place + 1) * head.outputs), head.reading);
      });
    },
    sums: () => sums.slice(),
    vectorOf(kept) {
      sums.set(kept);
      apply(vector, layers.sums, 1);
      // A text without tokens points nowhere; any unit vector is as good as another.
      return found.some((value) => value !== 0)
        ? unit(found)
        : Float32Array.from(found, (_, index) => (index === 0 ? 1 : 0));
    },
  };
}

/** The bucket that a pair of neighbours shares with few others; as `bigrams` in models/train/static.py. */
function bucketOf(a: number, b: number, buckets: number): number {
  let mixed = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca77);
  mixed ^= mixed >>> 15;
  return (Math.imul(mixed, 0x2c1b3c6d) >>> 15) % buckets;
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { assemble } from "../../scripts/kernel.ts";
import { KERNEL_CODE } from "../../src/inference/kernel-code.ts";
import { createAllocator, createKernel } from "../../src/inference/kernel.ts";

const memories = {
  tables: new WebAssembly.Memory({ initial: 2, maximum: 2, shared: true }),
  own: new WebAssembly.Memory({ initial: 2, maximum: 2 }),
};
const kernel = createKernel(memories.tables, memories.own);
const { take } = createAllocator();

/** Numbers of about -2 to 2, the same in every run. */
const wave = (index: number) => 2 * Math.sin(index * 1.7 + (index % 7));

function floats(where: keyof typeof memories, length: number): Float32Array {
  const values = new Float32Array(memories[where].buffer, take(4 * length), length);
  for (const index of values.keys()) values[index] = wave(index + values.byteOffset);
  return values;
}

function assertNear(found: ArrayLike<number>, wanted: readonly number[]): void {
  assert.equal(found.length, wanted.length);
  for (const [index, value] of wanted.entries()) {
    assert.ok(Math.abs(found[index]! - value) <= 1e-5 * Math.max(1, Math.abs(value)), `${index}: ${found[index]}`);
  }
}

const total = (values: Iterable<number>) => [...values].reduce((sum, value) => sum + value, 0);

test("the code is what the text assembles to", async () => {
  assert.equal(KERNEL_CODE, await assemble());
});

for (const [width, list] of [
  [16, [3]],
  [48, [0, 9, 9, 4]],
  [64, []],
] as const) {
  test(`${list.length} rows of ${width} numbers are scaled and summed up, whatever stood there before`, () => {
    const rows = new Int8Array(memories.tables.buffer, take(10 * width), 10 * width);
    for (const index of rows.keys()) rows[index] = (index * 37) % 256;
    const scales = floats("tables", 10);
    const named = new Int32Array(memories.own.buffer, take(64), 16);
    named.set(list);
    const out = floats("own", width);
    kernel.addRows(rows.byteOffset, scales.byteOffset, width, named.byteOffset, list.length, out.byteOffset);
    const wanted = Array.from(out, (_, column) => total(list.map((row) => scales[row]! * rows[row * width + column]!)));
    assertNear(out, wanted);
  });
}

test("numbers are scaled, and normalised with weight and bias", () => {
  const [from, out] = [floats("own", 48), floats("own", 48)];
  const [weight, bias] = [floats("tables", 48), floats("tables", 48)];
  kernel.normalise(from.byteOffset, 48, 0.25, weight.byteOffset, bias.byteOffset, out.byteOffset);
  const scaled = Array.from(from, (value) => value * 0.25);
  const mean = total(scaled) / 48;
  const deviation = Math.sqrt(total(scaled.map((value) => (value - mean) ** 2)) / 48 + 1e-5);
  assertNear(
    out,
    scaled.map((value, index) => ((value - mean) / deviation) * weight[index]! + bias[index]!),
  );
});

for (const [name, count] of [
  ["multiply", 1],
  ["multiplyFour", 4],
] as const) {
  test(`${name} gives every row's product with ${count} input(s), and the bias`, () => {
    const [inputs, outputs] = [48, 5];
    const weight = floats("tables", inputs * outputs);
    const [bias, input] = [floats("own", outputs), floats("own", count * inputs)];
    const out = floats("own", count * outputs);
    kernel[name](weight.byteOffset, bias.byteOffset, inputs, outputs, input.byteOffset, out.byteOffset);
    const wanted = Array.from(out, (_, index) => {
      const [own, row] = [Math.floor(index / outputs) * inputs, index % outputs];
      const products = Array.from({ length: inputs }, (_, k) => weight[row * inputs + k]! * input[own + k]!);
      return bias[row]! + total(products);
    });
    assertNear(out, wanted);
  });
}

test("gelu is half of x and its error function, from far below zero to far above", () => {
  const values = new Float32Array(memories.own.buffer, take(4 * 64), 64);
  const known = [
    [-1000, 0],
    [-20, 0],
    [-3, -0.0040496941],
    [-1, -0.1586552539],
    [-0.1, -0.0460172163],
    [0, 0],
    [0.5, 0.3457312306],
    [2, 1.9544997361],
    [9, 9],
    [1000, 1000],
  ] as const;
  values.set(known.map(([x]) => x));
  kernel.gelu(values.byteOffset, 16);
  assertNear(
    values.subarray(0, known.length),
    known.map(([, y]) => y),
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { EncoderError } from "../../src/inference/encoder.ts";
import { readSafetensors } from "../../src/inference/safetensors.ts";
import { safetensors } from "./rig.ts";

const bytesOf = (values: Float32Array | Int32Array | Int8Array | Uint16Array) => new Uint8Array(values.buffer);

test("tensors of every type are read, wherever the header ends, into one shared memory", () => {
  for (const pad of [0, 1, 2, 3, 5]) {
    const file = safetensors(
      {
        small: { dtype: "I8", shape: [3], bytes: bytesOf(Int8Array.of(-128, 0, 127)) },
        half: {
          dtype: "F16",
          shape: [2, 4],
          bytes: bytesOf(Uint16Array.of(0x3c00, 0xc000, 0x3555, 1, 0x7bff, 0x8000, 0x7c00, 0xfc00)),
        },
        float: { dtype: "F32", shape: [2], bytes: bytesOf(Float32Array.of(0.5, -3)) },
        whole: { dtype: "I32", shape: [1, 2], bytes: bytesOf(Int32Array.of(-7, 70_000)) },
        nothing: { dtype: "F32", shape: [0, 4], bytes: new Uint8Array(0) },
      },
      pad,
    );
    // At an odd place of its buffer, as a piece of another file may be.
    const moved = new Uint8Array(file.length + 1).subarray(1);
    moved.set(file);
    const { memory, named } = readSafetensors(moved, "x");
    const { small, half, float, whole, nothing } = named;
    assert.deepEqual(small, { shape: [3], data: Int8Array.of(-128, 0, 127) });
    assert.deepEqual([...half!.data], [1, -2, 0.333251953125, 2 ** -24, 65504, -0, Infinity, -Infinity]);
    assert.deepEqual(half!.shape, [2, 4]);
    assert.deepEqual([...float!.data], [0.5, -3]);
    assert.deepEqual([...whole!.data], [-7, 70_000]);
    assert.equal(nothing!.data.length, 0);
    const buffers = new Set([small, half, float, whole].map((tensor) => tensor!.data.buffer));
    assert.deepEqual([...buffers], [memory.buffer]);
    assert.ok(memory.buffer instanceof SharedArrayBuffer);
  }
});

function withHeader(header: unknown, data = 16): Uint8Array {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(data)]);
}

const tensor = (change: Record<string, unknown>) => ({ dtype: "F32", shape: [2], data_offsets: [0, 8], ...change });

const WRONG: Readonly<Record<string, readonly [bytes: Uint8Array, says: RegExp]>> = {
  "is too short": [Buffer.alloc(5), /too short/],
  "has a header longer than the file": [Buffer.from([255, 255, 0, 0, 0, 0, 0, 0]), /header is longer/],
  "has a header of 2^63 bytes": [Buffer.from([0, 0, 0, 0, 0, 0, 0, 128, 1]), /header is longer/],
  "has no JSON in its header": [withHeader("{{"), /no JSON object/],
  "has a list in its header": [withHeader([1]), /no JSON object/],
  "has a type that is not read": [withHeader({ a: tensor({ dtype: "BF16" }) }), /tensor a is wrong/],
  "has a negative shape": [withHeader({ a: tensor({ shape: [-2] }) }), /tensor a is wrong/],
  "has no offsets": [withHeader({ a: { dtype: "F32", shape: [2] } }), /tensor a is wrong/],
  "has offsets that do not fit the shape": [withHeader({ a: tensor({ shape: [3] }) }), /does not fit its shape/],
  "has offsets that run backwards": [withHeader({ a: tensor({ data_offsets: [8, 0] }) }), /does not fit its shape/],
  "has a shape whose product overflows": [withHeader({ a: tensor({ shape: [2 ** 40, 2 ** 40] }) }), /does not fit/],
  "has tensors that overlap": [
    withHeader({ a: tensor({}), b: tensor({ data_offsets: [4, 12] }) }),
    /tensor b overlaps another/,
  ],
  "has a tensor beyond the end": [withHeader({ a: tensor({ data_offsets: [16, 24] }) }), /beyond the end/],
};

for (const [what, [bytes, says]] of Object.entries(WRONG)) {
  test(`a file that ${what} is refused with its name`, () => {
    assert.throws(
      () => readSafetensors(bytes, "static.safetensors"),
      (error: unknown) => {
        assert.ok(error instanceof EncoderError);
        assert.equal(error.fault, "model");
        assert.match(error.message, /^static\.safetensors /u);
        assert.match(error.message, says);
        return true;
      },
    );
  });
}

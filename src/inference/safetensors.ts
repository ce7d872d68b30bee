import { z } from "zod";
import { EncoderError } from "./encoder.ts";
import { createAllocator } from "./kernel.ts";

/** An array of numbers, row by row. 16-bit floats come as 32-bit ones. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Int8Array | Int32Array | Float32Array;
}

/** All of a file's tensors, in memory that threads and what is assembled for them share. */
export interface Tensors {
  readonly memory: WebAssembly.Memory;
  readonly named: Readonly<Record<string, Tensor>>;
}

const BYTES = { I8: 1, F16: 2, F32: 4, I32: 4 } as const;
type Kind = keyof typeof BYTES;

const MOST_HEADER_BYTES = 1_048_576;
const MOST_TENSORS = 1000;

const size = z.int().min(0);
const entry = z.object({
  dtype: z.enum(Object.keys(BYTES) as [Kind, ...Kind[]]),
  shape: z.array(size).max(8),
  data_offsets: z.tuple([size, size]),
});
const headerShape = z.record(z.string().max(256), z.unknown());

interface Place {
  readonly name: string;
  readonly kind: Kind;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a safetensors file. All tensors stand in one shared memory, so that threads use one copy.
 * @param name of the file, for the message
 * @throws EncoderError `model` where the header or a size is wrong, or tensors overlap
 */
export function readSafetensors(bytes: Uint8Array, name: string): Tensors {
  const broken = (what: string) => new EncoderError("model", `${name} is no usable safetensors file: ${what}.`);
  const { header, data } = parts(bytes, broken);
  const places = readPlaces(header, data.length, broken);
  const { take, pages } = createAllocator();
  const starts = places.map(({ kind, start, end }) => take(kind === "F16" ? 2 * (end - start) : end - start));
  const memory = new WebAssembly.Memory({ initial: pages(), maximum: pages(), shared: true });
  const tensors = places.map((place, index): [string, Tensor] => {
    return [place.name, { shape: place.shape, data: copy(place, data, memory.buffer, starts[index]!) }];
  });
  return { memory, named: Object.fromEntries(tensors) };
}

type Broken = (what: string) => EncoderError;

function parts(bytes: Uint8Array, broken: Broken): { header: string; data: Uint8Array } {
  if (bytes.length < 8) throw broken("it is too short");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > MOST_HEADER_BYTES || 8 + length > bytes.length) throw broken("its header is longer than it may be");
  return { header: Buffer.from(bytes.subarray(8, 8 + length)).toString("utf8"), data: bytes.subarray(8 + length) };
}

function readPlaces(header: string, dataBytes: number, broken: Broken): Place[] {
  const entries = Object.entries(parseHeader(header, broken)).filter(([name]) => name !== "__metadata__");
  if (entries.length > MOST_TENSORS) throw broken(`it has more than ${MOST_TENSORS} tensors`);
  const places = entries.map(([name, value]): Place => {
    const read = entry.safeParse(value);
    if (!read.success) throw broken(`the header of tensor ${name} is wrong, or its type is none of I8, F16, F32, I32`);
    const { dtype, shape, data_offsets: offsets } = read.data;
    return { name, kind: dtype, shape, start: offsets[0], end: offsets[1] };
  });
  places.sort((a, b) => a.start - b.start || a.end - b.end);
  let before = 0;
  for (const { name, kind, shape, start, end } of places) {
    if (end - start !== BYTES[kind] * shape.reduce((product, length) => product * length, 1)) {
      throw broken(`the size of tensor ${name} does not fit its shape`);
    }
    if (start < before) throw broken(`tensor ${name} overlaps another`);
    if (end > dataBytes) throw broken(`tensor ${name} reaches beyond the end`);
    before = end;
  }
  return places;
}

function parseHeader(header: string, broken: Broken): Record<string, unknown> {
  try {
    return headerShape.parse(JSON.parse(header));
  } catch {
    throw broken("its header is no JSON object");
  }
}

function copy({ kind, start, end }: Place, data: Uint8Array, memory: ArrayBufferLike, at: number): Tensor["data"] {
  const source = data.subarray(start, end);
  if (kind === "F16") return widen(source, new Float32Array(memory, at, source.length / 2));
  new Uint8Array(memory, at, source.length).set(source);
  if (kind === "I8") return new Int8Array(memory, at, source.length);
  if (kind === "I32") return new Int32Array(memory, at, source.length / 4);
  return new Float32Array(memory, at, source.length / 4);
}

/** 16-bit floats, little-endian, as 32-bit ones: exact, since every one of them has such a twin. */
function widen(source: Uint8Array, target: Float32Array): Float32Array {
  for (let index = 0; index < target.length; index++) {
    const half = source[2 * index]! | (source[2 * index + 1]! << 8);
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    const sign = half & 0x8000 ? -1 : 1;
    if (exponent === 31) target[index] = fraction === 0 ? sign * Infinity : NaN;
    else target[index] = exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
  }
  return target;
}

/**
 * Protobuf, written from its end to its beginning: the length of a part stands before it, and is known once the part is
 * written. Fields come in the reverse order of the calls, which no decoder minds. One message at a time, in one go.
 */

/** As much as most messages need; a larger one gets more, for itself alone. */
const ROOM = 131_072;
/** A byte of flags and four of length stand before each message of gRPC. */
const FRAME_HEAD = 5;
const LENGTH_DELIMITED = 2;
const FIXED_64 = 1;

const usual = Buffer.allocUnsafeSlow(ROOM);
let room = usual;
let at = ROOM;

/** The message that `write` writes, as a frame of gRPC. */
export function framed(write: () => void): Buffer {
  room = usual;
  at = ROOM;
  write();
  const length = room.length - at;
  const frame = Buffer.allocUnsafe(FRAME_HEAD + length);
  frame[0] = 0;
  frame.writeUInt32BE(length, 1);
  room.copy(frame, FRAME_HEAD, at);
  room = usual;
  return frame;
}

function take(size: number): void {
  if (at < size) {
    const used = room.length - at;
    const larger = Buffer.allocUnsafeSlow(room.length + used + size);
    room.copy(larger, larger.length - used, at);
    at = larger.length - used;
    room = larger;
  }
  at -= size;
}

function varint(value: number): void {
  let size = 1;
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) size += 1;
  take(size);
  let rest = value;
  for (let index = at; index < at + size - 1; index++, rest >>>= 7) room[index] = (rest & 0x7f) | 0x80;
  room[at + size - 1] = rest;
}

const tag = (field: number, wire: number): void => varint((field << 3) | wire);

/** A whole number of 32 bits without a sign, an enum or, as 1, a true. */
export function number(field: number, value: number): void {
  varint(value);
  tag(field, 0);
}

export function double(field: number, value: number): void {
  take(8);
  room.writeDoubleLE(value, at);
  tag(field, FIXED_64);
}

export function bytes(field: number, value: Uint8Array): void {
  take(value.length);
  room.set(value, at);
  varint(value.length);
  tag(field, LENGTH_DELIMITED);
}

export function text(field: number, value: string): void {
  const length = Buffer.byteLength(value);
  take(length);
  room.write(value, at);
  varint(length);
  tag(field, LENGTH_DELIMITED);
}

export function message(field: number, write: () => void): void {
  const before = room.length - at;
  write();
  varint(room.length - at - before);
  tag(field, LENGTH_DELIMITED);
}

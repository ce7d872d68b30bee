import { RouterError } from "../../errors.ts";
import { unreadable } from "../rpc-error.ts";

/** A message that is being read. */
export interface Bytes {
  readonly bytes: Buffer;
  /** Fields that it may still have, at every depth: two bytes can be a whole empty part. */
  left: number;
}

/** `value`: what a number says, or where a text, bytes or a message begin; `end`: where these end, NUMBER or FIXED. */
export type TakeField = (field: number, value: number, end: number) => void;

/** A number of no fixed length. */
const NUMBER = -1;
/** A number of 32 or 64 bits, which no field of ours is. */
const FIXED = -2;
const LONGEST_VARINT = 10;
const SIZES: ReadonlyMap<number, number> = new Map([
  [1, 8],
  [5, 4],
]);

/**
 * Walks the fields of a message between two places, those that nobody knows too.
 * Errors: invalid_request for what is no message; too_many_items.
 */
export function eachField(of: Bytes, from: number, to: number, take: TakeField): void {
  const { bytes } = of;
  let at = from;
  const varint = (): number => {
    let value = 0;
    for (let place = 0; place < LONGEST_VARINT && at < to; place++) {
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * 2 ** (7 * place);
      if (byte < 0x80) return value;
    }
    throw unreadable(undefined);
  };
  while (at < to) {
    of.left -= 1;
    if (of.left < 0) throw new RouterError("too_many_items", "The message has too many fields and elements.");
    const tag = varint();
    const field = Math.floor(tag / 8);
    const wire = tag % 8;
    if (field === 0) throw unreadable(undefined);
    if (wire === 0) {
      take(field, varint(), NUMBER);
      continue;
    }
    const size = wire === 2 ? varint() : SIZES.get(wire);
    if (size === undefined || size > to - at) throw unreadable(undefined);
    const start = at;
    at += size;
    take(field, start, wire === 2 ? at : FIXED);
  }
}

/** The end of a field that is no number. Errors: invalid_request. */
export function endOf(end: number): number {
  if (end < 0) throw unreadable(undefined);
  return end;
}

/** The value of a field that is a number. Errors: invalid_request. */
export function numberIn(value: number, end: number): number {
  if (end !== NUMBER) throw unreadable(undefined);
  return value;
}

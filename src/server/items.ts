import { ScalarType, type DescField, type DescMessage } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { RouterError } from "../errors.ts";
import { unreadable } from "./rpc-error.ts";

/**
 * Walks a binary message before anything of it is built: two bytes can be a whole empty submessage, which takes a
 * hundred in memory. Counts fields, elements and entries at every depth.
 * Errors: too_many_items; invalid_request for what the decoder could read in another way than this does.
 */
export function boundItems(schema: DescMessage, bytes: Uint8Array, limit: number): void {
  const reader = new BinaryReader(bytes);
  let left = limit;
  const spend = (items: number): void => {
    left -= items;
    if (left < 0) throw new RouterError("too_many_items", `The message has more than ${limit} fields and elements.`);
  };
  const walk = (shapes: Shapes, end: number): void => {
    while (reader.pos < end) {
      const [number, wire] = reader.tag();
      spend(1);
      const shape = shapes.get(number);
      if (shape?.packable && wire === WireType.LengthDelimited) {
        const length = reader.uint32();
        spend(length); // No element is shorter than a byte.
        reader.pos += length;
      } else if (shape?.inner && wire === WireType.LengthDelimited) {
        const length = reader.uint32();
        walk(shape.inner(), reader.pos + length);
      } else {
        // The decoder goes by the number of a field alone, and no message of ours has groups.
        if (wire === WireType.StartGroup || (shape && shape.wire !== wire)) throw unreadable(undefined);
        reader.skip(wire, number);
      }
    }
    if (reader.pos !== end) throw unreadable(undefined);
  };
  readably(() => walk(shapesOf(schema), bytes.length));
}

/** The string that the decoder will find in a field at the top, of a message that was bounded; "" without it. */
export function topString(schema: DescMessage, bytes: Uint8Array, name: string): string {
  const wanted = schema.fields.find((field) => field.name === name)?.number;
  const reader = new BinaryReader(bytes);
  let last = "";
  readably(() => {
    while (reader.pos < bytes.length) {
      const [number, wire] = reader.tag();
      if (number === wanted) last = reader.string();
      else reader.skip(wire, number);
    }
  });
  return last;
}

/** What the reader throws would speak of bytes. */
function readably(act: () => void): void {
  try {
    act();
  } catch (caught) {
    throw caught instanceof RouterError ? caught : unreadable(undefined);
  }
}

/** How the values of a field stand on the wire. */
interface Shape {
  readonly wire: WireType;
  /** Many numbers in one piece are allowed too. */
  readonly packable?: boolean;
  /** A function, since messages may hold themselves. */
  readonly inner?: () => Shapes;
}
type Shapes = ReadonlyMap<number, Shape>;

const known = new WeakMap<DescMessage, Shapes>();

function shapesOf(schema: DescMessage): Shapes {
  const shapes = known.get(schema) ?? new Map(schema.fields.map((field) => [field.number, shapeOf(field)]));
  known.set(schema, shapes);
  return shapes;
}

/** An enum, or a number of no fixed length. */
const VARINT: Shape = { wire: WireType.Varint };

function shapeOf(field: DescField): Shape {
  switch (field.fieldKind) {
    case "list": {
      const shape = valueShape(field);
      return { ...shape, packable: shape.wire !== WireType.LengthDelimited };
    }
    case "map": {
      const entry = new Map([
        [1, scalarShape(field.mapKey)],
        [2, valueShape(field)],
      ]);
      return { wire: WireType.LengthDelimited, inner: () => entry };
    }
    default:
      return valueShape(field);
  }
}

function valueShape(field: { message?: DescMessage | undefined; scalar?: ScalarType | undefined }): Shape {
  if (field.message) return { wire: WireType.LengthDelimited, inner: () => shapesOf(field.message!) };
  return field.scalar === undefined ? VARINT : scalarShape(field.scalar);
}

function scalarShape(type: ScalarType): Shape {
  switch (type) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return { wire: WireType.LengthDelimited };
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return { wire: WireType.Bit64 };
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return { wire: WireType.Bit32 };
    default:
      return VARINT;
  }
}

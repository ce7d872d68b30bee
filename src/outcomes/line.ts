/** One line of a file, its number counted from 1. */
export interface Line {
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** A JSON object as it came. */
export type Fields = Readonly<Record<string, unknown>>;

/** Why a line is no row, in words that never hold what stands in it. */
export class BadLine extends Error {
  override readonly name = "BadLine";
}

export function fieldsOf({ bytes }: Line): Fields {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
  } catch {
    throw new BadLine("is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new BadLine("is not a JSON object");
  return value as Fields;
}

export const has = (fields: Fields, column: string): boolean => fields[column] !== undefined && fields[column] !== null;

export function textAt(fields: Fields, column: string): string {
  const value = fields[column];
  if (typeof value === "string") return value;
  throw new BadLine(`column "${column}" ${value === undefined ? "is missing" : `holds no text`}`);
}

export function textsAt(fields: Fields, column: string): readonly string[] {
  const value = fields[column];
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value;
  throw new BadLine(`column "${column}" ${value === undefined ? "is missing" : "is no list of texts"}`);
}

/** In [0,1], or true or false. */
export function scoreOf(value: unknown, where: string): number {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "number" && value >= 0 && value <= 1) return value;
  throw new BadLine(`${where} is no score from 0 to 1`);
}

/** Not below 0, and no more than anything real has. */
export function amountOf(value: unknown, where: string): number {
  if (typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER) return value;
  throw new BadLine(`${where} is no amount of 0 or more`);
}

/** One entry a model, null for a model that was not run. */
export function numbersAt(
  fields: Fields,
  column: string,
  models: number,
  read: (value: unknown, where: string) => number,
): Float64Array {
  const value = fields[column];
  if (!Array.isArray(value)) {
    throw new BadLine(`column "${column}" ${value === undefined ? "is missing" : "is no list"}`);
  }
  if (value.length !== models) throw new BadLine(`column "${column}" has ${value.length} entries for ${models} models`);
  return Float64Array.from(value, (one: unknown) =>
    one === null ? Number.NaN : read(one, `an entry of column "${column}"`),
  );
}

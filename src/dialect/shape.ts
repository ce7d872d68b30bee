import { RouterError } from "../errors.ts";

/** A JSON object of which nothing is known yet. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Throws the invalid_request of a field that has the wrong form. `path` such as `messages.2.content`. */
export function refuse(path: string, wanted: string): never {
  throw new RouterError("invalid_request", `${path} must be ${wanted}.`, { param: path });
}

/**
 * Throws the unsupported_feature of something that cannot be carried to another API. `path` is the client's field,
 * `why` ends the sentence: "tools.0 cannot be asked of this model: <why>."
 */
export function unsupported(path: string, why: string): never {
  throw new RouterError("unsupported_feature", `${path} cannot be asked of this model: ${why}.`, { param: path });
}

export function readBody(body: unknown): Fields {
  if (isFields(body)) return body;
  throw new RouterError("invalid_request", "The body must be a JSON object.");
}

export function fieldsAt(value: unknown, path: string): Fields {
  return isFields(value) ? value : refuse(path, "an object");
}

/** The string there, or undefined where there is none. */
export function stringAt(value: unknown, path: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" ? value : refuse(path, "a string");
}

/** A switch: off where it is absent. Anything but true and false would be read one way here and another way there. */
export function flagAt(value: unknown, path: string): boolean {
  if (value === undefined || value === null) return false;
  return typeof value === "boolean" ? value : refuse(path, "true or false");
}

export function filledListAt(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value) && value.length > 0) return value;
  return refuse(path, "an array with at least one element");
}

/** An array as it is, anything else as none: for fields that a decision can do without. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function stringOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The first of several spellings of a field that is there. */
export function oneOf(fields: Fields, ...names: readonly string[]): unknown {
  for (const name of names) if (fields[name] !== undefined && fields[name] !== null) return fields[name];
  return undefined;
}

/** A number of tokens: whole and above zero, or undefined. */
export function countOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

/** Members that are set and that not every model can be expected to know. */
export function parametersOf(fields: Fields, core: ReadonlySet<string>): string[] {
  return Object.keys(fields).filter((name) => !core.has(name) && fields[name] !== null);
}

/** Far above what any API takes. */
const METADATA = { entries: 64, name: 128, value: 4096 };

/** The entries that are strings. Throws invalid_request for more, or longer ones, than anybody needs. */
export function metadataOf(value: unknown, path = "metadata"): Record<string, string> {
  if (!isFields(value)) return {};
  const entries = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  const isSane = entries.every(([name, text]) => name.length <= METADATA.name && text.length <= METADATA.value);
  if (!isSane || entries.length > METADATA.entries) {
    refuse(
      path,
      `at most ${METADATA.entries} entries with names of ${METADATA.name} and values of ${METADATA.value} characters`,
    );
  }
  return Object.fromEntries(entries);
}

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

export function metadataOf(value: unknown): Record<string, string> {
  if (!isFields(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

const ENCODED = /^(?:data:[\w/+.;=-]{1,200},)?[A-Za-z0-9+/=_-]+$/;
const LONG = 1024;

/** True for long base64: nothing a reader of words could use. */
function isEncoded(text: string): boolean {
  return text.length >= LONG && ENCODED.test(text);
}

/**
 * Any JSON value as the words in it, one `key: value` a line, in the order of the document.
 * Escapes are gone, so that what is read is what a model would see.
 */
export function spell(value: unknown): string {
  if (typeof value === "string") return spellScalar(value);
  const lines: string[] = [];
  // A stack of our own: bodies may be nested deeper than ours may grow.
  const waiting: { key: string; value: unknown }[] = [{ key: "", value }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { key, value } = next;
    if (Array.isArray(value)) {
      if (key !== "") lines.push(`${key}:`);
      for (let i = value.length - 1; i >= 0; i--) waiting.push({ key: "", value: value[i] });
    } else if (isFields(value)) {
      if (key !== "") lines.push(`${key}:`);
      for (const name of Object.keys(value).reverse()) waiting.push({ key: name, value: value[name] });
    } else {
      const text = spellScalar(value);
      if (text !== "") lines.push(key === "" ? text : `${key}: ${text}`);
    }
  }
  return lines.join("\n");
}

function spellScalar(value: unknown): string {
  if (typeof value === "string") return isEncoded(value) ? "" : value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

/** Arguments of a tool call, which OpenAI writes as JSON inside a string. */
export function spellArguments(value: unknown): string {
  if (typeof value !== "string" || !value.includes("\\")) return spell(value);
  try {
    return spell(JSON.parse(value));
  } catch {
    return value;
  }
}

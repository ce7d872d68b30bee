import { isFields } from "../dialect/shape.ts";

/** The JSON value that the text is, or that stands in it between the first bracket and the last; undefined where there is none. */
export function jsonIn(text: string): { readonly value: unknown } | undefined {
  const from = text.search(/[[{]/u);
  const to = Math.max(text.lastIndexOf("}"), text.lastIndexOf("]"));
  return parsed(text) ?? (from >= 0 && to > from ? parsed(text.slice(from, to + 1)) : undefined);
}

export function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

const DEEPEST = 32;
/** Values of an answer that are looked at, in all. */
const MOST_VALUES = 10_000;

/**
 * Whether the value breaks the schema, as far as it is read: type, enum, const, required, properties,
 * additionalProperties, items, and anyOf or oneOf with one that fits. What it does not know, it lets pass.
 */
export function breaks(value: unknown, schema: unknown): boolean {
  let left = MOST_VALUES;
  return breaksAt(value, schema, 0);

  function breaksAt(value: unknown, schema: unknown, depth: number): boolean {
    if (!isFields(schema) || depth > DEEPEST || --left < 0) return false;
    const some = schema["anyOf"] ?? schema["oneOf"];
    if (Array.isArray(some) && some.every((one) => breaksAt(value, one, depth + 1))) return true;
    if (!fitsType(value, schema["type"])) return true;
    const choices = Array.isArray(schema["enum"])
      ? schema["enum"]
      : Object.hasOwn(schema, "const")
        ? [schema["const"]]
        : undefined;
    if (choices && !isAmong(choices, value)) return true;
    if (Array.isArray(value)) return value.some((one) => breaksAt(one, schema["items"], depth + 1));
    return isFields(value) && breaksFields(value, schema, depth);
  }

  /** Each choice counts as a value that is looked at: a client may send a hundred thousand of them. */
  function isAmong(choices: readonly unknown[], value: unknown): boolean {
    left -= choices.length;
    if (left < 0) return true;
    const wanted = JSON.stringify(value);
    return choices.some((choice) => JSON.stringify(choice) === wanted);
  }

  function breaksFields(
    value: Readonly<Record<string, unknown>>,
    schema: Readonly<Record<string, unknown>>,
    depth: number,
  ): boolean {
    const properties = isFields(schema["properties"]) ? schema["properties"] : {};
    const required = Array.isArray(schema["required"]) ? schema["required"] : [];
    if (required.some((name) => typeof name === "string" && !Object.hasOwn(value, name))) return true;
    return Object.entries(value).some(([name, one]) =>
      Object.hasOwn(properties, name)
        ? breaksAt(one, properties[name], depth + 1)
        : schema["additionalProperties"] === false,
    );
  }
}

const IS: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  integer: Number.isInteger,
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
  array: Array.isArray,
  object: isFields,
};

function fitsType(value: unknown, type: unknown): boolean {
  const types = Array.isArray(type) ? type : [type];
  return types.some((one) => typeof one !== "string" || !Object.hasOwn(IS, one) || IS[one]!(value));
}

/**
 * Rules that a request must keep, as checks that are put together: each takes a value and the path where it stands,
 * and throws the first rule that it breaks. They know no API.
 */

export type Broken = "unknown" | "missing" | "type" | "value" | "unsupported" | "key" | "path";

export class Violation extends Error {
  readonly kind: Broken;
  readonly path: string;

  constructor(kind: Broken, path: string, rule: string) {
    super(path === "" ? rule : `${path}: ${rule}`);
    this.kind = kind;
    this.path = path;
  }
}

export type Fields = Readonly<Record<string, unknown>>;
export type Check = (value: unknown, path: string) => void;

export function broken(path: string, rule: string, kind: Broken = "value"): never {
  throw new Violation(kind, path, rule);
}

export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const at = (path: string, key: string | number) => (path === "" ? String(key) : `${path}.${key}`);

export const anything: Check = () => {};

export const record: Check = (value, path) => {
  if (!isFields(value)) broken(path, "must be an object", "type");
};

export const flag: Check = (value, path) => {
  if (typeof value !== "boolean") broken(path, "must be a boolean", "type");
};

export const text: Check = (value, path) => {
  if (typeof value !== "string") broken(path, "must be a string", "type");
};

export const filled: Check = (value, path) => {
  text(value, path);
  if (value === "") broken(path, "must not be empty");
};

export const matching =
  (pattern: RegExp): Check =>
  (value, path) => {
    text(value, path);
    if (!pattern.test(value as string)) broken(path, `must match ${pattern.source}`);
  };

export const upTo =
  (length: number): Check =>
  (value, path) => {
    filled(value, path);
    if ((value as string).length > length) broken(path, `is longer than ${length}`);
  };

export const number =
  (least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY): Check =>
  (value, path) => {
    if (typeof value !== "number") broken(path, "must be a number", "type");
    else if (value < least || value > most) broken(path, `must be between ${least} and ${most}`);
  };

export const integer =
  (least: number, most = Number.MAX_SAFE_INTEGER): Check =>
  (value, path) => {
    if (!Number.isInteger(value)) broken(path, "must be an integer", "type");
    number(least, most)(value, path);
  };

export const oneOf =
  (...values: readonly string[]): Check =>
  (value, path) => {
    text(value, path);
    if (!values.includes(value as string)) broken(path, `must be one of ${values.join(", ")}`);
  };

export const orNull =
  (check: Check): Check =>
  (value, path) => {
    if (value !== null) check(value, path);
  };

export const listOf =
  (check: Check, least = 0, most = Number.POSITIVE_INFINITY): Check =>
  (value, path) => {
    if (!Array.isArray(value)) broken(path, "must be an array", "type");
    if (value.length < least) broken(path, `needs ${least} or more`);
    if (value.length > most) broken(path, `allows ${most} at most`);
    for (const [index, each] of value.entries()) check(each, at(path, index));
  };

/** A string by the first check, anything else by the second. */
export const textOr =
  (ofText: Check, otherwise: Check): Check =>
  (value, path) =>
    (typeof value === "string" ? ofText : otherwise)(value, path);

export const all =
  (...checks: readonly Check[]): Check =>
  (value, path) => {
    for (const check of checks) check(value, path);
  };

export const object =
  (required: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}): Check =>
  (value, path) => {
    if (!isFields(value)) broken(path, "must be an object", "type");
    for (const key of Object.keys(required))
      if (value[key] === undefined) broken(at(path, key), "is required", "missing");
    for (const [key, each] of Object.entries(value)) {
      const check = Object.hasOwn(required, key) ? required[key] : Object.hasOwn(optional, key) ? optional[key] : null;
      if (check === null || check === undefined) broken(at(path, key), "is no field of this API", "unknown");
      check(each, at(path, key));
    }
  };

/** Objects of several kinds, told apart by one of their fields. */
export const tagged =
  (tag: string, kinds: Readonly<Record<string, Check>>): Check =>
  (value, path) => {
    record(value, path);
    const kind = (value as Fields)[tag];
    if (kind === undefined) broken(at(path, tag), "is required", "missing");
    oneOf(...Object.keys(kinds))(kind, at(path, tag));
    kinds[kind as string]?.(value, path);
  };

export const mapOf =
  (check: Check, most: number): Check =>
  (value, path) => {
    record(value, path);
    const entries = Object.entries(value as Fields);
    if (entries.length > most) broken(path, `allows ${most} at most`);
    for (const [key, each] of entries) check(each, at(path, key));
  };

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/u;

export const base64: Check = all(filled, matching(BASE64));

export const imageUrl: Check = (value, path) => {
  filled(value, path);
  const [, mime, data] = /^data:([^;,]*);base64,(.*)$/su.exec(value as string) ?? [];
  if (data === undefined) matching(/^https?:\/\/./u)(value, path);
  else if (!/^image\/(?:png|jpeg|gif|webp)$/u.test(mime ?? "")) broken(path, "is no image that can be read");
  else base64(data, path);
};

/** What a strict JSON schema must be: closed objects that require all that they name. */
export const strictSchema: Check = (value, path) => {
  if (!isFields(value)) return;
  if (value.type === "object") {
    if (value.additionalProperties !== false) broken(path, "additionalProperties must be false in a strict schema");
    const named = Object.keys(isFields(value.properties) ? value.properties : {});
    const required: readonly unknown[] = Array.isArray(value.required) ? value.required : [];
    const missing = named.find((name) => !required.includes(name));
    if (missing !== undefined) broken(path, `a strict schema must require ${missing}`);
  }
  for (const [key, each] of Object.entries(isFields(value.properties) ? value.properties : {}))
    strictSchema(each, `${path}.properties.${key}`);
  strictSchema(value.items, at(path, "items"));
};

import type { z } from "zod";
import { didYouMean, nearest } from "./nearest.ts";
import { type Finding, hinted, pathText, quote, type Step } from "./problem.ts";

/** What the words of a complaint need besides the complaint. */
export interface Reading {
  /** The value at a place of the file. */
  valueAt(steps: readonly Step[]): unknown;
  /** The keys that the schema knows at a place. */
  keysAt(steps: readonly Step[]): readonly string[];
  /** The values that the schema knows at a place, where they are few. */
  choicesAt(steps: readonly Step[]): readonly string[];
  /** True for a value that may not be shown. */
  isSecret(text: string): boolean;
}

type Issue = z.core.$ZodIssue;

/** What zod found, in plain words. Values are never quoted unless they are names that the file holds openly. */
export function findingsOf(issues: readonly Issue[], reading: Reading): Finding[] {
  const findings = allFindings(issues, reading, []);
  // A key that is missing because it is misspelled is one mistake, not two.
  const meant = new Set(findings.flatMap(({ meant }) => (meant === undefined ? [] : [pathText(meant)])));
  return findings.filter(({ steps, at }) => at === "key" || !meant.has(pathText(steps)));
}

/** `meant` is where a misspelled key probably belongs. */
type Guess = Finding & { readonly meant?: readonly Step[] };

function allFindings(issues: readonly Issue[], reading: Reading, above: readonly Step[]): Guess[] {
  return issues.flatMap((issue): Guess[] => {
    const steps = [...above, ...stepsOf(issue.path)];
    switch (issue.code) {
      case "unrecognized_keys":
        return issue.keys.map((key) => unknownKey(key, steps, reading));
      case "invalid_type":
        return [wrongType(issue, steps, reading)];
      case "invalid_value":
        return [wrongValue(issue.values, steps, reading)];
      case "invalid_key":
        return [{ steps, message: wordsOf(issue.issues[0] ?? issue), at: "key" as const }];
      case "invalid_union":
        return unionOf(issue, steps, reading);
      case "invalid_element":
        return allFindings(issue.issues, reading, steps);
      default:
        return [{ steps, message: wordsOf(issue) }];
    }
  });
}

function unknownKey(key: string, steps: readonly Step[], reading: Reading): Guess {
  const known = reading.keysAt(steps);
  const name = nearest(key, known);
  const hint = didYouMean(key, known) ?? (known.length === 0 ? undefined : `known here: ${known.join(", ")}`);
  const finding = {
    steps: [...steps, key],
    message: `${quote(key)} is not a key that is known here`,
    at: "key" as const,
  };
  const guess = name === undefined ? finding : { ...finding, meant: [...steps, name] };
  return hinted(guess, hint);
}

function wrongType(issue: Extract<Issue, { code: "invalid_type" }>, steps: readonly Step[], reading: Reading): Finding {
  const value = reading.valueAt(steps);
  const wanted = TYPES[issue.expected] ?? issue.expected;
  if (!STANDARD.test(issue.message)) return { steps, message: issue.message };
  if (value === undefined) return { steps, message: `this is missing: expected ${wanted}` };
  const hint = typeof value === "string" && reading.isSecret(value) ? "a reference always gives text" : undefined;
  return hinted({ steps, message: `expected ${wanted}, found ${typeName(value)}` }, hint);
}

function wrongValue(values: ReadonlyArray<unknown>, steps: readonly Step[], reading: Reading): Finding {
  const value = reading.valueAt(steps);
  const list = values.map(String);
  const wanted = list.length === 1 ? list[0] : `one of ${list.join(", ")}`;
  if (value === undefined) return { steps, message: `this is missing: expected ${wanted}` };
  if (typeof value !== "string" || list.includes(value)) {
    return { steps, message: `expected ${wanted}, found ${typeName(value)}` };
  }
  const hint = reading.isSecret(value) ? undefined : didYouMean(value, list);
  return hinted({ steps, message: `expected ${wanted}` }, hint);
}

/**
 * Of the forms that a value may take, the complaints of the one that was most likely meant:
 * the one whose outermost type fits and that has the fewest of them.
 */
function unionOf(issue: Extract<Issue, { code: "invalid_union" }>, steps: readonly Step[], reading: Reading): Guess[] {
  const value = reading.valueAt(steps);
  // The value that says which form it is, such as a kind, is missing or not known.
  if (issue.errors.length === 0) return [wrongValue(reading.choicesAt(steps), steps, reading)];
  const forms = issue.errors.filter((form) => form.length > 0);
  const fitting = forms.filter((form) => !form.some((inner) => inner.path.length === 0 && misfits(inner)));
  const [meant] = fitting.toSorted((a, b) => a.length - b.length);
  if (meant !== undefined) return allFindings(meant, reading, steps);
  if (value === undefined) return [{ steps, message: "this is missing" }];
  const wanted = [...new Set(forms.flatMap((form) => form.flatMap(formName)))];
  const [words] = forms.length === 1 ? forms[0]!.map(wordsOf) : [];
  if (wanted.length === 0) return [{ steps, message: words ?? wordsOf(issue) }];
  return [{ steps, message: `expected ${wanted.join(" or ")}, found ${typeName(value)}` }];
}

const misfits = (issue: Issue) => issue.code === "invalid_type" || issue.code === "invalid_value";

function formName(issue: Issue): string[] {
  if (issue.path.length > 0) return [];
  if (issue.code === "invalid_type") return [TYPES[issue.expected] ?? issue.expected];
  return issue.code === "invalid_value" ? issue.values.map(String) : [];
}

/** A room's own sentence where it wrote one; ours for the limits, whose standard words speak of strings and arrays. */
function wordsOf(issue: Issue): string {
  if (!STANDARD.test(issue.message)) return issue.message;
  switch (issue.code) {
    case "too_small":
      return `expected ${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}${unitOf(issue.origin)}`;
    case "too_big":
      return `expected ${issue.inclusive === false ? "less than" : "at most"} ${issue.maximum}${unitOf(issue.origin)}`;
    case "invalid_format":
      return issue.format === "url" ? "expected a URL" : "this does not have the form that is expected here";
    case "not_multiple_of":
      return `expected a multiple of ${issue.divisor}`;
    default:
      return "this is not a value that is expected here";
  }
}

const STANDARD = /^(?:Invalid|Too small|Too big|Unrecognized)\b/u;

function unitOf(origin: string): string {
  if (origin === "string") return " characters";
  if (origin === "array" || origin === "set") return " entries";
  return origin === "object" || origin === "record" || origin === "map" ? " entries" : "";
}

const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "a section",
  record: "a section",
  array: "a list",
  null: "nothing",
};

function typeName(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "number" && !Number.isFinite(value)) return "a number without an end";
  if (typeof value === "number") return Number.isInteger(value) ? "a whole number" : "a fraction";
  return { string: "text", boolean: "true or false", object: "a section" }[typeof value as string] ?? "something else";
}

const stepsOf = (path: ReadonlyArray<PropertyKey>): Step[] =>
  path.map((step) => (typeof step === "number" ? step : String(step)));

/** Keys of the schema at a place, from its JSON form: all alternatives together. */
export function knownKeys(schema: JsonSchema, steps: readonly Step[]): string[] {
  const forms = formsAt(schema, steps).flatMap(alternatives);
  const names = forms.flatMap((form) => [...Object.keys(form.properties ?? {}), ...(form.propertyNames?.enum ?? [])]);
  return [...new Set(names)].map(String);
}

function formsAt(schema: JsonSchema, steps: readonly Step[]): JsonSchema[] {
  return steps.reduce<JsonSchema[]>((forms, step) => forms.flatMap((form) => inside(form, step)), [schema]);
}

/** Values that the schema allows at a place as constants. */
export function knownChoices(schema: JsonSchema, steps: readonly Step[]): string[] {
  const forms = formsAt(schema, steps).flatMap(alternatives);
  const values = forms.flatMap((form) => (form.const === undefined ? (form.enum ?? []) : [form.const]));
  return [...new Set(values)].map(String);
}

/** As much of JSON Schema as the generated one uses. */
export interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  /** Where only some names may be keys of a table. */
  readonly propertyNames?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly description?: string;
}

function inside(schema: JsonSchema, step: Step): JsonSchema[] {
  return alternatives(schema).flatMap((form) => {
    if (typeof step === "number") return form.items === undefined ? [] : [form.items];
    const named =
      form.properties !== undefined && Object.hasOwn(form.properties, step) ? form.properties[step] : undefined;
    if (named !== undefined) return [named];
    return typeof form.additionalProperties === "object" ? [form.additionalProperties] : [];
  });
}

function alternatives(schema: JsonSchema): JsonSchema[] {
  const forms = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  return [schema, ...forms.flatMap(alternatives)];
}

import { z } from "zod";
import { inOrder } from "./check.ts";
import { findingsOf, type JsonSchema, knownChoices, knownKeys } from "./issues.ts";
import { type Finding, hinted, pathText, type Problem } from "./problem.ts";
import { valueAt } from "./references.ts";
import { type Secrets, unmask } from "./secrets.ts";
import { readSource, type Source } from "./source.ts";

/** A file of ours that is no config, such as routing tests: what stands in it, and where. */
export interface Form<T> {
  readonly value: T;
  readonly locate: Source["locate"];
}

/** Nothing in such a file is a reference: `${NAME}` is the text that it is. */
const NO_SECRETS: Secrets = {
  fill: (text) => ({ text: unmask(text) }),
  has: () => false,
  scrub: (text) => text,
  files: new Set(),
};

/** Reads YAML by a schema of its own: everything, or all that is wrong with it. Never throws, whatever the text. */
export function readForm<S extends z.ZodType>(
  text: string,
  schema: S,
): Form<z.output<S>> | { readonly problems: readonly Problem[] } {
  const source = readSource(text, NO_SECRETS);
  if (!("locate" in source)) {
    return { problems: source.map(({ place, ...rest }) => ({ path: "", line: 0, column: 0, ...place, ...rest })) };
  }
  const { value, locate } = source;
  const read = readEntry(value, schema);
  const found = "findings" in read ? read.findings : [];
  const placed = found.map(({ steps, message, hint, at }) =>
    hinted({ path: pathText(steps), ...locate(steps, at), message }, hint),
  );
  const problems = [...source.problems, ...placed];
  return problems.length > 0 || "findings" in read ? { problems: inOrder(problems) } : { value: read.value, locate };
}

/** Plain data by a schema, with complaints in the words that the config's have. */
export function readEntry<S extends z.ZodType>(
  value: unknown,
  schema: S,
): { readonly value: z.output<S> } | { readonly findings: readonly Finding[] } {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data };
  const form = z.toJSONSchema(schema, { io: "input" }) as JsonSchema;
  const findings = findingsOf(parsed.error.issues, {
    valueAt: (steps) => valueAt(value, steps),
    keysAt: (steps) => knownKeys(form, steps),
    choicesAt: (steps) => knownChoices(form, steps),
    isSecret: () => false,
  });
  return { findings };
}

/** Where each part of a config file stands; undefined where the file cannot be read. References are not followed. */
export function placesIn(text: string): Source["locate"] | undefined {
  const source = readSource(text, NO_SECRETS);
  return "locate" in source ? source.locate : undefined;
}

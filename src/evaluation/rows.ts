import { z } from "zod";
import type { Task } from "./report.ts";

/** Columns that any row may have; null is as good as none. */
const shared = {
  source: z.string().nullish(),
  lang: z.string().nullish(),
  split: z.string().nullish(),
};

/** 0 or 1, or the words for them. */
const flag = z.union([z.literal([0, 1]).transform((value) => value === 1), z.boolean()], {
  error: "must be 0, 1, true or false",
});

export const choiceRow = z.object({ ...shared, text: z.string(), label: z.string() });

export const difficultyRow = z
  .object({
    ...shared,
    text: z.string(),
    label: z.string().nullish(),
    fails: flag.nullish(),
    correct: flag.nullish(),
  })
  .refine((row) => row.label != null || row.fails != null || row.correct != null, {
    path: ["label"],
    message: 'is missing, and there is no "fails" or "correct" either',
  });

export const similarityRow = z.object({
  ...shared,
  text_a: z.string(),
  text_b: z.string(),
  score: z.number(),
  type: z.string().nullish(),
});

/** Spans come in code points and leave in UTF-16 units. */
export const piiRow = z
  .object({
    ...shared,
    text: z.string(),
    spans: z.array(z.tuple([z.int().min(0), z.int().min(0), z.string()])),
  })
  .transform((row, context) => {
    const spans = inUnits(row.text, row.spans);
    if (spans !== undefined) return { ...row, spans };
    context.addIssue({ code: "custom", path: ["spans"], message: "reaches beyond the text, or ends before it starts" });
    return z.NEVER;
  });

export type ChoiceRow = z.output<typeof choiceRow>;
export type DifficultyRow = z.output<typeof difficultyRow>;
export type SimilarityRow = z.output<typeof similarityRow>;
export type PiiRow = z.output<typeof piiRow>;

/** What a file must have to be measured by. */
export const COLUMNS: Readonly<Record<Task, string>> = {
  domain: "text, label",
  intent: "text, label",
  difficulty: "text, and label or fails or correct",
  safety: "text, label",
  similarity: "text_a, text_b, score",
  pii: "text, spans",
};

interface UnitSpan {
  readonly start: number;
  readonly end: number;
  readonly type: string;
}

function inUnits(text: string, spans: readonly (readonly [number, number, string])[]): UnitSpan[] | undefined {
  const units = unitsOf(text);
  const found = spans.map(([start, end, type]) => ({ start: units(start), end: units(end), type }));
  const isWhole = found.every(({ start, end }) => start <= end && end <= text.length);
  return isWhole ? found : undefined;
}

/** From code points to UTF-16 units; NaN beyond the end. */
function unitsOf(text: string): (points: number) => number {
  // Most texts have no letter that takes two units.
  if (!ASTRAL.test(text)) return (points) => (points <= text.length ? points : Number.NaN);
  const starts: number[] = [];
  let at = 0;
  for (const letter of text) {
    starts.push(at);
    at += letter.length;
  }
  starts.push(at);
  return (points) => starts[points] ?? Number.NaN;
}

const ASTRAL = /[\u{10000}-\u{10ffff}]/u;

/** A row, or in words what is wrong with the line; never what stands in it. */
export type Parsed<R> = { readonly row: R } | { readonly problem: string };

export function parseRow<R>(schema: z.ZodType<R>, bytes: Uint8Array): Parsed<R> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return { problem: "is not JSON" };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { problem: "is not a JSON object" };
  const parsed = schema.safeParse(value);
  if (parsed.success) return { row: parsed.data };
  const { path, message } = parsed.error.issues[0]!;
  const [column = ""] = path;
  const isMissing = (value as Record<PropertyKey, unknown>)[column] === undefined && !message.startsWith("is missing");
  return { problem: `column "${String(column)}" ${isMissing ? "is missing" : spoken(message)}` };
}

function spoken(message: string): string {
  const wrong = /^Invalid input: expected (\w+), received (\w+)$/u.exec(message);
  return wrong ? `holds ${wrong[2]} where ${wrong[1]} belongs` : message;
}

import { DOMAIN_DIFFICULTY } from "../signals/domain.ts";
import { wilson } from "../statistics/proportion.ts";
import type { OutcomeLine } from "./outcome-file.ts";
import { counted } from "./progress.ts";
import { printable, type Screen } from "./screen.ts";
import { type Column, table } from "./table.ts";

/** How often a model was right. `interval` holds the true share with 95% confidence (Wilson). */
export interface Share {
  readonly rows: number;
  readonly quality: number;
  readonly interval: readonly [low: number, high: number];
}

/** A model over all questions; means of what was recorded. */
export interface ModelShare extends Share {
  readonly cost_usd: number;
  readonly output_tokens: number;
  readonly latency_ms: number;
}

export interface QualityTable {
  readonly models: Readonly<Record<string, ModelShare>>;
  readonly categories: Readonly<Record<string, Readonly<Record<string, Share>>>>;
}

/** @param models the models to tell of; one that answered nothing is left out */
export function qualityTable(lines: Iterable<OutcomeLine>, models: readonly string[]): QualityTable {
  const all = [...lines];
  const groups = Map.groupBy(
    all.filter(({ category }) => category !== undefined),
    ({ category }) => category!,
  );
  const inGroup = (some: readonly OutcomeLine[]) =>
    Object.fromEntries(models.flatMap((model) => named(model, shareOf(some, model))));
  return {
    models: Object.fromEntries(
      models.flatMap((model) => {
        const share = shareOf(all, model);
        const mean = (key: "cost_usd" | "output_tokens" | "latency_ms") =>
          meanOf(all.flatMap((line) => line[key][model] ?? []));
        const [cost_usd, output_tokens, latency_ms] = [mean("cost_usd"), mean("output_tokens"), mean("latency_ms")];
        return named(model, share && { ...share, cost_usd, output_tokens, latency_ms });
      }),
    ),
    categories: Object.fromEntries(
      [...groups]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([category, some]) => [category, inGroup(some)] as const)
        .filter(([, shares]) => Object.keys(shares).length > 0),
    ),
  };
}

const named = <T>(name: string, value: T | undefined): (readonly [string, T])[] =>
  value === undefined ? [] : [[name, value]];

const meanOf = (values: readonly number[]) =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

function shareOf(lines: readonly OutcomeLine[], model: string): Share | undefined {
  const scores = lines.flatMap(({ scores: own }) => (Object.hasOwn(own, model) ? own[model]! : []));
  if (scores.length === 0) return undefined;
  const sum = scores.reduce((total, score) => total + score, 0);
  const { low, high } = wilson(sum, scores.length);
  return { rows: scores.length, quality: sum / scores.length, interval: [low, high] };
}

const right = (head: string): Column => ({ head, align: "right" });
const share = (value: number) => value.toFixed(3);
const span = ({ interval: [low, high] }: Share) => `${share(low)} to ${share(high)}`;

/** The table for a person: each model over all questions, then each category. */
export function qualityText({ models, categories }: QualityTable, screen: Screen): string {
  const overall = Object.entries(models).map(([model, own]) => [
    printable(model),
    share(own.quality),
    span(own),
    counted(own.rows),
    (own.cost_usd * 1000).toFixed(3),
    own.output_tokens.toFixed(0),
    `${(own.latency_ms / 1000).toFixed(1)} s`,
  ]);
  const head = { head: "model", flexible: true };
  const figures = [right("quality"), { head: "95% interval" }, right("answers")];
  const means = [right("USD per 1,000"), right("tokens"), right("latency")];
  const rows = Object.entries(categories).flatMap(([category, shares]) =>
    Object.entries(shares).map(([model, own], at) => [
      at === 0 ? printable(category) : "",
      printable(model),
      share(own.quality),
      span(own),
      counted(own.rows),
    ]),
  );
  const byCategory = rows.length === 0 ? [] : ["", ...table(screen, [{ head: "category" }, head, ...figures], rows)];
  return [...table(screen, [head, ...figures, ...means], overall), ...byCategory].join("\n");
}

/** A cell of fewer answers than this says too little to be put into a config. */
const FEWEST_ANSWERS = 10;

/** What the patch says of how it was measured. */
export interface Measured {
  readonly file: string;
  /** YYYY-MM-DD. */
  readonly day: string;
}

const HEAD = "# Measured by `signalbox models evaluate` on ";

export const isQualityPatch = (text: string): boolean => text.startsWith(HEAD);

/** The part of a config that follows from a table: to be merged into one's own by hand. */
export function qualityPatch({ models, categories }: QualityTable, { file, day }: Measured): string {
  const qualities = Object.entries(models).map(
    ([model, own]) =>
      `  ${quoted(model)}: { quality: ${share(own.quality)} } # ${span(own)}, ${counted(own.rows)} answers`,
  );
  const known = Object.entries(categories).flatMap(([category, shares]) => {
    const label = domainOf(category);
    const cells = Object.entries(shares).filter(([, { rows }]) => rows >= FEWEST_ANSWERS);
    if (label === undefined || cells.length === 0) return [];
    const answers = cells.map(([, { rows }]) => rows);
    const scores = cells.map(([model, { quality }]) => `${quoted(model)}: ${share(quality)}`);
    const [least, most] = [Math.min(...answers), Math.max(...answers)];
    const count = least === most ? counted(most) : `${counted(least)} to ${counted(most)}`;
    return [`      ${quoted(label)}: { ${scores.join(", ")} } # ${count} answers each`];
  });
  const others = Object.keys(categories).filter((category) => domainOf(category) === undefined);
  return [
    `${HEAD}${day} with the questions of ${printable(file)}: quality is the share`,
    "# of replies that were right, beside it where the true share lies with 95% confidence (Wilson).",
    `# Left out: categories with fewer than ${FEWEST_ANSWERS} answers of a model.`,
    ...(others.length > 0
      ? [`# No subject of the signal domain, so in quality alone: ${others.map(printable).join(", ")}.`]
      : []),
    "models:",
    ...qualities,
    ...(known.length > 0 ? ["signals:", "  domain:", "    scores:", ...known] : []),
    "",
  ].join("\n");
}

/** The subject that the signal domain knows a category by: `Computer_Science` is computer science. */
function domainOf(category: string): string | undefined {
  const plain = category
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/gu, " ");
  return Object.hasOwn(DOMAIN_DIFFICULTY, plain) ? plain : undefined;
}

const quoted = (name: string) => (/^[a-z][a-z0-9_-]*$/iu.test(name) ? name : JSON.stringify(name));

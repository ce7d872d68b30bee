import type { Bounds, ConfusionFigures, GroupFigures, LabelFigures, Report } from "../evaluation/report.ts";
import { counted } from "./progress.ts";
import { printable, type Screen } from "./screen.ts";
import { type Column, table } from "./table.ts";

/** A report of `eval signals` as text: what it came to first, then by label, source and language. */
export function reportText(report: Report, file: string, screen: Screen): string {
  const blocks: (readonly string[])[] = [
    [
      `${report.task}: ${counted(report.rows)} rows of ${printable(file)}, ${report.stage} stage, encoder ${report.encoder}`,
    ],
    summary(report, screen),
    report.confusion ? confusion(report.confusion, screen) : [],
    labels(report, screen),
    identifiers(report, screen),
    reliability(report, screen),
    ...(["per_source", "per_language", "per_type"] as const).map((key) => groups(key, report[key] ?? {}, screen)),
    [cost(report)],
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

const right = (head: string): Column => ({ head, align: "right" });
const share = (value: number | undefined) => (value === undefined ? "-" : value.toFixed(3));

function summary(report: Report, screen: Screen): string[] {
  const { intervals = {}, positives, negatives } = report;
  const recalls = Object.entries(report.recall_at_fpr ?? {}).map(
    ([rate, recall]) => [`recall at ${Number(rate) * 100}% false positives`, recall, `recall_at_fpr.${rate}`] as const,
  );
  const figures = [
    ["accuracy", report.accuracy, "accuracy"],
    ["macro F1", report.macro_f1, "macro_f1"],
    ["share it abstains from", report.abstain_share, ""],
    ["accuracy of the others", report.accuracy_answered, ""],
    ["expected calibration error", report.ece, "ece"],
    ...recalls,
    ["AUC: the small model fails", report.auc, "auc"],
    ["Spearman", report.spearman, "spearman"],
    ["span F1, exact", report.span_f1, "span_f1"],
  ] as const;
  const rows = figures.flatMap(([name, value, key]) =>
    value === undefined ? [] : [[name, share(value), interval(intervals[key])]],
  );
  const sides =
    positives === undefined
      ? []
      : [`${counted(positives)} positive rows, ${counted(negatives ?? 0)} negative; harder rates need more of them.`];
  if (rows.length === 0) return sides;
  return [...table(screen, [{ head: "figure" }, right("value"), { head: "95% interval" }], rows), ...sides];
}

const interval = (bounds: Bounds | undefined) =>
  bounds === undefined ? "" : `${bounds[0].toFixed(3)} to ${bounds[1].toFixed(3)}`;

/** More columns than this are no picture any more; the table by label says the same. */
const MOST_COLUMNS = 30;

/** Columns go by letters, which the rows explain. */
function confusion({ labels: names, counts }: ConfusionFigures, screen: Screen): string[] {
  const shown = names.flatMap((name, at) =>
    counts[at]!.some(Boolean) || counts.some((row) => row[at]! > 0) ? [{ name, at }] : [],
  );
  if (shown.length === 0 || shown.length > MOST_COLUMNS) return [];
  const columns = [{ head: "true" }, right(""), ...shown.map((_, index) => right(letter(index)))];
  const rows = shown.map(({ name, at }, index) => [
    printable(name),
    letter(index),
    ...shown.map((given) => {
      const count = counts[at]![given.at]!;
      const text = count === 0 ? "." : String(count);
      return given.at === at ? { text, style: "bold" as const } : text;
    }),
  ]);
  return ["Confusion: a row for each true label, a column for each that was given", ...table(screen, columns, rows)];
}

const ALPHABET = "abcdefghijklmnopqrstuvwxyz";
const letter = (index: number) => ALPHABET[index] ?? `a${ALPHABET[index - ALPHABET.length]}`;

function labels({ per_label: figures = {}, task }: Report, screen: Screen): string[] {
  const used = Object.entries(figures).filter(([, { rows, given }]) => rows + given > 0);
  if (used.length === 0) return [];
  const columns = [
    { head: task === "pii" ? "entity" : "label", flexible: true },
    ...["true", "given", "precision", "recall", "F1"].map(right),
  ];
  const line = ([name, { rows, given, precision, recall, f1 }]: readonly [string, LabelFigures]) => [
    printable(name),
    counted(rows),
    counted(given),
    ...[precision, recall, f1].map(share),
  ];
  return table(screen, columns, used.map(line));
}

function identifiers({ identifiers: kinds = {} }: Report, screen: Screen): string[] {
  const all = Object.entries(kinds);
  if (all.length === 0) return [];
  const columns = [{ head: "identifier" }, ...["texts", "reported", "recall", "valid", "valid, missed"].map(right)];
  const rows = all.map(([name, { texts, reported, recall, valid, valid_missed: missed }]) => [
    printable(name),
    counted(texts),
    counted(reported),
    share(recall),
    valid === undefined ? "-" : counted(valid),
    missed === undefined ? "-" : counted(missed),
  ]);
  const missed = all.reduce((sum, [, { valid_missed: own = 0 }]) => sum + own, 0);
  return [...table(screen, columns, rows), `Texts with a valid identifier that was missed: ${counted(missed)}.`];
}

function reliability({ reliability: bins = [] }: Report, screen: Screen): string[] {
  if (bins.length === 0) return [];
  const columns = ["rows", "confidence", "accuracy"].map(right);
  const rows = bins.map(({ rows, confidence, accuracy }) => [counted(rows), share(confidence), share(accuracy)]);
  return ["Reliability: rows by confidence, in bins of equal size", ...table(screen, columns, rows)];
}

const HEADS = { per_source: "source", per_language: "language", per_type: "type" } as const;
const MOST_GROUPS = 60;

function groups(key: keyof typeof HEADS, figures: Readonly<Record<string, GroupFigures>>, screen: Screen): string[] {
  const all = Object.entries(figures);
  if (all.length === 0) return [];
  const columns = [
    { name: "accuracy", value: (own: GroupFigures) => own.accuracy },
    { name: "flagged", value: (own: GroupFigures) => own.flagged },
    { name: "Spearman", value: (own: GroupFigures) => own.spearman },
    { name: "span F1", value: (own: GroupFigures) => own.span_f1 },
  ].filter(({ value }) => all.some(([, own]) => value(own) !== undefined));
  const rows = all
    .slice(0, MOST_GROUPS)
    .map(([name, own]) => [printable(name), counted(own.rows), ...columns.map(({ value }) => share(value(own)))]);
  const head = [{ head: HEADS[key], flexible: true }, right("rows"), ...columns.map(({ name }) => right(name))];
  const more = all.length > MOST_GROUPS ? [`and ${counted(all.length - MOST_GROUPS)} more`] : [];
  return [...table(screen, head, rows), ...more];
}

function cost({ latency_ms: { p50, p99 }, second_stage_share: second, cut_rows: cut }: Report): string {
  const ms = (value: number) => `${value < 10 ? value.toFixed(3) : value.toFixed(0)} ms`;
  const begun = cut > 0 ? `; of ${counted(cut)} rows only the beginning was read` : "";
  return `One text: p50 ${ms(p50)}, p99 ${ms(p99)}. The second stage answered ${(second * 100).toFixed(1)}% of the rows${begun}.`;
}

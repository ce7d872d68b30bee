import { SAVING, WITHIN } from "../../backtest/cascade/contest.ts";
import type { CascadeFigures, CascadeReport, Paired } from "../../backtest/cascade/report.ts";
import { counted } from "../progress.ts";
import { printable, type Screen, wrapped } from "../screen.ts";
import { type Column, table } from "../table.ts";

/** A report of `eval cascade` as text: the table, what it says, what was chosen. */
export function cascadeText(report: CascadeReport, file: string, screen: Screen): string {
  const head = `${counted(report.rows)} rows of ${printable(file)}, ${counted(report.splits)} splits of four parts to learn from and one to report, seed ${report.seed}; cheap: ${report.models.slice(0, -1).map(printable).join(", ")}; strong: ${printable(report.models.at(-1)!)}`;
  const blocks = [
    wrapped(head, screen.width),
    policyTable(report, screen),
    verdict(report).flatMap((sentence) => wrapped(sentence, screen.width)),
    shapes(report).flatMap((sentence) => wrapped(sentence, screen.width)),
  ];
  return blocks.map((lines) => lines.join("\n")).join("\n\n");
}

const right = (head: string): Column => ({ head, align: "right" });
const points = (value: number) => `${value >= 0 ? "+" : ""}${(value * 100).toFixed(1)}`;
const share = (value: number) => `${(value * 100).toFixed(1)}%`;
const range = ({ interval }: Paired) => (interval ? `${points(interval[0])} to ${points(interval[1])}` : "");

function policyTable({ policies }: CascadeReport, screen: Screen): string[] {
  const columns = [
    { head: "policy", flexible: true },
    right("quality"),
    right("cost"),
    right("to strong"),
    { head: "95%" },
    right("to blind"),
    { head: "95%" },
  ];
  const rows = Object.entries(policies).map(([name, own]) => [
    printable(name),
    (own.quality * 100).toFixed(1),
    share(own.cost_share),
    points(own.against_strong.difference),
    range(own.against_strong),
    points(own.against_blind.difference),
    range(own.against_blind),
  ]);
  return [
    ...table(screen, columns, rows),
    ...wrapped(
      "quality: points of 100. cost: share of always the strong model. to strong, to blind: points more than always the strong model, and than a coin between single models that costs the same.",
      screen.width,
    ),
  ];
}

function verdict({ policies, equal_at: equal, within }: CascadeReport): string[] {
  const [saving, bound] = [policies[SAVING]!, policies[WITHIN]!];
  return [
    told(
      `The cheapest cascade that kept what it was to keep of the strong model's quality, by the rows it learned from (${SAVING})`,
      saving,
    ),
    told(`The best one for at most ${share(within)} of its cost (${WITHIN})`, bound),
    equal === null
      ? "At no share of the strong model's cost did cascades reach its quality on rows that they had not learned from."
      : `Cascades reach the strong model's quality at ${share(equal)} of its cost, on rows that they had not learned from.`,
  ];
}

const told = (what: string, { cost_share: cost, against_strong: strong }: CascadeFigures) =>
  `${what}: ${points(strong.difference)} points (${range(strong)}) at ${share(cost)} of its cost.`;

const shapes = ({ shapes, splits }: CascadeReport): string[] =>
  Object.entries(shapes)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 3)
    .map(([name, count]) => `Chosen in ${count} of ${splits} splits: ${printable(name)}.`);

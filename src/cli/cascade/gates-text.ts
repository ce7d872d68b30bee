import type { GateFigures, GatesReport } from "../../backtest/cascade/gates.ts";
import { counted } from "../progress.ts";
import { printable, type Screen, wrapped } from "../screen.ts";
import { type Column, table } from "../table.ts";

/** What `calibrate gates` found, as lines: the promise, every gate that was looked at, what the columns mean. */
export function gatesText(report: GatesReport, file: string, screen: Screen): string[] {
  const { rows, seed, models, best } = report;
  const cheap = models.slice(0, -1).map((name, at) => `${at + 1} ${printable(name)}`);
  const from = `${counted(rows.learned)} rows of ${printable(file)} learned from, ${counted(rows.tested)} others tested on, seed ${seed}; cheap: ${cheap.join(", ")}; strong: ${printable(models.at(-1)!)}.`;
  return [
    ...wrapped(promiseOf(report, best!), screen.width),
    ...wrapped(from, screen.width),
    "",
    ...gateTable(report, screen),
    ...wrapped(
      `gate: of the answer of cheap model 1 or 2. let through: of wrong answers at hand. rejected: of right ones. loss: requests with a wrong answer where the strong model's is right. even: the escalated share at which nothing is saved. All in percent, in brackets 95% of each; every figure from rows that taught nothing. Each promise holds with ${percent(report.confidence_each, 1)} confidence, all together with ${percent(report.confidence, 1)}.`,
      screen.width,
    ),
  ];
}

const percent = (share: number, digits = 0) => `${Number((share * 100).toFixed(digits))}%`;
const bounded = (own: GateFigures["loss"], digits = 0) =>
  own === undefined
    ? "-"
    : `${(own[0] * 100).toFixed(digits)} (${(own[1] * 100).toFixed(digits)}-${(own[2] * 100).toFixed(digits)})`;

/** By the number of the model, which is short enough for a table. */
const shortName = ({ gate, asks, model, threshold }: GateFigures, models: readonly string[]) =>
  gate === "learned"
    ? `learned ${asks.map((name) => models.indexOf(name) + 1).join(", ")}`
    : `${gate} ${models.indexOf(model) + 1}${threshold === undefined ? "" : ` from ${threshold}`}`;

function promiseOf({ models, max_loss: most, confidence }: GatesReport, best: GateFigures): string {
  const strong = printable(models.at(-1)!);
  return `With ${percent(confidence, 1)} confidence at most ${Number((most * 100).toFixed(2))} of 100 requests like these get a wrong answer where ${strong} has the right one: ${nameOf(best)}, at ${percent(best.cost_share!)} of always ${strong}; quality ${(best.quality! * 100).toFixed(1)} beside ${(best.strong_quality! * 100).toFixed(1)}. ${percent(best.escalated![0])} are escalated; it pays below ${percent(best.break_even_rate!)}.`;
}

const nameOf = ({ gate, asks, model, threshold }: GateFigures) =>
  gate === "learned"
    ? `learned (${asks.map(printable).join(", then ")})`
    : `${gate}${threshold === undefined ? "" : ` from ${threshold}`} (${printable(model)})`;

const right = (head: string): Column => ({ head, align: "right" });

function gateTable({ gates, models }: GatesReport, screen: Screen): string[] {
  const columns = [
    { head: "gate" },
    right("let through"),
    right("rejected"),
    right("escalated"),
    right("even"),
    right("loss"),
    right("cost"),
  ];
  const rows = gates.map((own) =>
    own.promised
      ? [
          shortName(own, models),
          bounded(own.wrong_let_through),
          bounded(own.right_rejected),
          bounded(own.escalated),
          percent(own.break_even_rate!),
          bounded(own.loss, 1),
          percent(own.cost_share!),
        ]
      : [shortName(own, models), "not promised"],
  );
  return table(screen, columns, rows);
}

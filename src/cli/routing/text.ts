import { BLIND, OURS } from "../../backtest/backtest.ts";
import type { PolicyFigures, RoutingReport } from "../../backtest/report.ts";
import type { Outlook } from "../../backtest/scenario.ts";
import { counted } from "../progress.ts";
import { printable, type Screen, wrapped } from "../screen.ts";
import { type Column, table } from "../table.ts";

/** A report of `eval routing` as text: the table, what it says, then by category and by row. */
export function routingText(
  report: RoutingReport,
  expected: Outlook | undefined,
  file: string,
  screen: Screen,
): string {
  const learned = report.folds.map(({ learned_rows: rows }) => counted(rows)).join(" and ");
  const blocks: (readonly string[])[] = [
    [
      ...wrapped(
        `${counted(report.rows)} rows of ${printable(file)}, learned from ${learned}, seed ${report.seed}; ${report.models.length} models: ${report.models.map(printable).join(", ")}`,
        screen.width,
      ),
    ],
    policyTable(report, screen),
    verdict(report).flatMap((sentence) => wrapped(sentence, screen.width)),
    models(report, screen),
    categories(report, screen),
    lostMost(report, screen),
    expected ? outlookLines(expected, screen) : [],
    report.notes.flatMap((note) => wrapped(note, screen.width)),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

const right = (head: string): Column => ({ head, align: "right" });
const points = (value: number | null, signed = false): string =>
  value === null ? "-" : `${signed && value >= 0 ? "+" : ""}${(value * 100).toFixed(1)}`;
const share = (value: number | null) => (value === null ? "-" : `${(value * 100).toFixed(0)}%`);
const figure = (value: number | null) => (value === null ? "-" : value.toFixed(3));
const range = (interval: readonly [number, number] | null, signed = false) =>
  interval ? `${points(interval[0], signed)} to ${points(interval[1], signed)}` : "";
/** Of a thousand requests. */
const perThousand = (usd: number) => (usd * 1000).toPrecision(3);

/** Ours first, then rivals with a knob, then those without, each from the best down; then what no router can be. */
function inOrder({ policies }: RoutingReport): (readonly [string, PolicyFigures])[] {
  const rank = ([name, own]: readonly [string, PolicyFigures]) =>
    name === OURS ? 0 : own.reference ? 3 : own.stands === "knob" ? 1 : 2;
  const worth = ([, own]: readonly [string, PolicyFigures]) => own.apgr ?? own.quality ?? 0;
  return Object.entries(policies).toSorted((a, b) => rank(a) - rank(b) || worth(b) - worth(a));
}

/** Columns below which the intervals give way. */
const WIDE = 96;

function policyTable(report: RoutingReport, screen: Screen): string[] {
  const best = report.policies["always_best"]!;
  const isWide = screen.width >= WIDE;
  const columns = [
    { head: "policy", flexible: true },
    right("quality"),
    ...(isWide ? [{ head: "95%" }] : []),
    right("USD/1k"),
    right("of best"),
    right("equal at"),
    right("at 84%"),
    right("at 50%"),
    right("APGR"),
  ];
  const rows = inOrder(report).map(([name, own]) => {
    const cells = [
      own.stands === "knob" ? `${name} *` : name,
      points(own.quality),
      ...(isWide ? [range(own.interval)] : []),
      perThousand(own.cost),
      share(own.cost / best.cost),
      share(own.cost_share_at_equal_quality),
      points(own.gain_at_cost_share["0.84"]!, true),
      points(own.gain_at_cost_share["0.5"]!, true),
      figure(own.apgr),
    ];
    return name === OURS ? cells.map((text) => ({ text, style: "bold" as const })) : cells;
  });
  return [
    ...table(screen, columns, rows),
    ...wrapped(
      "quality: points of 100. of best: cost as a share of always the best model. equal at: the share of its cost at which its quality is reached. at 84%, at 50%: points above it at that share. * has a knob and stands at the cost of ours.",
      screen.width,
    ),
  ];
}

/** Whether routing paid, in plain words. */
function verdict(report: RoutingReport): string[] {
  const { policies } = report;
  const [ours, best, blind] = [OURS, "always_best", BLIND].map((name) => policies[name]!) as [
    PolicyFigures,
    PolicyFigures,
    PolicyFigures,
  ];
  const gain = blind.ours_less_this;
  const paid =
    gain.interval === null || gain.quality === null
      ? "Whether routing paid against a blind mix cannot be told."
      : gain.interval[0] > 0
        ? `Routing paid: ${points(gain.quality, true)} points (95% ${range(gain.interval, true)}) against a blind mix of the same cost.`
        : gain.interval[1] < 0
          ? `Routing did not pay: ${points(gain.quality, true)} points (95% ${range(gain.interval, true)}) against a blind mix of the same cost.`
          : `Routing did not show that it pays: ${points(gain.quality, true)} points against a blind mix of the same cost, and the 95% interval, ${range(gain.interval, true)}, holds 0.`;
  const against = best.ours_less_this;
  const spent = share(ours.cost / best.cost);
  const equal =
    ours.cost_share_at_equal_quality === null
      ? "At no setting does it reach that quality."
      : `The quality of always the best model is reached at ${share(ours.cost_share_at_equal_quality)} of its cost.`;
  const { adequate, confidence, ece } = report.confidence;
  return [
    paid,
    `Against always the best model: ${points(against.quality, true)} points (95% ${range(against.interval, true)}) at ${spent} of its cost. ${equal}`,
    `Adequate (no model did better by more than 0.05): ${share(adequate)} of the decisions; confidence said ${share(confidence)}, expected calibration error ${figure(ece)}.`,
  ];
}

function models({ policies, models: names, prices }: RoutingReport, screen: Screen): string[] {
  const ours = policies[OURS]!;
  const rows = names.map((name) => {
    const { input, output, from } = prices[name]!;
    return [printable(name), share(ours.shares[name] ?? 0), String(input), String(output), from];
  });
  const columns = [
    { head: "model", flexible: true },
    right("ours"),
    right("USD/M in"),
    right("out"),
    { head: "price" },
  ];
  const more = `Ours: ${ours.tokens === null ? "unknown" : ours.tokens.toFixed(0)} tokens a reply, ${ours.latency_ms === null ? "unknown" : ours.latency_ms.toFixed(0)} ms.`;
  return [...table(screen, columns, rows), more];
}

const MOST_SHOWN = 30;

function categories({ per_category: all }: RoutingReport, screen: Screen): string[] {
  const entries = Object.entries(all);
  if (entries.length === 0) return [];
  const columns = [
    { head: "category", flexible: true },
    ...["rows", "ours", "best", "less best"].map(right),
    { head: "95%" },
    right("cost of best's"),
  ];
  const rows = entries
    .slice(0, MOST_SHOWN)
    .map(([name, own]) => [
      printable(name),
      counted(own.rows),
      points(own.quality),
      points(own.best_quality),
      points(own.difference, true),
      range(own.interval, true),
      share(own.cost / own.best_cost),
    ]);
  const more = entries.length > MOST_SHOWN ? [`and ${counted(entries.length - MOST_SHOWN)} more`] : [];
  return [...table(screen, columns, rows), ...more];
}

const MOST_LOSSES = 5;

function lostMost({ lost_most: all }: RoutingReport, screen: Screen): string[] {
  if (all.length === 0) return [];
  const columns = [
    { head: "lost most on", flexible: true },
    { head: "chosen", flexible: true },
    { head: "better", flexible: true },
    right("points"),
  ];
  const rows = all
    .slice(0, MOST_LOSSES)
    .map(({ id, chosen, better, lost }) => [printable(id), printable(chosen), printable(better), points(lost)]);
  return table(screen, columns, rows);
}

function outlookLines(own: Outlook, screen: Screen): string[] {
  const usd = (value: number) => value.toFixed(2);
  const columns = [
    { head: `${counted(own.requests_per_day)} a day` },
    right("quality"),
    right("USD a day"),
    right("ms"),
  ];
  const row = (name: string, { quality, usd_per_day: cost, latency_ms: ms }: Outlook["ours"]) => [
    name,
    points(quality),
    usd(cost),
    ms.toFixed(0),
  ];
  const even =
    own.break_even_requests_per_day === null
      ? "At these prices routing never pays for itself."
      : `It pays for itself from ${counted(own.break_even_requests_per_day)} requests a day on.`;
  return [
    ...table(screen, columns, [row("ours", own.ours), row("always best", own.always_best)]),
    `Net saving ${usd(own.net_saving_per_day)} USD a day. ${even}`,
  ];
}

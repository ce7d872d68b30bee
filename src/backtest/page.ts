import { type Bar, bars, escaped, percent } from "../evaluation/charts.ts";
import { page, section } from "../evaluation/page.ts";
import { BLIND, OURS } from "./backtest.ts";
import type { PolicyFigures, RoutingReport } from "./report.ts";

/** A report of routing as one page of HTML that needs nothing beside it. */
export function routingPage(report: RoutingReport, file: string): string {
  const { rows, models, complete } = report;
  const says = `${file}: ${rows} rows, ${models.length} models, seed ${report.seed}${complete ? "" : "; stopped before the end of the file"}.`;
  return page({
    title: `routing: ${file}`,
    heading: "routing",
    says,
    parts: [
      cards(report),
      section(
        "Quality against cost",
        curveChart(report),
        "Upper left is better. Lines are knobs; dots are policies without one.",
      ),
      section("Policies", policyTable(report)),
      section("Share of the requests by model", shareBars(report)),
      section("By category", categoryBars(report), "Ours less always the best model, in points."),
      section("Decisions that lost most", lossTable(report)),
      section("Notes", report.notes.map((note) => `<p>${escaped(note)}</p>`).join("")),
    ],
  });
}

const points = (value: number | null, signed = false) =>
  value === null ? "-" : `${signed && value >= 0 ? "+" : ""}${(value * 100).toFixed(1)}`;
const range = (interval: readonly [number, number] | null) =>
  interval ? `${points(interval[0], true)} to ${points(interval[1], true)}` : "";

function cards({ policies }: RoutingReport): string {
  const [ours, best, blind] = [OURS, "always_best", BLIND].map((name) => policies[name]!) as [
    PolicyFigures,
    PolicyFigures,
    PolicyFigures,
  ];
  const equal = ours.cost_share_at_equal_quality;
  const figures = [
    [points(ours.quality), "quality", range(null)],
    [percent(ours.cost / best.cost, 0), "of the cost of always the best", ""],
    [points(blind.ours_less_this.quality, true), "points against a blind mix", range(blind.ours_less_this.interval)],
    [points(best.ours_less_this.quality, true), "points against always the best", range(best.ours_less_this.interval)],
    [equal === null ? "never" : percent(equal, 0), "of its cost for equal quality", ""],
  ];
  const card = ([value, name, interval]: readonly string[]) =>
    `<div class="card"><b>${value}</b><span>${name}</span>${interval ? `<small>${interval}</small>` : ""}</div>`;
  return `<section class="cards">${figures.map(card).join("")}</section>`;
}

const WIDTH = 640;
const HEIGHT = 360;
const MARGIN = 46;
/** Hues by policy: ours, the blind mix, and the few that are worth a line of their own. */
const LINES: readonly (readonly [name: string, style: string])[] = [
  [BLIND, "stroke:var(--line);stroke-dasharray:4 4"],
  ["best_per_category", "stroke:var(--dim);stroke-dasharray:2 3"],
  ["domain_table", "stroke:rgb(var(--bad))"],
  [OURS, "stroke:rgb(var(--hue))"],
];

function curveChart({ policies }: RoutingReport): string {
  const lines = LINES.filter(([name]) => policies[name] !== undefined);
  const dots = Object.entries(policies).filter(
    ([name, own]) => own.stands === "fixed" && own.quality !== null && name !== "oracle",
  );
  const all = [
    ...lines.flatMap(([name]) => policies[name]!.curve),
    ...dots.map(([, own]) => [own.cost, own.quality!] as const),
  ];
  const mostCost = Math.max(...all.map(([cost]) => cost)) * 1.05 || 1;
  const [low, high] = [Math.min(...all.map(([, quality]) => quality)), Math.max(...all.map(([, quality]) => quality))];
  const pad = (high - low) * 0.08 || 0.05;
  const place = ([cost, quality]: readonly [number, number]) => [
    MARGIN + (cost / mostCost) * (WIDTH - MARGIN - 16),
    HEIGHT - MARGIN - ((quality - low + pad) / (high - low + 2 * pad)) * (HEIGHT - MARGIN - 16),
  ];
  const at = (point: readonly [number, number]) => place(point).map((value) => value.toFixed(1));
  const curves = lines.map(
    ([name, style]) =>
      `<polyline class="curve" style="${style}" points="${policies[name]!.curve.map((point) => at(point).join(",")).join(" ")}"><title>${name}</title></polyline>`,
  );
  const marks = dots.map(([name, own]) => {
    const [x, y] = at([own.cost, own.quality!]);
    const says = `${name}: ${points(own.quality)} at ${(own.cost * 1000).toPrecision(3)} USD of 1,000`;
    return `<circle cx="${x}" cy="${y}" r="${name === OURS ? 6 : 4}"><title>${says}</title></circle><text x="${Number(x) + 7}" y="${Number(y) + 3}">${name}</text>`;
  });
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const [x] = at([mostCost * part, low]);
    const [, y] = at([0, low + (high - low) * part]);
    return `<text x="${x}" y="${HEIGHT - MARGIN + 16}" text-anchor="middle">${(mostCost * part * 1000).toPrecision(2)}</text><text x="${MARGIN - 6}" y="${y}" text-anchor="end">${points(low + (high - low) * part)}</text>`;
  });
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Quality against cost">${ticks.join("")}<text x="${WIDTH / 2}" y="${HEIGHT - 8}" text-anchor="middle">USD of 1,000 requests</text>${curves.join("")}${marks.join("")}</svg>`;
}

function policyTable({ policies }: RoutingReport): string {
  const head = [
    "policy",
    "quality",
    "USD of 1,000",
    "equal at",
    "at 84%",
    "at 50%",
    "APGR",
    "ours less this",
    "what it does",
  ];
  const rows = Object.entries(policies).map(([name, own]) => [
    own.stands === "knob" ? `${name} *` : name,
    points(own.quality),
    (own.cost * 1000).toPrecision(3),
    own.cost_share_at_equal_quality === null ? "-" : percent(own.cost_share_at_equal_quality, 0),
    points(own.gain_at_cost_share["0.84"]!, true),
    points(own.gain_at_cost_share["0.5"]!, true),
    own.apgr === null ? "-" : own.apgr.toFixed(3),
    `${points(own.ours_less_this.quality, true)} (${range(own.ours_less_this.interval)})`,
    own.says,
  ]);
  return `${tableOf(head, rows)}<p>* has a knob and stands at the cost of ours.</p>`;
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join("")}</tr>`;
  return `<div class="wide"><table>${line(head, "th")}${rows.map((cells) => line(cells, "td")).join("")}</table></div>`;
}

function shareBars({ policies, models }: RoutingReport): string {
  const { shares } = policies[OURS]!;
  return bars(models.map((name): Bar => ({ name, share: shares[name] ?? 0, says: percent(shares[name] ?? 0) })));
}

function categoryBars({ per_category: all }: RoutingReport): string | undefined {
  const rows = Object.entries(all).map(([name, own]): Bar => {
    const says = `${points(own.difference, true)} (${range(own.interval)}), ${own.rows} rows, ${percent(own.cost / own.best_cost, 0)} of its cost`;
    return { name, share: own.quality, says };
  });
  return rows.length === 0 ? undefined : bars(rows);
}

function lossTable({ lost_most: all }: RoutingReport): string | undefined {
  if (all.length === 0) return undefined;
  const rows = all.map(({ id, chosen, better, lost }) => [id, chosen, better, points(lost)]);
  return tableOf(["row", "chosen", "better", "points lost"], rows);
}

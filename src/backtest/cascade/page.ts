import { escaped, percent } from "../../evaluation/charts.ts";
import { page, section } from "../../evaluation/page.ts";
import { alwaysOf } from "./contest.ts";
import type { CascadeReport, Paired } from "./report.ts";

/** A report of a cascade as one page of HTML that needs nothing beside it. */
export function cascadePage(report: CascadeReport, file: string): string {
  const { rows, splits, seed, models, complete } = report;
  return page({
    title: `cascade: ${file}`,
    heading: "cascade",
    says: `${file}: ${rows} rows, ${models.join(", ")}; ${splits} splits, seed ${seed}${complete ? "" : "; stopped before the end"}.`,
    parts: [
      section("Policies", policyTable(report)),
      section("What each share of the strong model's cost buys", curveTable(report)),
      section("Cascades that were chosen", shapeTable(report)),
    ],
  });
}

const points = (value: number) => `${value >= 0 ? "+" : ""}${(value * 100).toFixed(1)}`;
const pairedText = ({ difference, interval }: Paired) =>
  `${points(difference)}${interval ? ` (${points(interval[0])} to ${points(interval[1])})` : ""}`;

function policyTable({ policies }: CascadeReport): string {
  const rows = Object.entries(policies).map(([name, own]) => [
    name,
    (own.quality * 100).toFixed(1),
    percent(own.cost_share),
    pairedText(own.against_strong),
    pairedText(own.against_blind),
  ]);
  return tableOf(
    ["policy", "quality", "of the strong model's cost", "points against it", "points against a blind mix"],
    rows,
  );
}

function curveTable({ curve, models, policies }: CascadeReport): string {
  const strong = policies[alwaysOf(models.at(-1)!)]!.quality;
  const rows = curve.map(({ within, cost_share, quality }) => [
    percent(within, 0),
    percent(cost_share),
    (quality * 100).toFixed(1),
    points(quality - strong),
  ]);
  return tableOf(["allowed", "spent", "quality", "points against it"], rows);
}

function shapeTable({ shapes, splits }: CascadeReport): string {
  const rows = Object.entries(shapes)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, count]) => [name, `${count} of ${splits}`]);
  return tableOf(["cascade", "splits"], rows);
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join("")}</tr>`;
  return `<div class="wide"><table>${line(head, "th")}${rows.map((cells) => line(cells, "td")).join("")}</table></div>`;
}

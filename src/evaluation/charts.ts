import type { ConfusionFigures, Reliability } from "./report.ts";

/** Small drawings for a page that needs no network: SVG and tables as text. */

const SIZE = 300;
const MARGIN = 44;
const PLOT = SIZE - MARGIN - 12;

export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

export const percent = (share: number, digits = 1): string => `${(share * 100).toFixed(digits)}%`;

interface Axis {
  readonly name: string;
  readonly most: number;
  readonly ticks: readonly number[];
}

type Point = readonly [x: number, y: number];

/** A square with two axes, both from 0. `draw` gets the places of points. */
function plot(title: string, x: Axis, y: Axis, draw: (place: (point: Point) => Point) => string): string {
  const place = ([across, up]: Point): Point => [
    MARGIN + (across / x.most) * PLOT,
    SIZE - MARGIN - (up / y.most) * PLOT,
  ];
  const [left, bottom] = place([0, 0]);
  const [right, top] = place([x.most, y.most]);
  const ticksX = x.ticks.map((at) => {
    const [across] = place([at, 0]);
    return `<line class="grid" x1="${across}" y1="${top}" x2="${across}" y2="${bottom}"/><text x="${across}" y="${bottom + 16}" text-anchor="middle">${percent(at, 0)}</text>`;
  });
  const ticksY = y.ticks.map((at) => {
    const [, up] = place([0, at]);
    return `<line class="grid" x1="${left}" y1="${up}" x2="${right}" y2="${up}"/><text x="${left - 6}" y="${up + 4}" text-anchor="end">${percent(at, 0)}</text>`;
  });
  return `<svg viewBox="0 0 ${SIZE} ${SIZE}" role="img" aria-label="${escaped(title)}">
${ticksX.join("")}${ticksY.join("")}
<text x="${(left + right) / 2}" y="${SIZE - 8}" text-anchor="middle">${escaped(x.name)}</text>
<text transform="translate(12 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(y.name)}</text>
${draw(place)}
</svg>`;
}

const QUARTERS = [0, 0.25, 0.5, 0.75, 1];
const line = (style: string, points: readonly Point[]) =>
  `<polyline class="${style}" points="${points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ")}"/>`;

/** How often right against how sure; the diagonal is what calibrated means. */
export function reliabilityChart(bins: readonly Reliability[]): string {
  const x = { name: "confidence", most: 1, ticks: QUARTERS };
  const y = { name: "accuracy", most: 1, ticks: QUARTERS };
  return plot("Reliability: accuracy against confidence", x, y, (place) => {
    const points = bins.map(({ confidence, accuracy }) => place([confidence, accuracy]));
    const dots = points.map(([across, up], at) => {
      const { rows, confidence, accuracy } = bins[at]!;
      const says = `${rows} rows: sure ${percent(confidence)}, right ${percent(accuracy)}`;
      return `<circle cx="${across.toFixed(1)}" cy="${up.toFixed(1)}" r="4"><title>${says}</title></circle>`;
    });
    return line("ideal", [place([0, 0]), place([1, 1])]) + line("curve", points) + dots.join("");
  });
}

/** What is caught against what is flagged by mistake, up to a tenth of the benign rows. */
export function rocChart(points: readonly Point[], marks: readonly Point[]): string {
  const x = { name: "false positives", most: 0.1, ticks: [0, 0.01, 0.05, 0.1] };
  const y = { name: "recall", most: 1, ticks: QUARTERS };
  return plot("Recall against false positives", x, y, (place) => {
    const steps = points.flatMap(([across, up], at) => {
      const before = points[at - 1];
      return before === undefined ? [place([across, up])] : [place([across, before[1]]), place([across, up])];
    });
    const dots = marks.map(([rate, recall]) => {
      const [across, up] = place([rate, recall]);
      return `<circle cx="${across.toFixed(1)}" cy="${up.toFixed(1)}" r="4"><title>${percent(recall)} at ${percent(rate)}</title></circle>`;
    });
    return line("curve", steps) + dots.join("");
  });
}

/** A row for each true label; the deeper the colour, the greater its share of the row. */
export function confusionTable({ labels, counts }: ConfusionFigures): string {
  const used = labels.map((_, at) => counts[at]!.some(Boolean) || counts.some((row) => row[at]! > 0));
  const shown = labels.flatMap((label, at) => (used[at] === true ? [{ label: escaped(label), at }] : []));
  const head = shown.map(({ label }) => `<th scope="col"><span>${label}</span></th>`).join("");
  const rows = shown.map(({ label, at }) => {
    const all = counts[at]!.reduce((sum, count) => sum + count, 0);
    const cells = shown.map((given) => {
      const count = counts[at]![given.at]!;
      const share = all === 0 ? 0 : count / all;
      const style = `--share:${share.toFixed(3)}`;
      const kind = at === given.at ? "right" : "wrong";
      const says = `${label} given ${given.label}: ${percent(share)}`;
      return `<td class="${kind}${share > 0.55 ? " deep" : ""}" style="${style}" title="${says}">${count || ""}</td>`;
    });
    return `<tr><th scope="row">${label}</th>${cells.join("")}</tr>`;
  });
  return `<div class="wide"><table class="heat"><thead><tr><th>true \\ given</th>${head}</tr></thead><tbody>${rows.join("\n")}</tbody></table></div>`;
}

export interface Bar {
  readonly name: string;
  /** In [0,1]. */
  readonly share: number;
  readonly says: string;
}

export function bars(rows: readonly Bar[]): string {
  const line = ({ name, share, says }: Bar) =>
    `<tr><th scope="row">${escaped(name)}</th><td><div class="bar"><div style="width:${percent(Math.min(1, Math.max(0, share)))}"></div></div></td><td>${escaped(says)}</td></tr>`;
  return `<table class="bars"><tbody>${rows.map(line).join("\n")}</tbody></table>`;
}

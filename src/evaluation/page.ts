import { type Bar, bars, confusionTable, escaped, percent, reliabilityChart, rocChart } from "./charts.ts";
import type { Bounds, GroupFigures, Report } from "./report.ts";

/** A report as one page of HTML that needs nothing beside it. */
export function reportPage(report: Report, file: string): string {
  const title = `${report.task}: ${file}`;
  const parts = [
    summary(report),
    section("Confusion", report.confusion && confusionTable(report.confusion), "Rows are true labels."),
    charts(report),
    section("By label", labelBars(report)),
    section("Identifiers", identifiers(report), "Texts in which the pii signal named the kind that they hold."),
    ...(["per_source", "per_language", "per_type"] as const).map((key) =>
      section(GROUPS[key], groupBars(report[key] ?? {})),
    ),
    section("Latency of one text", latency(report)),
  ];
  const says = `${file}: ${report.rows} rows, ${report.stage} stage, encoder ${report.encoder}${report.complete ? "" : "; stopped before the end of the file"}.`;
  return page({ title, heading: report.task, says, parts });
}

/** A page that needs nothing beside it; `parts` are HTML, the rest is text. */
export function page({
  title,
  heading,
  says,
  parts,
}: {
  readonly title: string;
  readonly heading: string;
  readonly says: string;
  readonly parts: readonly string[];
}): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(heading)}</h1>
<p>${escaped(says)}</p>
${parts.filter(Boolean).join("\n")}
</main>
</body>
</html>
`;
}

const GROUPS = { per_source: "By source", per_language: "By language", per_type: "By type" } as const;

export function section(title: string, body: string | undefined, says = ""): string {
  if (body === undefined || body === "") return "";
  return `<section><h2>${title}</h2>${says && `<p>${says}</p>`}${body}</section>`;
}

function summary({ intervals = {}, ...report }: Report): string {
  const figures: (readonly [name: string, value: number | undefined, bounds?: Bounds | undefined])[] = [
    ["accuracy", report.accuracy, intervals["accuracy"]],
    ["macro F1", report.macro_f1, intervals["macro_f1"]],
    ...Object.entries(report.recall_at_fpr ?? {}).map(
      ([rate, recall]) =>
        [`recall at ${Number(rate) * 100}% false positives`, recall, intervals[`recall_at_fpr.${rate}`]] as const,
    ),
    ["AUC, small model fails", report.auc, intervals["auc"]],
    ["Spearman", report.spearman, intervals["spearman"]],
    ["span F1", report.span_f1, intervals["span_f1"]],
    ["calibration error", report.ece],
  ];
  const cards = figures.flatMap(([name, value, bounds]) =>
    value === undefined
      ? []
      : [
          `<div class="card"><b>${value.toFixed(3)}</b><span>${name}</span>${bounds ? `<small>${bounds[0].toFixed(3)} to ${bounds[1].toFixed(3)}</small>` : ""}</div>`,
        ],
  );
  return `<section class="cards">${cards.join("")}</section>`;
}

function charts(report: Report): string {
  const marks = Object.entries(report.recall_at_fpr ?? {}).map(([rate, recall]) => [Number(rate), recall] as const);
  return `<div class="two">${[
    section("Reliability", report.reliability && reliabilityChart(report.reliability), "The diagonal is calibrated."),
    section("Recall at low false-positive rates", report.roc && rocChart(report.roc, marks)),
  ].join("")}</div>`;
}

function labelBars({ per_label: labels = {} }: Report): string | undefined {
  const rows = Object.entries(labels).flatMap(([name, { rows, given, precision, recall, f1 }]): Bar[] => {
    const says = `F1 ${f1.toFixed(3)}, precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}, ${rows} true`;
    return rows + given === 0 ? [] : [{ name, share: f1, says }];
  });
  return rows.length === 0 ? undefined : bars(rows);
}

function identifiers({ identifiers: kinds = {} }: Report): string | undefined {
  const rows = Object.entries(kinds).map(([name, { texts, reported, recall, valid, valid_missed: missed }]): Bar => {
    const checked = valid === undefined ? "" : `; ${missed} of ${valid} with a valid checksum missed`;
    return { name, share: recall, says: `${reported} of ${texts}${checked}` };
  });
  return rows.length === 0 ? undefined : bars(rows);
}

const MOST_GROUPS = 60;

function groupBars(groups: Readonly<Record<string, GroupFigures>>): string | undefined {
  const rows = Object.entries(groups).map(([name, { rows, flagged, ...figures }]): Bar => {
    const value = figures.accuracy ?? figures.span_f1 ?? figures.spearman;
    const told = value === undefined ? "nothing to tell" : value.toFixed(3);
    const caught = flagged === undefined ? "" : `, ${percent(flagged)} flagged`;
    return { name, share: value ?? 0, says: `${told}, ${rows} rows${caught}` };
  });
  return rows.length === 0 ? undefined : bars(rows.slice(0, MOST_GROUPS));
}

function latency({ latency_ms: ms, second_stage_share: second }: Report): string {
  // The longest may be a thousand times the median: the bars grow with the logarithm.
  const long = (value: number) => Math.log1p(value * 1000) / Math.log1p(ms.max * 1000);
  const rows = Object.entries(ms).map(([name, value]): Bar => {
    return {
      name,
      share: ms.max > 0 ? long(value) : 0,
      says: `${value < 10 ? value.toFixed(3) : value.toFixed(0)} ms`,
    };
  });
  return `${bars(rows)}<p>Bars are logarithmic. The second stage answered ${percent(second)} of the rows.</p>`;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --dim: #667085; --line: #d9dee7; --paper: #fff; --hue: 37 99 166; --bad: 190 74 48; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --dim: #98a2b3; --line: #343c49; --paper: #14181f; --hue: 92 153 214; --bad: 224 122 95; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1000px; margin: 0 auto; padding: 24px 20px 60px; }
h1 { margin: 0; font-size: 28px; } h2 { margin: 36px 0 8px; font-size: 18px; }
p { margin: 4px 0 12px; color: var(--dim); }
.cards { display: flex; flex-wrap: wrap; gap: 10px; margin-top: 16px; }
.card { border: 1px solid var(--line); border-radius: 6px; padding: 10px 14px; display: grid; }
.card b { font-size: 22px; font-variant-numeric: tabular-nums; } .card span, .card small { color: var(--dim); }
.two { display: flex; flex-wrap: wrap; gap: 28px; } .two section { flex: 1 1 300px; max-width: 420px; }
.wide { overflow-x: auto; }
svg { width: 100%; } svg text { font-size: 10px; fill: var(--dim); }
.grid { stroke: var(--line); } .ideal, .curve { fill: none; stroke-width: 2; }
.ideal { stroke: var(--line); stroke-dasharray: 4 4; } .curve { stroke: rgb(var(--hue)); } circle { fill: rgb(var(--hue)); }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th { font-weight: 500; text-align: left; padding: 3px 10px 3px 0; white-space: nowrap; }
.heat td { min-width: 40px; height: 28px; text-align: center; border: 1px solid var(--paper); }
.heat td.right { background: rgb(var(--hue) / var(--share)); } .heat td.wrong { background: rgb(var(--bad) / var(--share)); }
.heat td.deep { color: #fff; }
.heat thead th { vertical-align: bottom; } .heat thead span { writing-mode: vertical-rl; transform: rotate(180deg); }
.bars { width: 100%; } .bars td:nth-child(2) { width: 45%; } .bars td:last-child { padding-left: 12px; color: var(--dim); white-space: nowrap; }
.bar { height: 12px; border-radius: 3px; background: color-mix(in srgb, var(--line) 60%, transparent); }
.bar div { height: 100%; border-radius: 3px; background: rgb(var(--hue)); }
`;

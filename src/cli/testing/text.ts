import { counted } from "../progress.ts";
import { paint, printable, type Screen, widthOf, wrapped } from "../screen.ts";
import { table } from "../table.ts";
import { askedBy } from "./form.ts";
import { missText, readLine, type Result } from "./judge.ts";
import { cameText, type CellChange, type Comparison, type Loss, type Matrix } from "./matrix.ts";

const MOST_SHOWN = 50;

/** What failed and why, in the order of the file. */
export function failuresText(results: readonly Result[], screen: Screen, showPrompts: boolean): string[] {
  const failed = results.filter(({ misses }) => misses.length > 0);
  const lines = failed.slice(0, MOST_SHOWN).flatMap((result) => [...failureLines(result, screen, showPrompts), ""]);
  const more = failed.length > MOST_SHOWN ? [`and ${counted(failed.length - MOST_SHOWN)} more that failed`, ""] : [];
  return [...lines, ...more];
}

function failureLines({ test, came, misses }: Result, screen: Screen, showPrompts: boolean): string[] {
  const mark = screen.unicode ? "✗" : "x";
  const where = test.name === `line ${test.line}` ? "" : ` (line ${test.line})`;
  const inside = [
    ...(showPrompts ? [`prompt: ${printable(askedBy(test))}`] : []),
    ...misses.map(missText),
    `${cameText(came)}: ${came.because}`,
    `read: ${readLine(came)}`,
  ];
  return [
    paint(screen, "red", `${mark} ${printable(test.name)}${where}`),
    ...inside.flatMap((text) => wrapped(printable(text), screen.width - 4).map((line) => `    ${line}`)),
  ];
}

/** Each name's figures, and who was taken for whom. */
export function matrixText({ kind, labels, counts, scores, accuracy }: Matrix, screen: Screen): string[] {
  const columns = [
    { head: kind, flexible: true },
    { head: "tests", align: "right" },
    { head: "came", align: "right" },
    { head: "right", align: "right" },
    { head: "precision", align: "right" },
    { head: "recall", align: "right" },
  ] as const;
  const rows = scores.map(({ label, tests, came, right, precision, recall }) => [
    printable(label),
    counted(tests),
    counted(came),
    counted(right),
    came === 0 ? "-" : precision.toFixed(2),
    tests === 0 ? "-" : recall.toFixed(2),
  ]);
  const share = `${kind}: ${(accuracy * 100).toFixed(1)}% as expected`;
  return [...table(screen, columns, rows), "", share, ...confusionText(labels, counts, screen), ""];
}

/** The whole matrix where it fits, else the cells that are wrong, most tests first. */
function confusionText(labels: readonly string[], counts: Matrix["counts"], screen: Screen): string[] {
  const names = labels.map(printable);
  const head = "expected \\ came";
  const width =
    Math.max(widthOf(head), ...names.map(widthOf)) + names.reduce((sum, name) => sum + widthOf(name) + 2, 0);
  if (width <= screen.width) {
    const columns = [{ head }, ...names.map((name) => ({ head: name, align: "right" as const }))];
    return table(
      screen,
      columns,
      counts.map((row, at) => [names[at]!, ...row.map((count) => (count === 0 ? "." : counted(count)))]),
    );
  }
  const wrong = counts.flatMap((row, expected) =>
    row.flatMap((count, came) => (count > 0 && came !== expected ? [{ count, expected, came }] : [])),
  );
  return wrong
    .toSorted((a, b) => b.count - a.count)
    .slice(0, MOST_SHOWN)
    .map(({ count, expected, came }) => `  ${counted(count)} expected ${names[expected]}, came ${names[came]}`);
}

/** What the new config does to the tests, against the old one. */
export function comparisonText({ cells, losses, lost, won, moved }: Comparison, screen: Screen): string[] {
  const totals = `lost ${counted(lost)}, won ${counted(won)}, decided otherwise ${counted(moved)}`;
  const columns = [
    { head: "" },
    { head: "expected", flexible: true },
    { head: "came", flexible: true },
    { head: "before", align: "right" },
    { head: "after", align: "right" },
  ] as const;
  const rows = cells.map(({ kind, expected, came, before, after }: CellChange) => [
    kind,
    printable(expected),
    printable(came),
    counted(before),
    counted(after),
  ]);
  return [
    ...(rows.length > 0 ? [...table(screen, columns, rows), ""] : []),
    ...lossLines(losses),
    ...(losses.length > 0 ? [""] : []),
    `against the old config: ${totals}`,
  ];
}

/** `route billing lost 3: 2 to default (line 4, line 9), 1 to small (refunds)` */
function lossLines(losses: readonly Loss[]): string[] {
  const losers = Map.groupBy(losses, ({ kind, from }) => `${kind === "other" ? "" : `${kind} `}${from}`);
  return [...losers].map(([loser, own]) => {
    const sum = own.reduce((total, { rows }) => total + rows.length, 0);
    const to = own.map(({ to: winner, rows }) => `${counted(rows.length)} to ${winner} (${namesOf(rows)})`);
    return printable(`${loser} lost ${counted(sum)}: ${to.join(", ")}`);
  });
}

const MOST_NAMES = 5;

function namesOf(rows: readonly Result[]): string {
  const names = rows.slice(0, MOST_NAMES).map(({ test }) => test.name);
  return [...names, ...(rows.length > MOST_NAMES ? ["..."] : [])].join(", ");
}

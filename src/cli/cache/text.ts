import type { PairReport, PolicyFigures, TypeFigures } from "../../evaluation/cache/report.ts";
import { counted } from "../progress.ts";
import { printable, type Screen, wrapped } from "../screen.ts";
import { type Column, table } from "../table.ts";

const DEFINITION =
  "A pair should be served where it is labelled the same, or scores 0.9 or more, and both texts are in one language. Wrong hits: of the pairs that were served, those that should not have been. Paraphrases: of the pairs that should be served, those that were. 95% intervals by Wilson.";

/** A report of `eval cache` as text: the cache beside what is common elsewhere, then type by type. */
export function pairsText(report: PairReport, file: string, screen: Screen): string {
  const head = `${counted(report.rows)} pairs of ${printable(file)}, encoder ${printable(report.encoder)}, served from a score of ${report.threshold} on`;
  const refusals = Object.entries(report.refused_by).map(([why, rows]) => `${why} ${counted(rows)}`);
  return [
    wrapped(head, screen.width),
    policies(report, screen),
    types(report, screen),
    wrapped(`Not served, by what refused first: ${refusals.join(", ") || "nothing"}.`, screen.width),
    wrapped(DEFINITION, screen.width),
  ]
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

const right = (head: string): Column => ({ head, align: "right" });
const percent = (value: number) => `${(value * 100).toFixed(2)}%`;
const rate = (value: number | null) => (value === null ? "-" : percent(value));
const range = ([low, high]: readonly [number, number]) => `${percent(low)}-${percent(high)}`;

function policies(report: PairReport, screen: Screen): string[] {
  const columns = [
    { head: "decides", flexible: true },
    right("served"),
    right("wrong"),
    right("wrong hits"),
    right("95%"),
    right("paraphrases"),
    right("95%"),
  ];
  const row = (name: string, own: PolicyFigures) => [
    name,
    counted(own.served),
    counted(own.wrong_hits),
    rate(own.wrong_hit_rate),
    own.served === 0 ? "-" : range(own.wrong_hit_interval),
    rate(own.paraphrase_hit_rate),
    own.paraphrases === 0 ? "-" : range(own.paraphrase_hit_interval),
  ];
  const others = Object.entries(report.others).map(([name, own]) => row(name, own));
  return table(screen, columns, [row("signalbox", report), ...others]);
}

function types({ by_type: all }: PairReport, screen: Screen): string[] {
  const columns = [
    { head: "type", flexible: true },
    right("pairs"),
    right("served"),
    right("wrong"),
    right("refused"),
    right("95%"),
    right("found"),
    right("95%"),
  ];
  const rows = Object.entries(all).map(([name, own]: [string, TypeFigures]) => [
    printable(name),
    counted(own.rows),
    counted(own.served),
    counted(own.wrong_hits),
    rate(own.refused_rate),
    own.refused_rate === null ? "-" : range(own.refused_interval),
    rate(own.hit_rate),
    own.hit_rate === null ? "-" : range(own.hit_interval),
  ]);
  return table(screen, columns, rows);
}

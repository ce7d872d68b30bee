import { accuracy, confusion, labelScores } from "../../statistics/classification.ts";
import { listed } from "./form.ts";
import type { Came, Result } from "./judge.ts";

/** What a test can expect by name, and a decision has. */
const KINDS = ["route", "model", "tier"] as const;
export type Kind = (typeof KINDS)[number];

/** What was expected against what came, over the tests that expect this kind of name. */
export interface Matrix {
  readonly kind: Kind;
  /** Every name that was expected or came, sorted. */
  readonly labels: readonly string[];
  /** `counts[expected][came]`, in tests. */
  readonly counts: readonly (readonly number[])[];
  /** In the order of `labels`. */
  readonly scores: readonly LabelFigures[];
  /** Share of the tests in which what was expected came. */
  readonly accuracy: number;
}

export interface LabelFigures {
  readonly label: string;
  readonly tests: number;
  readonly came: number;
  readonly right: number;
  /** 0 where there is nothing to divide by. */
  readonly precision: number;
  readonly recall: number;
}

/** One matrix for each kind of name that any test expects. */
export function matricesOf(results: readonly Result[]): Matrix[] {
  return KINDS.flatMap((kind) => {
    const pairs = results.flatMap((result) => pairOf(kind, result) ?? []);
    return pairs.length === 0 ? [] : [matrixOf(kind, pairs)];
  });
}

interface Pair {
  readonly expected: string;
  readonly came: string;
}

/** Of several names that would do the one that came is meant, else the first. */
function pairOf(kind: Kind, { test, came }: Result): Pair | undefined {
  const expected = test[kind];
  if (expected === undefined) return undefined;
  const names = listed(expected);
  return { expected: names.includes(came[kind]) ? came[kind] : names[0]!, came: came[kind] };
}

function matrixOf(kind: Kind, pairs: readonly Pair[]): Matrix {
  const labels = [...new Set(pairs.flatMap(({ expected, came }) => [expected, came]))].toSorted();
  const at = new Map(labels.map((label, index) => [label, index]));
  const table = confusion(
    labels.length,
    pairs.map(({ expected }) => at.get(expected)!),
    pairs.map(({ came }) => at.get(came)!),
  );
  const counts = labels.map((_, row) =>
    Array.from(table.counts.subarray(row * labels.length, (row + 1) * labels.length)),
  );
  const scores = labelScores(table).map(({ rows, given, precision, recall }, index) => ({
    label: labels[index]!,
    tests: rows,
    came: given,
    right: counts[index]![index]!,
    precision,
    recall,
  }));
  return { kind, labels, counts, scores, accuracy: accuracy(table) };
}

/** A cell of the matrix that is not as it was. */
export interface CellChange {
  readonly kind: Kind;
  readonly expected: string;
  readonly came: string;
  readonly before: number;
  readonly after: number;
}

/** Tests that passed and do not any more: where they went before, where they go now. */
export interface Loss {
  readonly kind: Kind | "other";
  readonly from: string;
  readonly to: string;
  readonly rows: readonly Result[];
}

/** What a new config does to the tests of an old one. */
export interface Comparison {
  readonly cells: readonly CellChange[];
  readonly losses: readonly Loss[];
  readonly lost: number;
  /** Tests that failed and pass now. */
  readonly won: number;
  /** Tests whose model or route is another one, passed or not. */
  readonly moved: number;
}

/** @param before and `after` are the same tests in the same order */
export function compare(before: readonly Result[], after: readonly Result[]): Comparison {
  const both = after.map((now, index) => ({ was: before[index]!, now }));
  const lost = both.filter(({ was, now }) => was.misses.length === 0 && now.misses.length > 0);
  return {
    cells: cellChanges(matricesOf(before), matricesOf(after)),
    losses: grouped(lost),
    lost: lost.length,
    won: both.filter(({ was, now }) => was.misses.length > 0 && now.misses.length === 0).length,
    moved: both.filter(({ was: { came: old }, now: { came } }) => old.model !== came.model || old.route !== came.route)
      .length,
  };
}

interface Both {
  readonly was: Result;
  readonly now: Result;
}

function grouped(lost: readonly Both[]): Loss[] {
  const groups = new Map<string, Loss & { rows: Result[] }>();
  for (const { was, now } of lost) {
    const way = wayOf(was, now);
    const key = JSON.stringify(way);
    const group = groups.get(key) ?? { ...way, rows: [] };
    groups.set(key, group);
    group.rows.push(now);
  }
  return [...groups.values()].toSorted((a, b) => b.rows.length - a.rows.length);
}

/** By the first thing that the test expects and that is another one now. */
function wayOf({ test, came: old }: Result, { came: now, misses }: Result): Pick<Loss, "kind" | "from" | "to"> {
  const kind = KINDS.find((one) => test[one] !== undefined && old[one] !== now[one]);
  if (kind) return { kind, from: old[kind], to: now[kind] };
  const moved = KINDS.find((one) => old[one] !== now[one]);
  if (moved) return { kind: moved, from: old[moved], to: now[moved] };
  const [miss] = misses;
  return { kind: "other", from: `${miss!.what} ${miss!.expected}`, to: miss!.came };
}

function cellChanges(before: readonly Matrix[], after: readonly Matrix[]): CellChange[] {
  return after.flatMap((now) => {
    const was = before.find(({ kind }) => kind === now.kind)!;
    const labels = [...new Set([...was.labels, ...now.labels])].toSorted();
    const cells = labels.flatMap((expected) => labels.map((came) => ({ kind: now.kind, expected, came })));
    return cells
      .map((cell) => ({ ...cell, before: countIn(was, cell), after: countIn(now, cell) }))
      .filter(({ before: old, after: count }) => old !== count);
  });
}

function countIn({ labels, counts }: Matrix, { expected, came }: Pair): number {
  return counts[labels.indexOf(expected)]?.[labels.indexOf(came)] ?? 0;
}

export const cameText = ({ model, route, tier }: Came): string => `model ${model}, route ${route}, tier ${tier}`;

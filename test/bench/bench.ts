/** One line of the table of benches. */
export interface Bench {
  readonly name: string;
  /** What is measured, in one sentence. */
  readonly says: string;
  run(options: BenchOptions): Promise<readonly Row[]>;
}

export interface BenchOptions {
  /** Measured runs after the warm-up; figures are their medians. */
  readonly runs: number;
}

/** One line of figures; names carry their units. Strings say what was measured. */
export type Row = Readonly<Record<string, string | number>>;

/** The value below which `share` of the values lie; NaN where there are none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Rows of several runs of the same thing as one: the median of each figure. */
export function medianRow(rows: readonly Row[]): Row {
  return Object.fromEntries(
    Object.entries(rows[0]!).map(([name, first]) => [
      name,
      typeof first === "string" ? first : median(rows.map((row) => row[name] as number)),
    ]),
  );
}

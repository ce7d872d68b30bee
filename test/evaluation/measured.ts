import { evaluate, type Evaluation, type Line } from "../../src/evaluation/evaluate.ts";
import type { Report } from "../../src/evaluation/report.ts";
import type { Encoder } from "../../src/inference/encoder.ts";
import { createTiny } from "./words.ts";

/** Rows as lines of a file; a text stands there as it is. */
export async function* linesOf(rows: readonly unknown[]): AsyncGenerator<Line> {
  for (const [at, row] of rows.entries()) {
    yield { number: at + 1, bytes: Buffer.from(typeof row === "string" ? row : JSON.stringify(row)) };
  }
}

export const measure = (
  rows: readonly unknown[],
  evaluation: Omit<Evaluation, "clock">,
  encoder: Encoder = createTiny(),
): Promise<Report> => evaluate(encoder, linesOf(rows), { ...evaluation, clock: () => performance.now() });

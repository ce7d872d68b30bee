import type { Line } from "../../src/outcomes/line.ts";
import { openOutcomes, type OutcomeFile } from "../../src/outcomes/open.ts";
import type { OutcomeRow } from "../../src/outcomes/outcome.ts";

/** Lines of a file, from the start each time. */
export function linesOf(rows: readonly unknown[]): () => AsyncIterable<Line> {
  return async function* () {
    for (const [at, row] of rows.entries()) {
      yield { number: at + 1, bytes: Buffer.from(typeof row === "string" ? row : JSON.stringify(row)) };
    }
  };
}

/** Everything of a file: its rows, and what was told of the others. */
export async function readAll(rows: readonly unknown[], meta?: unknown) {
  const file = await openOutcomes(linesOf(rows), meta);
  return { file, ...(await rowsOf(file)) };
}

async function rowsOf(file: OutcomeFile) {
  const rows: OutcomeRow[] = [];
  const bad: string[] = [];
  let leftOut = 0;
  const onto = {
    bad: (line: number, problem: string) => void bad.push(`${line} ${problem}`),
    leftOut: () => void leftOut++,
  };
  for await (const row of file.rows(onto)) rows.push(row);
  return { rows, bad, leftOut };
}

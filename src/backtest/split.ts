import type { OutcomeFile } from "../outcomes/open.ts";
import { placeOf } from "../outcomes/sample.ts";
import type { Pool } from "../outcomes/table.ts";
import type { Fold } from "./fold.ts";

/** What is read, and what of it is learned from. */
export interface Halves {
  readonly file: OutcomeFile;
  readonly pool: Pool;
  readonly abort?: AbortSignal | undefined;
}

/** Rows of one file teach, those of the other are reported. */
export function apart(
  { file, pool, abort }: Halves,
  learn: { readonly file: OutcomeFile; readonly pool: Pool },
): Fold[] {
  const isWanted = () => true;
  return [{ name: "rows", learn: { ...learn, isWanted, abort }, report: { file, pool, isWanted, abort } }];
}

/** The rows of one list of ids teach, those of another are reported; the rest is not looked at. */
export function byIds({ file, pool, abort }: Halves, learn: ReadonlySet<string>, report: ReadonlySet<string>): Fold[] {
  const part = (ids: ReadonlySet<string>) => ({ file, pool, abort, isWanted: (id: string) => ids.has(id) });
  return [{ name: "rows", learn: part(learn), report: part(report) }];
}

/** Each half, by hash of the id, is reported by what the other one taught. `among`: of these rows only. */
export function crossed({ file, pool, abort }: Halves, seed: number, among?: ReadonlySet<string>): Fold[] {
  const half = (which: 0 | 1) => ({
    file,
    pool,
    abort,
    isWanted: (id: string) => (among?.has(id) ?? true) && Number(placeOf(id, seed + 1) >= 0.5) === which,
  });
  return [
    { name: "first half", learn: half(1), report: half(0) },
    { name: "second half", learn: half(0), report: half(1) },
  ];
}

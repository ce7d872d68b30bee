import { type BreakEvenVerdict, breakEvenKey } from "../cascade/break-even.ts";
import type { Attempt, CascadeRun } from "../contracts.ts";
import type { CascadeBooks, RequestRecord } from "../events.ts";
import { costOf } from "../pool/cost.ts";
import { usdOf, type Visit } from "./record.ts";

/**
 * The record of a request that went through a cascade, entered in the books of its route. What the last model would
 * have cost is counted from the tokens of the answer that was given out. Nothing is learned from a request without an
 * answer. That a cascade begins to lose money, or ends to, is told on the channel.
 */
export function settled(
  { runtime, publish }: Pick<Visit, "runtime" | "publish">,
  record: RequestRecord,
  run: CascadeRun,
): RequestRecord {
  const { breakEvens, cascades } = runtime;
  const { route } = record.plan!.decision!;
  const key = breakEvenKey(route, cascades.get(route)!.models);
  const before: BreakEvenVerdict | undefined = breakEvens.of(key)?.verdict;
  const bill = billOf({ runtime }, record, run);
  if (bill) breakEvens.record(key, bill);
  const { rate, breakEvenRate, savedUsd, verdict } = breakEvens.of(key) ?? NO_BOOKS;
  const books = { rate, breakEvenRate, savedUsd, verdict };
  if ((verdict === "loses") !== (before === "loses")) publish({ kind: "cascade", route, ...books });
  return { ...record, cascade: { ...run, books } };
}

const NO_BOOKS: CascadeBooks = {
  rate: Number.NaN,
  breakEvenRate: Number.NaN,
  savedUsd: 0,
  verdict: "not_known_yet",
};

/** Undefined where there was no answer. */
function billOf(
  { runtime: { pool } }: Pick<Visit, "runtime">,
  { attempts, asked = [], usage }: RequestRecord,
  { models, answered, escalated }: CascadeRun,
) {
  if (answered === undefined || !usage) return undefined;
  const isStrong = ({ model, discarded }: Attempt) => escalated && model === answered && !discarded;
  const strong = pool.byName.get(models.at(-1)!)!;
  return {
    escalated,
    cheapUsd: usdOf(attempts.filter((attempt) => !isStrong(attempt))) + usdOf(asked),
    strongUsd: escalated ? usdOf(attempts.filter(isStrong)) : costOf(strong.price, usage),
  };
}

import { RouterError } from "../errors.ts";
import type { RouterEvent } from "../events.ts";
import { picoOf, usdOf } from "./money.ts";
import type { Budget, BudgetsOptions } from "./options.ts";
import { periodEnd, periodOf } from "./period.ts";
import type { Spending } from "./spending.ts";

/** The budgets of one config, held against what tenants have spent and are about to. */
export interface Guard {
  /** Undefined for a tenant that may ask now; over_budget for one that may not. */
  admit(tenant: string): RouterError | undefined;
  /**
   * Holds what a request is expected to cost against the budget until the answer is called, which is done once the
   * request's record was published; once is enough, more does no harm. So requests that come together pass a budget by
   * what one of them costs more than expected, not by what all of them cost. Errors: over_budget.
   */
  reserve(tenant: string, expectedUsd: number): () => void;
}

/** What all configs share. */
export interface GuardState {
  readonly spending: Spending;
  /** By tenant, in 1e-12 USD. */
  readonly reserved: Map<string, bigint>;
  /** What was told in this period. */
  readonly told: Set<string>;
  readonly publish: (event: RouterEvent) => void;
  readonly now: () => number;
}

/** When others under way hold the rest of a budget: they end soon, and mostly cost something else than expected. */
const HELD_MS = 1000;
const MOST_TOLD = 100_000;

export function createGuard(state: GuardState, options: BudgetsOptions): Guard {
  const { spending, reserved } = state;
  const budgets = new Map(Object.entries(options));
  const budgetOf = (tenant: string) => budgets.get(tenant) ?? budgets.get("*");

  function admit(tenant: string): RouterError | undefined {
    const budget = budgetOf(tenant);
    if (!budget) return undefined;
    const at = state.now();
    const spent = spending.of(tenant, periodOf(at, budget.per));
    tell(state, tenant, budget, spent);
    const limit = picoOf(budget.usd);
    if (spent >= limit) return used(budget, at);
    return spent + (reserved.get(tenant) ?? 0n) >= limit ? held() : undefined;
  }

  return {
    admit,
    reserve(tenant, expectedUsd) {
      const refused = admit(tenant);
      if (refused) throw refused;
      if (!budgetOf(tenant)) return () => undefined;
      const expected = picoOf(expectedUsd);
      reserved.set(tenant, (reserved.get(tenant) ?? 0n) + expected);
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        const left = (reserved.get(tenant) ?? 0n) - expected;
        if (left > 0n) reserved.set(tenant, left);
        else reserved.delete(tenant);
        const budget = budgetOf(tenant)!;
        tell(state, tenant, budget, spending.of(tenant, periodOf(state.now(), budget.per)));
      };
    },
  };
}

/** The one who asks learns when to come back, and nothing of sums: his own keys may be many people's. */
function used({ per }: Budget, at: number): RouterError {
  const end = periodEnd(at, per);
  return new RouterError(
    "over_budget",
    `The budget for this ${per} is spent; it begins anew at ${new Date(end).toISOString()}.`,
    { retryAfterMs: end - at },
  );
}

function held(): RouterError {
  return new RouterError("over_budget", "Requests under way may use up the rest of the budget; try again soon.", {
    retryAfterMs: HELD_MS,
  });
}

/** Each limit once in a period. */
function tell({ told, publish, now }: GuardState, tenant: string, budget: Budget, spent: bigint): void {
  const limit = picoOf(budget.usd);
  const isHard = spent >= limit;
  if (!isHard && spent < picoOf(budget.usd * budget.soft)) return;
  const period = periodOf(now(), budget.per);
  const state = isHard ? "hard" : "soft";
  const key = `${period} ${state} ${tenant}`;
  if (told.has(key)) return;
  if (told.size >= MOST_TOLD) told.clear();
  told.add(key);
  publish({ kind: "budget", tenant, state, period, spentUsd: usdOf(spent), limitUsd: budget.usd });
}

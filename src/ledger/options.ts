import { z } from "zod";

const MOST_BUDGETS = 10_000;
const MOST_USD = 1_000_000;

/** The `ledger` part of the config. */
export const ledgerOptions = z.strictObject({
  path: z
    .string()
    .min(1)
    .max(4096)
    .default(".signalbox/ledger.db")
    .describe(
      "The SQLite file of what requests cost. Counted from the working directory; several processes may share it.",
    ),
});

const budget = z.strictObject({
  usd: z.number().min(0).max(MOST_USD).describe("USD that may be spent in the period; then requests are refused."),
  per: z.enum(["day", "month"]).default("month").describe("The period, which begins anew at midnight UTC."),
  soft: z
    .number()
    .gt(0)
    .max(1)
    .default(0.8)
    .describe("Share of it that is told in log and metrics when it is spent; nothing else happens."),
});

/** The `budgets` part of the config: tenant -> budget; `*` is that of each tenant without an entry, for itself. */
export const budgetsOptions = z
  .record(z.string().min(1).max(128), budget)
  .refine((budgets) => Object.keys(budgets).length <= MOST_BUDGETS, `at most ${MOST_BUDGETS} budgets`)
  .default({})
  .describe("What a tenant may spend. The name * is the budget that each tenant has who is not named.");

export type BudgetsOptions = z.output<typeof budgetsOptions>;
export type Budget = z.output<typeof budget>;

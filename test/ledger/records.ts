import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Attempt } from "../../src/contracts.ts";
import type { RequestRecord } from "../../src/events.ts";
import { openBook } from "../../src/ledger/book.ts";
import type { Entry } from "../../src/ledger/entry.ts";
import { costOf } from "../../src/pool/cost.ts";
import { request } from "../telemetry/events.ts";

/** Prices in 1e-12 USD a token, which is six decimals of USD per million. */
export const PRICES: Readonly<Record<string, { input: bigint; output: bigint; cachedInput: bigint }>> = {
  even: { input: 1_000_000n, output: 1_000_000n, cachedInput: 1_000_000n },
  small: { input: 75_000n, output: 300_000n, cachedInput: 18_750n },
  medium: { input: 1_250_001n, output: 9_999_999n, cachedInput: 312_500n },
  large: { input: 15_000_000n, output: 75_000_000n, cachedInput: 1_500_000n },
};
const inUsd = (pico: bigint) => Number(pico) / 1e6;

/** As the house prices an attempt: with doubles. */
export function priceOf({ model, usage }: Pick<Attempt, "model" | "usage">): number {
  const { input, output, cachedInput } = PRICES[model]!;
  const price = { input: inUsd(input), output: inUsd(output), cachedInput: inUsd(cachedInput) };
  return usage ? costOf(price, usage) : 0;
}

/** As an upstream would bill it: with whole numbers. */
export function billOf({ model, usage }: Pick<Attempt, "model" | "usage">): bigint {
  if (!usage) return 0n;
  const { input, output, cachedInput } = PRICES[model]!;
  const cached = BigInt(usage.cachedInputTokens);
  return (BigInt(usage.inputTokens) - cached) * input + cached * cachedInput + BigInt(usage.outputTokens) * output;
}

export const NOON = Date.UTC(2026, 0, 31, 12);

/** A record whose baseline is what `large` would have taken for the last usage. */
export function recordOf(over: { at?: number; tenant?: string; attempts: readonly Attempt[] }): RequestRecord {
  const used = over.attempts.findLast(({ usage }) => usage)?.usage;
  const { usage: _, costUsd: __, baselineUsd: ___, ...bare } = request();
  return {
    ...bare,
    at: NOON,
    ...over,
    ...(used && { usage: used, baselineUsd: priceOf({ model: "large", usage: used }) }),
  };
}

/** A request answered by `even`, at a USD for a million tokens. */
export function spending(usd: number, over: { at?: number; tenant?: string } = {}): RequestRecord {
  const usage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: usd * 1e6, estimated: false };
  return recordOf({ ...over, attempts: [{ model: "even", target: "t", result: "ok", latencyMs: 1, usage }] });
}

/** The path of a ledger that is gone after the test. */
export function ledgerPath(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-ledger-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, "ledger.db");
}

export function rowsOf(path: string): Entry[] {
  const book = openBook(path, { busyMs: 5000, readOnly: true });
  try {
    return [...book.rows("")];
  } finally {
    book.close();
  }
}

export const sum = (entries: readonly Entry[], of: (entry: Entry) => bigint): bigint =>
  entries.reduce((all, entry) => all + of(entry), 0n);

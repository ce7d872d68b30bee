import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { RouterError } from "../../src/errors.ts";
import { createChannel, type RouterEvent } from "../../src/events.ts";
import { createLedger } from "../../src/ledger/ledger.ts";
import { budgetsOptions } from "../../src/ledger/options.ts";
import { priceOf, spending } from "./records.ts";

/** A ledger without a file, whose time stands where it is put. */
function setUp(t: TestContext, at: number, budgets: Parameters<typeof budgetsOptions.parse>[0]) {
  const channel = createChannel();
  const told: Array<Extract<RouterEvent, { kind: "budget" }>> = [];
  channel.subscribe((event) => event.kind === "budget" && told.push(event));
  const time = { now: at };
  const ledger = createLedger(channel, { costOf: priceOf, now: () => time.now });
  t.after(() => ledger.close());
  const guard = ledger.guard(budgetsOptions.parse(budgets));
  const spend = (usd: number, tenant = "acme") => channel.publish(spending(usd, { at: time.now, tenant }));
  return { ledger, guard, spend, told, time };
}

const NEW_YEARS_EVE = Date.UTC(2026, 11, 31, 23, 59, 59);
const SECOND = 1000;
const DAY = 86_400 * SECOND;

test("who has spent a budget is refused until its period ends, and nobody else is", (t) => {
  const { guard, spend } = setUp(t, NEW_YEARS_EVE, { acme: { usd: 10, per: "day" }, globex: { usd: 10, per: "day" } });
  spend(9.999999);
  assert.equal(guard.admit("acme"), undefined);
  spend(0.000001);
  const refused = guard.admit("acme")!;
  assert.ok(refused instanceof RouterError);
  assert.deepEqual([refused.code, refused.status, refused.retryAfterMs], ["over_budget", 429, SECOND]);
  assert.match(refused.message, /begins anew at 2027-01-01T00:00:00\.000Z/u);
  assert.doesNotMatch(refused.message, /acme|globex|10|9/u, "it tells neither names nor sums");
  assert.equal(guard.admit("globex"), undefined);
  assert.equal(guard.admit("unnamed"), undefined, "without an entry and without * nothing is bounded");
});

test("a budget of a day begins anew at midnight UTC, one of a month with the month", (t) => {
  const { guard, spend, time } = setUp(t, Date.UTC(2028, 1, 28, 23, 59, 59, 999), {
    daily: { usd: 1, per: "day" },
    monthly: { usd: 1, per: "month" },
  });
  const refused = () => ["daily", "monthly"].filter((tenant) => guard.admit(tenant));
  spend(1, "daily");
  spend(1, "monthly");
  assert.deepEqual(refused(), ["daily", "monthly"]);
  assert.equal(guard.admit("monthly")!.retryAfterMs, DAY + 1, "2028 is a leap year");
  time.now += 1;
  assert.deepEqual(refused(), ["monthly"]);
  time.now += DAY - 1;
  assert.deepEqual(refused(), ["monthly"]);
  time.now += 1;
  assert.deepEqual(refused(), []);
});

test("the budget * is that of each tenant who is not named, for itself", (t) => {
  const { guard, spend } = setUp(t, NEW_YEARS_EVE, { "*": { usd: 1 }, acme: { usd: 5 } });
  spend(1, "one");
  spend(2, "acme");
  assert.equal(guard.admit("one")?.code, "over_budget");
  assert.equal(guard.admit("other"), undefined);
  assert.equal(guard.admit("acme"), undefined);
});

test("names of built-in things are tenants like any other", (t) => {
  const { guard, spend } = setUp(t, NEW_YEARS_EVE, { constructor: { usd: 1 }, acme: { usd: 1 } });
  spend(1, "constructor");
  spend(1, "toString");
  assert.equal(guard.admit("constructor")?.code, "over_budget");
  assert.equal(guard.admit("toString"), undefined);
  assert.equal(guard.admit("__proto__"), undefined);
});

test("a burst passes a budget by no more than what one of its requests is expected to cost", (t) => {
  const { guard, spend } = setUp(t, NEW_YEARS_EVE, { acme: { usd: 10 } });
  const started: Array<() => void> = [];
  for (let number = 0; number < 100; number += 1) {
    assert.equal(guard.admit("acme") === undefined, started.length < 4, "all are let in that have come so far");
    try {
      started.push(guard.reserve("acme", 3));
    } catch (error) {
      assert.equal((error as RouterError).code, "over_budget");
      assert.equal((error as RouterError).retryAfterMs, SECOND, "they end soon, so coming back soon is worth it");
    }
  }
  assert.equal(started.length, 4);
  assert.equal(guard.admit("globex"), undefined);

  // Each cost less than was expected of it: what was held for it is free again.
  for (const release of started) {
    spend(0.5);
    release();
    release();
  }
  guard.reserve("acme", 7.9)();
  guard.reserve("acme", 100)();
  assert.equal(guard.admit("acme"), undefined);
});

test("what is held under one config is held under the next", (t) => {
  const { ledger, guard } = setUp(t, NEW_YEARS_EVE, { acme: { usd: 10 } });
  const release = guard.reserve("acme", 8);
  const next = ledger.guard(budgetsOptions.parse({ acme: { usd: 8 } }));
  assert.equal(next.admit("acme")?.code, "over_budget");
  release();
  assert.equal(next.admit("acme"), undefined);
});

test("each limit is told once in a period, when the request that reached it is done", (t) => {
  const { guard, spend, told, time } = setUp(t, NEW_YEARS_EVE, { acme: { usd: 10, per: "day", soft: 0.5 } });
  const request = (usd: number) => {
    const release = guard.reserve("acme", 0);
    spend(usd);
    release();
  };
  request(4.999);
  assert.deepEqual(told, []);
  request(0.001);
  request(0.001);
  assert.deepEqual(told, [
    { kind: "budget", tenant: "acme", state: "soft", period: "2026-12-31", spentUsd: 5, limitUsd: 10 },
  ]);
  request(7);
  guard.admit("acme");
  assert.deepEqual(
    told.slice(1).map(({ state, spentUsd }) => [state, spentUsd]),
    [["hard", 12.001]],
  );
  time.now += SECOND;
  request(5);
  assert.deepEqual(
    told.slice(2).map(({ state, period }) => [state, period]),
    [["soft", "2027-01-01"]],
  );
});

test("a budget of nothing refuses everything", (t) => {
  const { guard } = setUp(t, NEW_YEARS_EVE, { acme: { usd: 0 } });
  assert.equal(guard.admit("acme")?.code, "over_budget");
});

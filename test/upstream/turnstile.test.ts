import assert from "node:assert/strict";
import { test } from "node:test";
import { createTurnstile, type Place } from "../../src/upstream/turnstile.ts";

const never = new AbortController().signal;

/** A turnstile of which `count` places are taken, then shrunk to four fifths of them. */
async function crowded(count: number) {
  let now = 0;
  const turnstile = createTurnstile(() => now);
  const places: Place[] = [];
  for (let each = 0; each < count; each++) places.push((await turnstile.enter("a", 10, never))!);
  places.pop()!.leave("overloaded");
  return { turnstile, places, wait: (ms: number) => (now += ms) };
}

test("nobody waits before a target complained", async () => {
  const turnstile = createTurnstile(() => 0);
  for (let each = 0; each < 5000; each++) assert.ok(!(turnstile.enter("a", 10, never) instanceof Promise));
});

test("a complaint leaves four fifths of the requests under way, and a second one at once changes nothing", async () => {
  const { turnstile, places, wait } = await crowded(100);
  assert.equal(turnstile.limit, 80);
  places.pop()!.leave("overloaded");
  assert.equal(turnstile.limit, 80);
  wait(1500);
  places.pop()!.leave("overloaded");
  assert.equal(turnstile.limit, 64);
});

test("it never falls below four, and what complains when there are fewer has other troubles", async () => {
  const { turnstile, places, wait } = await crowded(5);
  assert.equal(turnstile.limit, 4);
  wait(1000);
  places.pop()!.leave("overloaded");
  assert.equal(turnstile.limit, 4);
  assert.equal((await crowded(1)).turnstile.limit, 10_000);
});

test("answers while all places are taken make it grow, others do not", async () => {
  const { turnstile, places, wait } = await crowded(10);
  assert.equal(turnstile.limit, 8);
  wait(2000);
  for (let each = 0; each < 100; each++) {
    places.shift()!.leave("served");
    if (places.length < turnstile.limit) places.push((await turnstile.enter("a", 10, never))!);
  }
  const grown = turnstile.limit;
  assert.ok(grown > 8, `${grown}`);
  for (const place of places.splice(3)) place.leave("nothing");
  for (const place of places) place.leave("served");
  assert.equal(turnstile.limit, grown, "too few were inside to say anything");
});

test("a limit that nobody felt for five seconds is forgotten", async () => {
  const { turnstile, places, wait } = await crowded(10);
  for (const place of places.splice(2)) place.leave("nothing");
  wait(4000);
  places.push((await turnstile.enter("a", 10, never))!);
  assert.equal(turnstile.limit, 8);
  wait(1000);
  places.push((await turnstile.enter("a", 10, never))!);
  assert.equal(turnstile.limit, 10_000);
});

test("who waits comes in when somebody leaves, one of each tenant in turn", async () => {
  const { turnstile, places } = await crowded(6);
  while (places.length > 4) places.pop()!.leave("nothing");
  const order: string[] = [];
  const ask = async (tenant: string) => {
    const place = await turnstile.enter(tenant, 5000, never);
    order.push(tenant);
    return place!;
  };
  const all = ["greedy", "greedy", "greedy", "greedy", "shy"].map(ask);
  for (const place of places.splice(0)) place.leave("nothing");
  await Promise.race(all);
  for (const pending of all) (await pending).leave("nothing");
  assert.deepEqual(order.slice(0, 2), ["greedy", "shy"]);
  assert.equal(order.length, 5);
});

test("a wait ends with its patience, and with the client", async () => {
  const { turnstile } = await crowded(6);
  assert.equal(await turnstile.enter("a", 5, never), undefined);
  const gone = new AbortController();
  const pending = turnstile.enter("a", 60_000, gone.signal);
  gone.abort();
  assert.equal(await pending, undefined);
  assert.equal(await turnstile.enter("a", 60_000, gone.signal), undefined);
});

test("at most 1,024 wait", async () => {
  const { turnstile } = await crowded(6);
  const gone = new AbortController();
  const waiting = Array.from({ length: 1024 }, async () => turnstile.enter("a", 60_000, gone.signal));
  assert.equal(turnstile.enter("b", 60_000, gone.signal), undefined);
  gone.abort();
  assert.ok((await Promise.all(waiting)).every((place) => place === undefined));
});

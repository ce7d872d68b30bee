import assert from "node:assert/strict";
import { test } from "node:test";
import { RouterError } from "../../src/errors.ts";
import { type CacheStats, crewDesk, type CrewQuestions, deskOf, toldPurge } from "../../src/server/admin-desk.ts";

const stats = (overrides: Partial<CacheStats>): CacheStats => ({
  kind: "memory",
  state: "ready",
  entries: 10,
  bytes: 1000,
  evicted: 1,
  expired: 2,
  refused: 3,
  dropped: 4,
  late: 5,
  damaged: 6,
  ...overrides,
});

const crew = (said: Partial<{ [Kind in keyof CrewQuestions]: Awaited<ReturnType<CrewQuestions[Kind]>> }>) =>
  crewDesk({ stats: async () => said.stats ?? [], purge: async () => said.purge ?? [] });

const unavailable = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof RouterError);
  assert.equal(error.code, "unavailable");
  assert.match(error.message, message);
  return true;
};

test("memories of several processes add up; a store that they share is counted once, and what each did adds up", async () => {
  const two = [stats({}), stats({ entries: 5, bytes: 10, evicted: 10 })];
  const counts = { evicted: 11, expired: 4, refused: 6, dropped: 8, late: 10, damaged: 12 };
  assert.deepEqual(await crew({ stats: two }).stats(), stats({ entries: 15, bytes: 1010, ...counts }));
  const shared = two.map((one) => ({ ...one, kind: "sqlite" as const }));
  assert.deepEqual(await crew({ stats: shared }).stats(), stats({ kind: "sqlite", ...counts }));
});

test("what is away in one process is away, and one that says nothing is left out", async () => {
  const states = [stats({ state: "loading" }), stats({ state: "away" }), stats({}), undefined];
  assert.equal((await crew({ stats: states }).stats())?.state, "away");
  assert.equal((await crew({ stats: states.slice(2) }).stats())?.entries, 10);
  await assert.rejects(crew({ stats: [undefined] }).stats(), unavailable(/No worker/u));
});

test("without a cache in any process there is none", async () => {
  const none = crew({ stats: [null, undefined], purge: [null, null] });
  assert.equal(await none.stats(), undefined);
  assert.equal(await none.purge({}), undefined);
});

test("a purge is done when every process has said so, and says how much it was in all", async () => {
  assert.equal(await crew({ purge: [{ removed: 2 }, { removed: 3 }] }).purge({}), 5);
  assert.equal(await crew({ purge: [{ removed: 2 }, null] }).purge({}), 2, "one has ended, with what it held");
  const silent = crew({ purge: [{ removed: 2 }, undefined] }).purge({});
  await assert.rejects(silent, unavailable(/not known that the entries are gone: 1 of 2 workers did not answer\./u));
  const failed = crew({ purge: [{ removed: 2 }, { problem: "The file is locked." }] }).purge({});
  await assert.rejects(failed, unavailable(/The file is locked/u));
  await assert.rejects(crew({ purge: [] }).purge({}), unavailable(/No worker/u));
});

test("what one process tells another of its purge is a number, or a sentence, and what is our fault goes to the log", async () => {
  const faults: unknown[] = [];
  const told = (desk: Parameters<typeof toldPurge>[0]) => toldPurge(desk, {}, (error) => faults.push(error));
  assert.equal(await told(deskOf(() => undefined)), null);
  const fault = new Error("secret words");
  const broken = await told({
    stats: async () => undefined,
    purge: () => Promise.reject(fault),
  });
  assert.ok(broken && "problem" in broken);
  assert.doesNotMatch(broken.problem, /secret/u);
  assert.deepEqual(faults, [fault]);
});

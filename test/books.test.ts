import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as fc from "fast-check";
import { createBook, createDecisionBook } from "../src/books.ts";

const HOUR = 3_600_000;

test("a book says what was remembered last by a key, for an hour, of the newest that fit", () => {
  const steps = fc.array(
    fc.record({ key: fc.integer({ min: 0, max: 30 }), waitMs: fc.constantFrom(0, 1, HOUR / 3, HOUR / 2) }),
    { maxLength: 200 },
  );
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 12 }), (all, most) => {
      let now = 0;
      const book = createBook<number>(() => now, most);
      const model = new Map<string, { at: number; thing: number }>();
      for (const [thing, { key, waitMs }] of all.entries()) {
        now += waitMs;
        book.remember(`${key}`, thing);
        for (const [known, { at }] of model) if (now - at >= HOUR) model.delete(known);
        model.delete(`${key}`);
        model.set(`${key}`, { at: now, thing });
        if (model.size > most) model.delete(model.keys().next().value!);
        for (let other = 0; other <= 30; other++) assert.equal(book.recall(`${other}`), model.get(`${other}`)?.thing);
      }
    }),
  );
});

test("what is an hour old is forgotten though nothing new comes", () => {
  let now = 0;
  const book = createBook<string>(() => now, 4);
  book.remember("a", "thing");
  now = HOUR - 1;
  assert.equal(book.recall("a"), "thing");
  now = HOUR;
  assert.equal(book.recall("a"), undefined);
});

test("decisions that are alike are told apart by their tenants, models and ids", () => {
  const book = createDecisionBook(() => 0);
  const decision = (tenant: string, model: string) => ({
    tenant,
    answering: false,
    targets: [{ id: "up/m", model }],
  });
  book.remember("1", decision("a", "small"));
  book.remember("2", decision("a", "small"));
  book.remember("3", decision("b", "small"));
  book.remember("4", decision("a", "renamed"));
  assert.equal(book.recall("1"), book.recall("2"), "they share what is remembered");
  assert.deepEqual(
    ["1", "2", "3", "4"].map((id) => [book.recall(id)!.tenant, book.recall(id)!.targets[0]!.model]),
    [
      ["a", "small"],
      ["a", "small"],
      ["b", "small"],
      ["a", "renamed"],
    ],
  );
});

test("an outcome is noted once for each decision and target", () => {
  const book = createDecisionBook(() => 0);
  assert.deepEqual(
    [book.note("1", "x"), book.note("1", "x"), book.note("1", "y"), book.note("2", "x")],
    [true, false, true, true],
  );
});

test("a full book takes less than a hundred bytes a thing", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const inUse = () => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = inUse();
  const book = createBook<string>(() => 0);
  for (let at = 0; at < 100_000; at++) book.remember(`decision-${at}`, "target");
  const bytes = inUse() - before;
  assert.equal(book.recall("decision-99999"), "target");
  assert.ok(bytes < 100 * 100_000, `${bytes} bytes`);
});

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createTargetBook } from "../../src/upstream/targets.ts";

const OPTIONS = { percent: 50, minimum_requests: 2, window_ms: 60_000, reset_ms: 60_000 };

function setUp(t: TestContext, clock = () => 0) {
  const told: string[] = [];
  const book = createTargetBook(OPTIONS, (key, state) => void told.push(`${key} ${state}`), clock);
  t.after(() => book.shutdown());
  const breakDown = (key: string, times = 2) => {
    for (let i = 0; i < times; i += 1) book.get(key)!.breaker.admit()!.fail();
  };
  return { book, told, breakDown };
}

test("a target is there while somebody holds it", (t) => {
  const { book } = setUp(t);
  assert.equal(book.get("a"), undefined);
  book.acquire(["a", "b"]);
  book.acquire(["b"]);
  assert.equal(book.size, 2);
  book.release(["a", "b"]);
  assert.equal(book.get("a"), undefined);
  assert.ok(book.get("b"));
  book.release(["b"]);
  book.release(["b"]);
  assert.equal(book.size, 0);
});

test("a reload during an outage keeps the breaker open and the speed known", (t) => {
  const { book, told, breakDown } = setUp(t);
  book.acquire(["a", "b"]);
  book.get("a")!.observe(100, 190, 10);
  breakDown("a");
  assert.equal(book.get("a")!.isOpen(), true);
  assert.deepEqual(told, ["a open"]);

  book.acquire(["a", "c"]);
  book.release(["a", "b"]);
  assert.equal(book.get("a")!.isOpen(), true);
  assert.deepEqual(book.get("a")!.speed(), { ttftMs: 100, msPerToken: 10 });
  assert.equal(book.get("b"), undefined);
  assert.equal(book.get("c")!.isOpen(), false);
});

test("a target that nobody held in between starts anew", (t) => {
  const { book, breakDown } = setUp(t);
  book.acquire(["a"]);
  breakDown("a");
  book.release(["a"]);
  book.acquire(["a"]);
  assert.equal(book.get("a")!.isOpen(), false);
  assert.equal(book.get("a")!.speed(), undefined);
});

test("new breaker options hold for targets that are new", (t) => {
  const { book, breakDown } = setUp(t);
  book.acquire(["old"]);
  book.acquire(["old", "new"], { ...OPTIONS, minimum_requests: 5 });
  breakDown("old", 2);
  breakDown("new", 4);
  assert.equal(book.get("old")!.isOpen(), true);
  assert.equal(book.get("new")!.isOpen(), false);
  breakDown("new", 1);
  assert.equal(book.get("new")!.isOpen(), true);
});

test("what is released is silent: requests still under way end without a word", async (t) => {
  const { book, told } = setUp(t);
  book.acquire(["a"], { ...OPTIONS, reset_ms: 10 });
  const state = book.get("a")!;
  const passes = [state.breaker.admit()!, state.breaker.admit()!];
  book.release(["a"]);
  for (const pass of passes) pass.fail();
  await sleep(20);
  assert.deepEqual(told, []);
  assert.equal(state.isOpen(), false);
});

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { createBreaker } from "../../src/upstream/breaker.ts";

const OPTIONS = { percent: 50, minimum_requests: 4, window_ms: 60_000, reset_ms: 30 };

function setUp(t: TestContext, options: Partial<typeof OPTIONS> = {}) {
  const states: string[] = [];
  const breaker = createBreaker({ ...OPTIONS, ...options }, (state) => void states.push(state));
  t.after(() => breaker.shutdown());
  const fail = (times: number) => {
    for (let i = 0; i < times; i += 1) breaker.admit()!.fail();
  };
  const succeed = (times: number) => {
    for (let i = 0; i < times; i += 1) breaker.admit()!.succeed();
  };
  const until = async (state: string) => {
    for (let waited = 0; breaker.state !== state && waited < 1000; waited += 2) await sleep(2);
    assert.equal(breaker.state, state);
  };
  return { breaker, states, fail, succeed, until };
}

test("enough failures open the circuit at once, and it lets nothing through", (t) => {
  const { breaker, states, fail } = setUp(t);
  fail(3);
  assert.equal(breaker.state, "closed");
  fail(1);
  assert.equal(breaker.state, "open");
  assert.equal(breaker.admit(), undefined);
  assert.equal(breaker.refuses(), true);
  assert.deepEqual(states, ["open"]);
});

test("the circuit opens at the percentage, not above it", async (t) => {
  const { breaker, fail, succeed } = setUp(t);
  succeed(5);
  await sleep(0);
  fail(4);
  assert.equal(breaker.state, "closed");
  fail(1);
  assert.equal(breaker.state, "open");
});

test("at 100 percent only a window without any success opens it", async (t) => {
  const all = setUp(t, { percent: 100 });
  all.fail(4);
  assert.equal(all.breaker.state, "open");
  const some = setUp(t, { percent: 100 });
  some.succeed(1);
  await sleep(0);
  some.fail(50);
  assert.equal(some.breaker.state, "closed");
});

test("failures leave the window with time", async (t) => {
  const { breaker, fail } = setUp(t, { window_ms: 100 });
  fail(3);
  await sleep(150);
  fail(3);
  assert.equal(breaker.state, "closed");
});

test("requests under way count neither way, however many", (t) => {
  const { breaker, fail } = setUp(t);
  const running = Array.from({ length: 100 }, () => breaker.admit()!);
  fail(4);
  assert.equal(breaker.state, "open", "they do not hide an outage");
  for (const pass of running) pass.drop();
});

test("after the reset time one request may probe, and its success closes the circuit", async (t) => {
  const { breaker, states, fail, until } = setUp(t);
  fail(4);
  await until("half_open");
  assert.equal(breaker.refuses(), false);
  const probe = breaker.admit();
  assert.ok(probe);
  assert.equal(breaker.admit(), undefined);
  assert.equal(breaker.refuses(), true);
  probe.succeed();
  await until("closed");
  assert.ok(breaker.admit());
  assert.deepEqual(states, ["open", "half_open", "closed"]);
});

test("a probe whose answer has begun lets the next request probe, and tells its outcome all the same", async (t) => {
  const { breaker, fail, until } = setUp(t);
  fail(4);
  await until("half_open");
  const probe = breaker.admit()!;
  const shown = breaker.probed();
  probe.begin();
  await shown;
  const next = breaker.admit()!;
  assert.equal(breaker.refuses(), true, "one at a time until it begins");
  probe.drop();
  assert.equal(breaker.refuses(), true, "it is the next one that shows nothing yet");
  next.fail();
  assert.equal(breaker.state, "open");
});

test("a probe that fails opens the circuit for another reset time", async (t) => {
  const { breaker, states, fail, until } = setUp(t);
  fail(4);
  await until("half_open");
  breaker.admit()!.fail();
  assert.equal(breaker.state, "open");
  await until("half_open");
  breaker.admit()!.succeed();
  await until("closed");
  assert.deepEqual(states, ["open", "half_open", "open", "half_open", "closed"]);
});

test("a probe whose client goes away hands the turn on", async (t) => {
  const { breaker, fail, until } = setUp(t);
  fail(4);
  await until("half_open");
  breaker.admit()!.drop();
  assert.equal(breaker.state, "half_open");
  const probe = breaker.admit();
  assert.ok(probe);
  assert.equal(breaker.admit(), undefined);
  probe.succeed();
  await until("closed");
});

test("dropped requests count neither way", (t) => {
  const { breaker, fail } = setUp(t);
  for (let i = 0; i < 100; i += 1) breaker.admit()!.drop();
  fail(3);
  assert.equal(breaker.state, "closed");
  fail(1);
  assert.equal(breaker.state, "open");
});

test("a pass is settled once", async (t) => {
  const { breaker, fail, until } = setUp(t);
  const pass = breaker.admit()!;
  for (let i = 0; i < 10; i += 1) pass.fail();
  assert.equal(breaker.state, "closed");
  fail(3);
  await until("half_open");
  const probe = breaker.admit()!;
  probe.drop();
  probe.succeed();
  await sleep(5);
  assert.equal(breaker.state, "half_open");
});

test("answers to requests from before the outage neither close nor open the half-open circuit", async (t) => {
  const { breaker, fail, until } = setUp(t);
  const [early, late, gone] = [breaker.admit()!, breaker.admit()!, breaker.admit()!];
  fail(4);
  await until("half_open");
  early.succeed();
  late.fail();
  await sleep(5);
  assert.equal(breaker.state, "half_open");
  const probe = breaker.admit()!;
  gone.drop();
  assert.equal(breaker.admit(), undefined, "a stale drop does not hand the probe's turn on");
  probe.succeed();
  await until("closed");
});

test("after shutdown everything passes, nothing counts and no timer runs", async (t) => {
  const { breaker, states, fail } = setUp(t, { reset_ms: 10 });
  fail(4);
  breaker.shutdown();
  const passes = Array.from({ length: 10 }, () => breaker.admit());
  for (const pass of passes) pass!.fail();
  await sleep(30);
  assert.deepEqual(states, ["open"]);
  assert.equal(breaker.refuses(), false);
});

test("breakers, open or closed, do not keep the process alive", async () => {
  const room = new URL("../../src/upstream/breaker.ts", import.meta.url).href;
  const script = `
    import { createBreaker } from ${JSON.stringify(room)};
    const options = { percent: 50, minimum_requests: 1, window_ms: 60000, reset_ms: 60000 };
    createBreaker(options, () => {});
    createBreaker(options, () => {}).admit().fail();
  `;
  await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { timeout: 10_000 });
});

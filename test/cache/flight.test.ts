import assert from "node:assert/strict";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { createFlights, FlightError, type Passenger, type Work } from "../../src/cache/flight.ts";

const flights = (bytes = 1000) => createFlights<string>({ bytes, sizeOf: (part) => part.length });

/** A work whose parts come when they are told to, and what became of it. */
function told() {
  const parts: string[] = [];
  let news = Promise.withResolvers<void>();
  const state = { runs: 0, aborted: false, ended: false, failure: undefined as unknown };
  const announce = () => {
    news.resolve();
    news = Promise.withResolvers();
  };
  const work: Work<string> = async function* (abort) {
    state.runs += 1;
    abort.addEventListener("abort", () => {
      state.aborted = true;
      announce();
    });
    for (let at = 0; ;) {
      if (abort.aborted) throw abort.reason;
      if (at < parts.length) yield parts[at++]!;
      else if (state.failure !== undefined) throw state.failure;
      else if (state.ended) return;
      else await news.promise;
    }
  };
  return {
    work,
    state,
    say(...more: string[]) {
      parts.push(...more);
      announce();
    },
    end() {
      state.ended = true;
      announce();
    },
    fail(failure: unknown) {
      state.failure = failure;
      announce();
    },
  };
}

async function all(passenger: Passenger<string>): Promise<string> {
  let text = "";
  for await (const part of passenger) text += part;
  return text;
}

test("a thousand who ask the same at once get one answer, made once", async () => {
  const shared = flights();
  let calls = 0;
  const work: Work<string> = async function* () {
    calls += 1;
    await sleep(5);
    yield "the ";
    await sleep(5);
    yield "answer";
  };
  const passengers = Array.from({ length: 1000 }, () => shared.join("key", work));
  const answers = await Promise.all(passengers.map(all));
  assert.deepEqual([...new Set(answers)], ["the answer"]);
  assert.equal(calls, 1);
  assert.equal(passengers.filter(({ leads }) => leads).length, 1);
  assert.equal(shared.size, 0);
});

test("different keys have works of their own, and so has who comes after the end", async () => {
  const shared = flights();
  const one = told();
  one.say("1");
  one.end();
  assert.deepEqual(await Promise.all([all(shared.join("a", one.work)), all(shared.join("b", one.work))]), ["1", "1"]);
  assert.equal(await all(shared.join("a", one.work)), "1");
  assert.equal(one.state.runs, 3);
});

test("who joins a stream under way gets its parts from the first one on, then live", async () => {
  const shared = flights();
  const one = told();
  const first = all(shared.join("key", one.work));
  one.say("a", "b");
  await turn();
  const parts: string[] = [];
  const second = (async () => {
    for await (const part of shared.join("key", one.work)) parts.push(part);
  })();
  await sleep(5);
  assert.deepEqual(parts, ["a", "b"]);
  one.say("c");
  one.end();
  await second;
  assert.deepEqual([await first, parts], ["abc", ["a", "b", "c"]]);
  assert.equal(one.state.runs, 1);
});

test("a work that fails before its first part is followed by that of the next who waits", async () => {
  const shared = flights();
  const [one, two] = [told(), told()];
  const [first, second, third] = [one, two, told()].map(({ work }) => all(shared.join("key", work)));
  one.fail(new Error("refused"));
  two.say("answer");
  two.end();
  await assert.rejects(first!, /refused/u);
  assert.deepEqual([await second, await third], ["answer", "answer"]);
});

test("after three works that failed all others fail too", async () => {
  const shared = flights();
  const works = Array.from({ length: 5 }, told);
  const passengers = works.map(({ work }) => all(shared.join("key", work)));
  for (const [at, { fail }] of works.entries()) fail(new Error(`${at}`));
  const ends = await Promise.allSettled(passengers);
  assert.deepEqual(
    ends.map((end) => (end as PromiseRejectedResult).reason.message),
    ["0", "1", "2", "2", "2"],
  );
  assert.deepEqual(
    works.map(({ state }) => state.runs),
    [1, 1, 1, 0, 0],
  );
  assert.equal(shared.size, 0);
});

test("a work that fails after its first part fails for all, each told the same", async () => {
  const shared = flights();
  const [one, two] = [told(), told()];
  const passengers = [one, two].map(({ work }) => all(shared.join("key", work)));
  one.say("half an ");
  await turn();
  one.fail(new Error("cut"));
  for (const passenger of passengers) await assert.rejects(passenger, /cut/u);
  assert.equal(two.state.runs, 0);
});

test("a leader who leaves does not end the work that others wait for", async () => {
  const shared = flights();
  const one = told();
  const leaving = new AbortController();
  const first = all(shared.join("key", one.work, leaving.signal));
  const second = all(shared.join("key", told().work));
  one.say("a");
  await turn();
  leaving.abort(new Error("left"));
  await assert.rejects(first, /left/u);
  one.say("b");
  one.end();
  assert.equal(await second, "ab");
  assert.equal(one.state.aborted, false);
});

test("a follower who leaves ends nothing, and the last who leaves ends the work", async () => {
  const shared = flights();
  const one = told();
  const [leader, follower] = [new AbortController(), new AbortController()];
  const first = all(shared.join("key", one.work, leader.signal));
  const second = all(shared.join("key", one.work, follower.signal));
  one.say("a");
  await turn();
  follower.abort(new Error("left"));
  await assert.rejects(second, /left/u);
  assert.equal(one.state.aborted, false);
  leader.abort(new Error("left too"));
  await assert.rejects(first, /left too/u);
  assert.equal(one.state.aborted, true);
  await turn();
  assert.equal(shared.size, 0);
});

test("who stops reading has left", async () => {
  const shared = flights();
  const one = told();
  one.say("a", "b");
  for await (const part of shared.join("key", one.work)) {
    assert.equal(part, "a");
    break;
  }
  assert.equal(one.state.aborted, true);
});

test("nobody joins an answer that is too long to be kept, and who is far behind fails", async () => {
  const shared = flights(100);
  const made: number[] = [];
  const work: Work<string> = async function* () {
    for (let at = 0; at < 50; at++) {
      made.push(at);
      yield "ten bytes.";
      await turn();
    }
  };
  const fast = all(shared.join("key", work));
  const slow = shared.join("key", work)[Symbol.asyncIterator]();
  assert.equal((await slow.next()).value, "ten bytes.");
  while (made.length < 30) await turn();
  const late = all(shared.join("key", work));
  await assert.rejects(async () => slow.next(), FlightError);
  assert.equal((await fast).length, 500);
  assert.equal((await late).length, 500);
  assert.equal(made.length, 100);
});

test("a work waits for its fastest reader", async () => {
  const shared = flights(1_000_000);
  let made = 0;
  const work: Work<string> = async function* () {
    for (let at = 0; at < 1000; at++) {
      made += 1;
      yield "part";
    }
  };
  const reader = shared.join("key", work)[Symbol.asyncIterator]();
  await reader.next();
  await sleep(5);
  assert.ok(made < 100, `${made} parts`);
  let read = 1;
  while (!(await reader.next()).done) read += 1;
  assert.equal(read, 1000);
});

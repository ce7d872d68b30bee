import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createQueue } from "../../src/cache/queue.ts";
import { type Entry, nameOf } from "../../src/cache/store.ts";
import { digest, entryOf } from "./entries.ts";

/** A queue whose writing is held up, or fails, as the test says. */
function held() {
  const written: Entry[][] = [];
  const failures: unknown[] = [];
  const gate = { open: Promise.resolve(), fails: false };
  const queue = createQueue({
    async write(batch) {
      await gate.open;
      if (gate.fails) throw new Error("away");
      written.push([...batch]);
    },
    failed: (error) => failures.push(error),
  });
  const names = () => written.flat().map(({ question }) => question);
  return { queue, written, failures, gate, names };
}

test("what comes together is written together, and of one key the latest", async () => {
  const { queue, written, names } = held();
  for (const name of ["a", "b", "a"]) queue.add(entryOf(name));
  await queue.flush();
  assert.deepEqual([written.length, names()], [1, ["What is b?", "What is a?"]]);
});

test("what waits, and what is being written, is found", async () => {
  const { queue, gate } = held();
  const { promise, resolve } = Promise.withResolvers<void>();
  gate.open = promise;
  queue.add(entryOf("a"));
  await sleep(20);
  queue.add(entryOf("b"));
  for (const name of ["a", "b"]) assert.equal(queue.get(nameOf(digest(name)))!.question, `What is ${name}?`);
  resolve();
  await queue.flush();
  for (const name of ["a", "b"]) assert.equal(queue.get(nameOf(digest(name))), undefined);
});

test("where too much waits nothing more is taken, and it is counted", async () => {
  const { queue, gate, names } = held();
  const { promise, resolve } = Promise.withResolvers<void>();
  gate.open = promise;
  let taken = 0;
  for (let at = 0; at < 3000; at++) if (queue.add(entryOf(`${at}`))) taken += 1;
  assert.equal(taken, 2000);
  assert.equal(queue.dropped, 1000);
  resolve();
  await queue.flush();
  assert.equal(names().length, 2000);
  for (let at = 0; at < 40; at++) queue.add(entryOf(`${at}`, { answer: Buffer.alloc(2 ** 20) }));
  assert.ok(queue.dropped > 1000, "their bytes are bounded too");
  await queue.close();
});

test("what could not be written waits, and is written when it can be", async () => {
  const { queue, gate, failures, names } = held();
  gate.fails = true;
  queue.add(entryOf("a"));
  await queue.flush();
  assert.equal(failures.length, 1);
  gate.fails = false;
  await queue.flush();
  assert.deepEqual(names(), ["What is a?"]);
});

test("nothing that is purged is written afterwards, even if it was being written in vain", async () => {
  const { queue, gate, names } = held();
  const { promise, resolve } = Promise.withResolvers<void>();
  gate.open = promise;
  gate.fails = true;
  queue.add(entryOf("a"));
  await sleep(20);
  queue.add(entryOf("b"));
  queue.add(entryOf("c", { tenant: "other" }));
  const purged = queue.purge({ tenant: "acme" });
  for (const name of ["a", "b"]) assert.equal(queue.get(nameOf(digest(name))), undefined, "nor found");
  resolve();
  assert.equal(await purged, 2);
  gate.fails = false;
  await queue.flush();
  assert.deepEqual(names(), ["What is c?"]);
});

test("what is left at the end is dropped and counted, and nothing is taken any more", async () => {
  const { queue, gate, names } = held();
  queue.add(entryOf("a"));
  await queue.flush();
  gate.fails = true;
  queue.add(entryOf("b"));
  await queue.close();
  assert.deepEqual([names(), queue.dropped, queue.add(entryOf("c"))], [["What is a?"], 1, false]);
});

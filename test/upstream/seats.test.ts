import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { createSeats } from "../../src/upstream/seats.ts";

function guests(...names: string[]) {
  const seated: string[] = [];
  return { seated, go: Object.fromEntries(names.map((name) => [name, () => void seated.push(name)])) };
}

test("guests are seated at once while there are seats, and then in the order in which they came", async () => {
  const seats = createSeats(2);
  const { seated, go } = guests("a", "b", "c", "d");
  assert.deepEqual(
    Object.values(go).map((guest) => seats.enter(guest)),
    [true, true, false, false],
  );
  seats.leave(go["b"]!);
  assert.deepEqual(seated, ["a", "b"], "in a later turn");
  await turn();
  assert.deepEqual(seated, ["a", "b", "c"]);
  seats.leave(go["b"]!);
  await turn();
  assert.deepEqual(seated, ["a", "b", "c"], "whoever left has no seat to give");
  seats.leave(go["a"]!);
  await turn();
  assert.deepEqual(seated, ["a", "b", "c", "d"]);
});

test("whoever leaves while waiting, or in the turn before being called, is not called and blocks nobody", async () => {
  const seats = createSeats(1);
  const { seated, go } = guests("a", "b", "c", "d");
  for (const guest of Object.values(go)) seats.enter(guest);
  seats.leave(go["b"]!);
  seats.leave(go["a"]!);
  seats.leave(go["c"]!);
  await turn();
  assert.deepEqual(seated, ["a", "d"]);
});

test("ten thousand who wait for what fails at once do not grow the stack", async () => {
  const seats = createSeats(1);
  let calls = 0;
  const wait = () => {};
  seats.enter(wait);
  for (let i = 0; i < 10_000; i++) {
    const guest = () => {
      calls++;
      seats.leave(guest);
    };
    seats.enter(guest);
  }
  seats.leave(wait);
  await turn();
  assert.equal(calls, 10_000);
});

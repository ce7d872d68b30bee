import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { CELLS, DOORS, isAsked, type Outcome, tryCell } from "./cells.ts";
import { README, tableIn, tableOf } from "./doors.ts";
import { REFUSED } from "./refused.ts";
import { KINDS, startWorld, type World } from "./world.ts";

let world: World;
before(async () => (world = await startWorld()));
after(() => world.close());

const outcomes: Outcome[] = [];

for (const kind of KINDS) {
  for (const door of DOORS) {
    const cells = CELLS.filter((cell) => cell.door === door && isAsked(cell, kind));
    if (cells.length === 0) continue;
    const passes = kind.speaks.includes(door);
    const says = passes ? "passes as it is" : "is translated without loss, or refused by the name of its field";

    for (const stream of [false, true]) {
      test(`what ${door} asks of ${kind.name}, ${stream ? "streamed" : "whole"}, ${says}`, async (t) => {
        for (const cell of cells) {
          await t.test(cell.feature.replaceAll("_", " "), async () => {
            const outcome = await tryCell(world, cell, kind, stream);
            const param = passes ? undefined : REFUSED[door][kind.api]?.[cell.feature];
            const expected = param === undefined ? (passes ? "passes" : "translated") : "refused";
            assert.deepEqual([outcome.outcome, outcome.param], [expected, param]);
            outcomes.push(outcome);
          });
        }
      });
    }
  }
}

test("usage as it is recorded adds up to the bills of the servers", async () => {
  const answered = outcomes.filter(({ outcome }) => outcome !== "refused");
  for (const kind of KINDS) {
    const { bill } = world.fakes.get(kind.name)!;
    const own = answered.filter((each) => each.kind === kind).length;
    // A fake counts an answer when its last byte is out, which the client may have heard before.
    for (let tries = 0; bill.requests < own && tries < 100; tries++) await sleep(10);
    assert.equal(bill.requests, own);
  }
  const sum = (name: "input" | "cachedInput" | "output") =>
    [...world.fakes.values()].reduce((total, { bill }) => total + bill[name], 0);
  const usages = world.house.events.flatMap((event) =>
    event.kind === "request" ? event.attempts.flatMap(({ usage }) => usage ?? []) : [],
  );
  assert.equal(usages.length, answered.length);
  assert.ok(usages.every(({ estimated }) => !estimated));
  const told = (name: "inputTokens" | "cachedInputTokens" | "outputTokens") =>
    usages.reduce((total, usage) => total + usage[name], 0);
  assert.deepEqual(
    [told("inputTokens"), told("cachedInputTokens"), told("outputTokens")],
    [sum("input"), sum("cachedInput"), sum("output")],
  );
});

test("the README says of every door what came out here (npm run doors writes it)", async () => {
  assert.equal(tableIn(await readFile(README, "utf8")), tableOf(outcomes));
});

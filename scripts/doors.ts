import { readFileSync, writeFileSync } from "node:fs";
import { CELLS, isAsked, type Outcome, tryCell } from "../test/matrix/cells.ts";
import { README, tableOf, withTable } from "../test/matrix/doors.ts";
import { KINDS, startWorld } from "../test/matrix/world.ts";

/** Writes the README's table of doors and upstreams from what comes out; a test fails while it says something else. */
const world = await startWorld();
const outcomes: Outcome[] = [];
for (const kind of KINDS)
  for (const cell of CELLS.filter((each) => isAsked(each, kind)))
    for (const stream of [false, true]) outcomes.push(await tryCell(world, cell, kind, stream));
await world.close();
writeFileSync(README, withTable(readFileSync(README, "utf8"), tableOf(outcomes)));

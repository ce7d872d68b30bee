import assert from "node:assert/strict";
import { test } from "node:test";
import { byIds, crossed } from "../../src/backtest/split.ts";
import { openOutcomes } from "../../src/outcomes/open.ts";
import { linesOf } from "../outcomes/lines.ts";
import { pool } from "../outcomes/rows.ts";

const ids = Array.from({ length: 200 }, (_, at) => `row-${at}`);
const halves = {
  file: await openOutcomes(linesOf([{ prompt: "a", scores: { x: 1, y: 0 } }]), undefined),
  pool: pool(["x", "y"]),
};
const of = (isWanted: (id: string) => boolean) => ids.filter(isWanted);

test("crossed: each half teaches the other, and each row is reported in one of them", () => {
  const [first, second] = crossed(halves, 1);
  assert.deepEqual(of(first!.learn.isWanted), of(second!.report.isWanted));
  assert.deepEqual(of(first!.report.isWanted), of(second!.learn.isWanted));
  assert.deepEqual([...of(first!.report.isWanted), ...of(second!.report.isWanted)].toSorted(), ids.toSorted());
  assert.ok(of(first!.report.isWanted).length > 70 && of(second!.report.isWanted).length > 70);
});

test("crossed among some: no other row is looked at", () => {
  const among = new Set(ids.slice(0, 40));
  const reported = crossed(halves, 1, among).flatMap(({ report }) => of(report.isWanted));
  assert.deepEqual(reported.toSorted(), [...among].toSorted());
});

test("by ids: what is reported was never learned from", () => {
  const [fold] = byIds(halves, new Set(["row-1"]), new Set(["row-2"]));
  assert.deepEqual([of(fold!.learn.isWanted), of(fold!.report.isWanted)], [["row-1"], ["row-2"]]);
});

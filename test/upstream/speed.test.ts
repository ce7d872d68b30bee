import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createSpeedMeter } from "../../src/upstream/speed.ts";

test("nothing is known before a whole answer", () => {
  const meter = createSpeedMeter(() => 0);
  assert.equal(meter.speed(), undefined);
  meter.observe(100, 100, 1);
  assert.equal(meter.speed(), undefined, "one token has no pace");
  meter.observe(undefined, 200, 11);
  assert.deepEqual(meter.speed(), { ttftMs: 100, msPerToken: 10 });
});

test("an answer that was not streamed says nothing while the time to the first token is unknown", () => {
  const meter = createSpeedMeter(() => 0);
  meter.observe(undefined, 1000, 10);
  assert.equal(meter.speed(), undefined);
});

test("the first answers count evenly, then the newest counts for a fifth", () => {
  const meter = createSpeedMeter(() => 0);
  for (const ttft of [1000, 100]) meter.observe(ttft, ttft + 100, 11);
  assert.equal(meter.speed()?.ttftMs, 550);
  for (let i = 0; i < 50; i += 1) meter.observe(200, 300, 11);
  assert.ok(Math.abs(meter.speed()!.ttftMs - 200) < 1);
  meter.observe(700, 800, 11);
  assert.ok(Math.abs(meter.speed()!.ttftMs - 300) < 1);
});

test("what is ten minutes old is forgotten", () => {
  let now = 0;
  const meter = createSpeedMeter(() => now);
  meter.observe(9000, 9100, 11);
  now = 600_000;
  assert.equal(meter.speed()?.ttftMs, 9000);
  now = 600_001;
  assert.equal(meter.speed(), undefined);
  meter.observe(100, 200, 11);
  assert.equal(meter.speed()?.ttftMs, 100);
});

test("whatever it is told, the speed stays finite and within its bounds", () => {
  const number = fc.oneof(fc.double(), fc.integer({ min: -10, max: 1_000_000 }));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.option(number, { nil: undefined }), number, number)), (answers) => {
      const meter = createSpeedMeter(() => 0);
      for (const answer of answers) meter.observe(...answer);
      const speed = meter.speed() ?? { ttftMs: 0, msPerToken: 0 };
      assert.ok(speed.ttftMs >= 0 && speed.ttftMs <= 600_000);
      assert.ok(speed.msPerToken >= 0 && speed.msPerToken <= 10_000);
    }),
    { seed: 7, numRuns: 500 },
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { createCounted } from "../src/counted.ts";

test("shutting down waits for what was let go just before, and for what is still held", async () => {
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const closed: string[] = [];
  const counted = createCounted<string, string>({
    identityOf: (wish) => wish,
    make: async (wish) => wish,
    close: async (thing) => {
      const gate = Promise.withResolvers<void>();
      gates.set(thing, gate);
      await gate.promise;
      closed.push(thing);
    },
    onFault: (error) => assert.fail(String(error)),
  });
  const [first] = await Promise.all([counted.hold("first"), counted.hold("second")]);
  first.release();
  let isDown = false;
  const down = counted.shutdown().then(() => (isDown = true));
  await new Promise((resolve) => setImmediate(resolve));
  gates.get("second")!.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([closed, isDown], [["second"], false]);
  gates.get("first")!.resolve();
  await down;
  assert.deepEqual(closed, ["second", "first"]);
});

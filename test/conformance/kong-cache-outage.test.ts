/** What becomes of requests while Kong's plugin cannot look into the cache, or bring it anything. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { percentile } from "../acceptance/load.ts";
import { startDecider } from "./kong-decider.ts";
import { pluginBefore, skip } from "./kong-rig.ts";
import { load, rigOf, sendJson, startUpstream, until, WHOLE } from "./kong-scene.ts";
import { startVeil } from "./veil.ts";

const HIT = {
  targets: [],
  cached: { kind: "exact", id: "entry", model: "large", json: JSON.stringify(WHOLE), ageMs: 900, similarity: 1 },
};

describe("while answers cannot be brought", { skip }, () => {
  for (const [what, storing] of [
    ["are refused", 500],
    ["are never taken", undefined],
  ] as const) {
    test(`because they ${what}, requests notice nothing, and no more wait than may`, async (context) => {
      const decider = until(context, await startDecider());
      decider.decide({ cacheable: true });
      decider.storing(storing);
      const upstream = until(context, await startUpstream());
      const answer = JSON.stringify({ ...WHOLE, more: "x".repeat(1_000_000) });
      upstream.answer((_, response) => {
        response.writeHead(200, { "content-type": "application/json" }).end(answer);
      });
      const rig = await rigOf(context, pluginBefore(upstream.origin, { url: decider.url }));
      const memory = await rig.memoryKib();
      const replies = await load(rig, 15, 5);
      assert.ok(replies.every(({ status, cut }) => status === 200 && !cut));
      assert.ok(
        percentile(
          replies.map(({ ms }) => ms),
          0.5,
        ) < 1500,
      );
      // Seventy megabytes were to be brought.
      const grown = (await rig.memoryKib()) - memory;
      assert.ok(grown < 57_344, `${grown} KiB wait`);
      assert.deepEqual(rig.errors(), []);
      if (storing !== undefined) return;
      decider.storing(200);
      const before = decider.stored.length;
      await decider.answers(before + 1);
      assert.ok(decider.stored.length > before);
    });
  }
});

describe("while Signalbox is away, a hundred requests a second that it had answers for", { skip }, () => {
  const PER_SECOND = 100;

  test("go to the model in time, and get their answers from the cache again once it is back", async (context) => {
    const decider = until(context, await startDecider());
    decider.decide({ ...HIT, placeholders: [{ placeholder: "<EMAIL_1>", value: "ann@mail.dev", entity: "email" }] });
    const veil = until(context, await startVeil(decider.url));
    const upstream = until(context, await startUpstream());
    upstream.answer((_, response) => sendJson(response, WHOLE));
    const rig = await rigOf(context, pluginBefore(upstream.origin, { url: veil.url, timeout_ms: 300 }));
    const hits = async () => {
      const replies = await load(rig, PER_SECOND, 1);
      assert.ok(replies.every(({ status, cut }) => status === 200 && !cut));
      return replies.filter(({ headers }) => headers["x-signalbox-cache"] === "exact").length;
    };
    for (const weather of ["hang", "slow", "wrong", "down"] as const) {
      await veil.weather(weather);
      const before = upstream.arrived.length;
      assert.equal(await hits(), 0, weather);
      assert.equal(upstream.arrived.length - before, PER_SECOND);
      await veil.weather("clear");
      const end = performance.now() + 10_000;
      while ((await hits()) < PER_SECOND) assert.ok(performance.now() < end, `no recovery after ${weather}`);
    }
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { config, startHouse, threeModels, withPorts } from "../rig/house.ts";

const urls = { small: "http://127.0.0.1:1/v1", medium: "http://127.0.0.1:2/v1", large: "http://127.0.0.1:3/v1" };
const hello = { chat: { messages: [{ role: "user", content: "hello" }] } };

test("a new config holds for the next request; what waits for a restart is told", async (t) => {
  const house = await startHouse(threeModels(urls));
  t.after(() => house.stop());
  const before = (await (await house.route(hello)).json()) as { model: string; configHash: string };
  assert.equal(before.model, "small");

  const renamed = threeModels(urls).replace("  small: { tier: small, price", "  tiny: { tier: small, price");
  const next = config(withPorts(renamed).replace("127.0.0.1:0", "127.0.0.1:7777") + "\nlog: debug\n");
  assert.equal(await house.apply(next), true);
  const after = (await (await house.route(hello)).json()) as { model: string; configHash: string };
  assert.equal(after.model, "tiny");
  assert.notEqual(after.configHash, before.configHash);
  const told = house.events.findLast((event) => event.kind === "reload")!;
  assert.deepEqual([told.result, told.waiting], ["applied", ["server.listen", "log"]]);

  assert.equal(await house.apply(next), false);
  assert.equal(house.events.findLast((event) => event.kind === "reload")!.result, "unchanged");
});

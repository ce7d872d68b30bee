import assert from "node:assert/strict";
import { test } from "node:test";
import { startFakeModel } from "../fakes/model.ts";
import { startHouse } from "../rig/house.ts";

test("a crowd before our own sockets is no fault of a model server that is slow and well", async (t) => {
  const fake = await startFakeModel({ name: "x", behave: { slow: 60 } });
  const house = await startHouse(`
upstreams: { a: { kind: openai, url: "${fake.url}", connections: 2 } }
breaker: { minimum_requests: 3, window_ms: 20000, reset_ms: 3000 }
tiers: { t: { quality: 0.5, timeouts: { connect_ms: 100 } } }
models: { m: { tier: t, price: { input: 1, output: 1 }, targets: [{ upstream: a, model: x }] } }
`);
  t.after(async () => {
    await house.stop();
    await fake.close();
  });
  const ask = async () => {
    const response = await house.post("/v1/chat/completions", {
      model: "auto",
      messages: [{ role: "user", content: "hi" }],
    });
    await response.text();
    return response.status;
  };
  const statuses = await Promise.all(Array.from({ length: 8 }, ask));
  assert.equal(statuses.filter((status) => status === 200).length, 2);
  const results = house.events.flatMap((event) =>
    event.kind === "request" ? event.attempts.map(({ result }) => result) : [],
  );
  assert.deepEqual([...new Set(results)].toSorted(), ["no_socket", "ok"]);
  assert.ok(!house.events.some(({ kind }) => kind === "breaker"));
  assert.equal(await ask(), 200, "the circuit is closed");
});

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { startFakeApi } from "../fakes/apis/server.ts";
import { startHouse } from "../rig/house.ts";

const pool = (cascade: string) => `
upstreams: { u: { kind: vllm, url: "http://127.0.0.1:9/v1" } }
tiers:
  low: { quality: 0.9, timeouts: { connect_ms: 100, first_token_ms: 1000, total_ms: 5000 } }
  high: { quality: 0.95, timeouts: { connect_ms: 200, first_token_ms: 2000, total_ms: 9000 } }
models:
  small: { tier: low, price: { input: 1, output: 1 }, targets: [{ upstream: u, model: s }] }
  large: { tier: high, price: { input: 9, output: 9 }, targets: [{ upstream: u, model: l }] }
signals: { complexity: { learned: false } }
decision: { threshold: 0 }
routes: { default: { cascade: ${cascade} } }
`;
const CASCADE = "{ models: [small, large], gates: [{ kind: heuristics }] }";
const asked = {
  raw: {
    api: "API_KIND_OPENAI_CHAT",
    json: JSON.stringify({ model: "auto:cheap", messages: [{ role: "user", content: "Hi" }] }),
  },
};

interface Reply {
  readonly model: string;
  readonly targets: { id: string; kind: string; baseUrl: string; edits: unknown[]; timeouts: object }[];
  readonly setHeaders: { name: string; value: string }[];
  readonly cascade?: { models: string[]; gates: string[]; mode: string; off: string };
}

async function routed(t: TestContext, yaml: string, serverPart = "", more: object = {}): Promise<Reply> {
  const house = await startHouse(yaml, serverPart);
  t.after(() => house.stop());
  const reply = await house.route({ ...asked, ...more });
  assert.equal(reply.status, 200);
  return (await reply.json()) as Reply;
}

const OWN = '  url: "http://signalbox:8080/"\n';

test("where gateways can reach us, a route with a cascade sends them to the answering door, with time for all of it", async (t) => {
  for (const preview of [false, true]) {
    const { model, targets, setHeaders, cascade } = await routed(t, pool(CASCADE), OWN, { preview });
    assert.deepEqual(
      targets.map(({ id }) => id),
      ["signalbox/auto:cheap", "u/s", "u/l"],
    );
    const { kind, baseUrl, timeouts, edits } = targets[0]!;
    assert.deepEqual([kind, baseUrl, edits ?? []], ["signalbox", "http://signalbox:8080/v1", []]);
    assert.deepEqual(timeouts, { connectMs: 200, firstTokenMs: 7000, totalMs: 14_000 });
    assert.deepEqual(setHeaders, [{ name: "x-selected-model", value: "auto:cheap" }]);
    assert.equal(model, "small", "what would begin is told all the same");
    assert.deepEqual(cascade, { models: ["small", "large"], gates: ["heuristics"], mode: "buffer" });
  }
});

test("where they cannot, they dispatch themselves, and the plan says that no answer is judged", async (t) => {
  const { targets, setHeaders, cascade } = await routed(t, pool(CASCADE));
  assert.deepEqual(
    targets.map(({ id }) => id),
    ["u/s", "u/l"],
  );
  assert.deepEqual(setHeaders, [{ name: "x-selected-model", value: "small" }]);
  assert.match(cascade!.off, /server\.url/u);
});

test("a request that goes through no cascade is not sent to us", async (t) => {
  const begins = await routed(t, pool(CASCADE), OWN, { constraints: { allowedModels: ["large"] } });
  assert.deepEqual(
    begins.targets.map(({ id }) => id),
    ["u/l"],
  );
  assert.equal(begins.cascade, undefined);
});

test("what our door would not hear of, or cannot say, keeps the gateway to itself", async (t) => {
  const gemini = {
    raw: { api: "API_KIND_GEMINI", model: "auto", json: JSON.stringify({ contents: [{ parts: [{ text: "Hi" }] }] }) },
  };
  for (const [more, why] of [
    [{ constraints: { allowedModels: ["small", "large"] } }, /constraints/u],
    [gemini, /API/u],
  ] as const) {
    const { targets, cascade } = await routed(t, pool(CASCADE), OWN, more);
    assert.deepEqual(
      targets.map(({ id }) => id),
      ["u/s", "u/l"],
    );
    assert.match(cascade!.off, why);
  }
});

test("a profile that the gateway names beside the body is part of the name that our door is asked for", async (t) => {
  const profiles = "profiles: { careful: { tolerance: 0.5 } }";
  const { targets } = await routed(t, pool(CASCADE) + profiles, OWN, { profile: "careful" });
  assert.equal(targets[0]!.id, "signalbox/auto:careful");
});

test("where the cascade loses and ends for that, our door knows that the last model answers", async (t) => {
  const fake = await startFakeApi("vllm", {
    script: { text: "", finish: "stop", usage: { input: 1, cachedInput: 0, output: 5000, reasoning: 0 } },
  });
  const yaml = pool("{ models: [small, large], gates: [{ kind: heuristics }], action: off }");
  const house = await startHouse(yaml.replace("http://127.0.0.1:9/v1", fake.url), OWN);
  t.after(async () => {
    await house.stop();
    await fake.close();
  });
  const ask = async () =>
    (await house.post("/v1/chat/completions", { model: "auto", messages: [{ role: "user", content: "Hi" }] })).text();
  for (let at = 0; at < 250; at++) await ask();
  const { targets, cascade } = (await (await house.route(asked)).json()) as Reply;
  assert.match(cascade!.off, /costs more/u);
  assert.equal(targets[0]!.id, "signalbox/auto:cheap");
});

test("an outcome that a gateway tells of the answering door is taken", async (t) => {
  const house = await startHouse(pool(CASCADE), OWN);
  t.after(() => house.stop());
  const { decisionId } = (await (await house.route(asked)).json()) as { decisionId: string };
  const told = await house.post("/signalbox.v1.RouterService/ReportOutcome", {
    decisionId,
    targetId: "signalbox/auto:cheap",
    status: 200,
  });
  assert.deepEqual([told.status, await told.json()], [200, { counted: true }]);
});

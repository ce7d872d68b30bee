import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { MASTER, modelIn, skip } from "./litellm-rig.ts";
import { startScene, type Scene } from "./litellm-scene.ts";
import type { Weather } from "./veil.ts";

const DEADLINE_MS = 400;
const PER_SECOND = 25;
const SECONDS = 2;
const RECOVERY_MS = 10_000;

/** Keys whose models differ, as an operator's own code of authentication knows them. */
const AUTH = `
from litellm.proxy._types import UserAPIKeyAuth

MODELS = {
    "${MASTER}": ([], None),
    "sk-small-and-medium": (["auto", "small", "medium"], "acme"),
    "sk-auto-alone": (["auto"], None),
    "sk-large-alone": (["large"], None),
}


async def user_api_key_auth(request, api_key):
    models, team = MODELS[api_key]
    return UserAPIKeyAuth(api_key=api_key, models=models, team_id=team)
`;
const CHECKED = `
general_settings: { custom_auth: keys.user_api_key_auth, custom_auth_run_common_checks: true }
`;
const HARD =
  "Prove, step by step, that the square root of two is irrational, derive a bound for every approximation of it by fractions, and compare two proofs.";

const env = { SIGNALBOX_DEADLINE_MS: String(DEADLINE_MS) };
const chat = (content: string, more: object = {}) => ({
  model: "auto",
  messages: [{ role: "user", content }],
  ...more,
});

let passing: Scene;
let refusing: Scene;
before(async () => {
  if (skip) return;
  passing = await startScene({
    env,
    signalbox: (text) => text.replace("server:", "server:\n  limits: { body_bytes: 500000 }"),
  });
  refusing = await startScene({
    signalbox: (text) =>
      text
        .replace("large: { tier: large,", "large: { tier: large, reasoning: openai,")
        .replace("decision: {", "decision: { reasoning: { labels: { complex: high } },"),
    env: { ...env, SIGNALBOX_ON_ERROR: "refuse", SIGNALBOX_TENANTS: "team" },
    files: { "keys.py": AUTH },
    litellm: (text) =>
      text.replace("litellm_settings:", "litellm_settings:\n  enable_post_custom_auth_checks: true") + CHECKED,
  });
});
after(async () => {
  await passing?.close();
  await refusing?.close();
});

interface Met {
  readonly status: number;
  /** Why there was no decision; empty where there was one. */
  readonly passed: string;
  readonly retryAfter: string | null;
  readonly model: string;
  readonly ms: number;
}

async function ask(scene: Scene, stream = false): Promise<Met> {
  const started = performance.now();
  const { status, headers, ...response } = await met(scene, stream);
  return {
    status,
    passed: headers.get("x-signalbox-passed") ?? "",
    retryAfter: headers.get("retry-after"),
    model: headers.get("x-litellm-model-group") ?? "",
    ms: performance.now() - started,
    ...response,
  };
}

async function met(scene: Scene, stream: boolean) {
  const response = await scene.post("/v1/chat/completions", chat("hello", { stream }));
  const text = await response.text();
  if (response.ok) assert.match(text, /Swifts/);
  return { status: response.status, headers: response.headers };
}

/** Whole and streamed in turns, whatever has been answered. */
async function load(scene: Scene): Promise<Met[]> {
  const underWay: Promise<Met>[] = [];
  for (let sent = 0; sent < PER_SECOND * SECONDS; sent++) {
    underWay.push(ask(scene, sent % 2 === 1));
    await sleep(1000 / PER_SECOND);
  }
  return Promise.all(underWay);
}

/** Until decisions are had again. */
async function recovered(scene: Scene): Promise<boolean> {
  for (const until = performance.now() + RECOVERY_MS; performance.now() < until; await sleep(100)) {
    const { status, passed } = await ask(scene);
    if (status === 200 && passed === "") return true;
  }
  return false;
}

/** What the requests are told of each kind of trouble; all of them once it has lasted. */
const TROUBLES: ReadonlyArray<readonly [Weather, string]> = [
  ["slow", "slow"],
  ["hang", "slow"],
  ["wrong", "wrong"],
  ["down", "down"],
];

for (const [weather, why] of TROUBLES) {
  test(
    `with Signalbox ${weather} under load no request is lost where pass is set, and it recovers by itself`,
    { skip },
    async () => {
      assert.ok(await recovered(passing));
      await passing.veil.weather(weather);
      const answers = await load(passing);
      await passing.veil.weather("clear");
      assert.deepEqual(
        answers.filter(({ status }) => status !== 200),
        [],
      );
      assert.deepEqual(
        answers.filter(({ passed, model }) => !["resting", why].includes(passed) || model !== "auto"),
        [],
      );
      assert.ok(answers.some(({ passed }) => passed === why) && answers.some(({ passed }) => passed === "resting"));
      assert.match(passing.proxy.log(), new RegExp(`signalbox is (?:${why}|resting): \\d+ request\\(s\\) passed on`));
      assert.ok(await recovered(passing));
    },
  );

  test(
    `with Signalbox ${weather} under load every request is refused where refuse is set, and it recovers by itself`,
    { skip },
    async () => {
      assert.ok(await recovered(refusing));
      const mark = refusing.sent().length;
      await refusing.veil.weather(weather);
      const answers = await load(refusing);
      await refusing.veil.weather("clear");
      assert.deepEqual(
        answers.map(({ status, retryAfter }) => [status, retryAfter]),
        answers.map(() => [503, "1"]),
      );
      assert.equal(refusing.sent().length, mark, "nothing reached a model");
      assert.ok(await recovered(refusing));
    },
  );
}

test(
  "what is too large or too deep for Signalbox is refused and does not pass, whatever is set",
  { skip },
  async () => {
    assert.ok(await recovered(passing));
    const mark = passing.sent().length;
    const deep = `{"model":"auto","messages":[{"role":"user","content":"a"}],"x":${"[".repeat(500)}${"]".repeat(500)}}`;
    for (let round = 0; round < 2; round++) {
      const large = await passing.post("/v1/chat/completions", chat("swift ".repeat(300_000)));
      assert.equal(large.status, 413, await large.text());
      const nested = await passing.post("/v1/chat/completions", deep);
      assert.equal(nested.status, 400, await nested.text());
    }
    assert.equal(passing.sent().length, mark);
  },
);

test("a key reaches through auto only the models that it could name itself", { skip }, async () => {
  const as = (key: string, model: string) =>
    refusing.post("/v1/chat/completions", chat(HARD, { model }), { authorization: `Bearer ${key}` });
  const groupOf = async (response: Response) => {
    await response.text();
    return [response.status, response.headers.get("x-litellm-model-group")];
  };
  assert.ok(await recovered(refusing));
  assert.deepEqual(await groupOf(await as(MASTER, "auto")), [200, "large"]);
  assert.deepEqual(await groupOf(await as("sk-small-and-medium", "auto")), [200, "medium"]);
  const direct = await as("sk-small-and-medium", "large");
  assert.equal(direct.status, 403, "LiteLLM's own check is on");
  const nothing = await as("sk-auto-alone", "auto");
  assert.equal(nothing.status, 403);
  assert.match(await nothing.text(), /none of the models behind it/);
  assert.equal((await as("sk-large-alone", "auto")).status, 403, "auto is a model like others to a key");

  refusing.broken.add("small-v1").add("medium-v1");
  const mark = refusing.sent().length;
  const failed = await as("sk-small-and-medium", "auto");
  refusing.broken.clear();
  assert.equal(failed.status, 500);
  const tried = refusing.sent().slice(mark).map(modelIn);
  assert.ok(tried.length === 2 && !tried.includes("large-v1"), "nor do its fallbacks reach further");
});

test("how much is thought is told the model that can be told, and no other that follows it", { skip }, async () => {
  assert.ok(await recovered(refusing));
  refusing.broken.add("large-v1");
  const mark = refusing.sent().length;
  const response = await refusing.post("/v1/chat/completions", chat(HARD));
  const text = await response.text();
  refusing.broken.clear();
  assert.equal(response.status, 200, text);
  const tried = refusing
    .sent()
    .slice(mark)
    .map(({ json }) => json as { model: string; reasoning_effort?: string });
  assert.deepEqual(
    tried.map(({ model, reasoning_effort }) => [model, reasoning_effort]),
    [
      ["large-v1", "high"],
      ["medium-v1", undefined],
    ],
  );
});

test("the tenant is the key's team where the address is trusted", { skip }, async () => {
  const authorization = "Bearer sk-small-and-medium";
  await (await refusing.post("/v1/chat/completions", chat("hello"), { authorization })).text();
  const record = refusing.house.events.findLast((event) => event.kind === "request");
  assert.equal(record?.tenant, "acme");
});

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { asksOf } from "../fakes/apis/asks.ts";
import { KINDS, modelOf, startWorld, type World } from "./world.ts";

let world: World;
before(async () => (world = await startWorld()));
after(() => world.close());

const claude = KINDS.find(({ name }) => name === "claude-efforts")!;
const NEWEST = "2026-10-21";

async function ask(door: "anthropic-messages" | "openai-chat", headers: Record<string, string>) {
  world.script(claude, {
    text: "A swift.",
    finish: "stop",
    usage: { input: 9, cachedInput: 0, output: 3, reasoning: 0 },
  });
  const { path, body } = asksOf(door, modelOf(claude)).find(({ feature }) => feature === "sampling")!;
  const { temperature, top_p: _, ...plain } = body;
  const sent = headers["anthropic-version"] === NEWEST ? plain : { ...plain, temperature };
  const response = await world.house.post(path, sent, headers);
  const fake = world.fakes.get(claude.name)!;
  assert.deepEqual(fake.violations, []);
  assert.equal(response.status, 200, await response.text());
  return fake.requests.at(-1)!.headers;
}

test("a client of Anthropic's API is passed on as the version and with the betas that it names", async () => {
  const headers = await ask("anthropic-messages", {
    "anthropic-version": NEWEST,
    "anthropic-beta": "context-1m-2025-08-07,fast-mode-2026-02-01",
    authorization: "Bearer key-of-the-client",
  });
  assert.equal(headers["anthropic-version"], NEWEST);
  assert.equal(headers["anthropic-beta"], "context-1m-2025-08-07,fast-mode-2026-02-01");
  assert.equal(headers["x-api-key"], `key-of-${modelOf(claude)}`, "with the upstream's key");
  assert.equal(headers.authorization, undefined, "and not with the client's");
});

test("a client of Anthropic's API that names no version is passed on as the first one", async () => {
  const headers = await ask("anthropic-messages", {});
  assert.equal(headers["anthropic-version"], "2023-06-01");
  assert.equal(headers["anthropic-beta"], undefined);
});

test("what is translated goes out as the version that it is written for, whatever the client says", async () => {
  const headers = await ask("openai-chat", { "anthropic-version": "2099-01-01", "anthropic-beta": "some-beta" });
  assert.equal(headers["anthropic-version"], "2023-06-01");
  assert.equal(headers["anthropic-beta"], undefined);
});

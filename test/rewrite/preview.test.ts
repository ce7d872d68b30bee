import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { startHouse, threeModels } from "../rig/house.ts";

const urls = { small: "http://127.0.0.1:1/v1", medium: "http://127.0.0.1:2/v1", large: "http://127.0.0.1:3/v1" };
const HARD =
  "Prove, step by step, that the square root of two is irrational, derive a bound for approximations by fractions, and compare two proofs.";

interface Message {
  readonly role: string;
  readonly content: string | null;
  readonly [more: string]: unknown;
}

interface Reply {
  readonly decisionId: string;
  readonly reason: string;
  readonly targets: readonly { readonly body: string }[];
  readonly placeholders?: readonly object[];
}

/** A house that rewrites, redacts, remembers and records. */
async function start(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-preview-"));
  const records = join(folder, "records.jsonl");
  const yaml = threeModels(
    urls,
    `
pii: { entities: { email: replace }, keep: conversation }
routes: { default: { system: { mode: append, text: Cite what you quote. } } }
records: { path: "${records}" }`,
  );
  const house = await startHouse(yaml.replace("decision: { ", "decision: { keep: [tools], "));
  t.after(async () => {
    await house.stop();
    await rm(folder, { recursive: true });
  });
  const ask = async (messages: readonly Message[], preview: boolean): Promise<Reply> => {
    const raw = { api: "API_KIND_OPENAI_CHAT", json: JSON.stringify({ model: "auto", messages }) };
    const reply = await house.route({ raw, preview, includeBody: true });
    assert.equal(reply.status, 200, await reply.clone().text());
    return (await reply.json()) as Reply;
  };
  return { house, records, ask };
}

const turn = (text: string): readonly Message[] => [
  { role: "user", content: HARD },
  { role: "assistant", content: "Yes?" },
  { role: "user", content: text },
];
const CALL = { id: "c1", type: "function", function: { name: "look", arguments: "{}" } };
const CALLED: readonly Message[] = [
  { role: "user", content: HARD },
  { role: "assistant", content: null, tool_calls: [CALL] },
  { role: "tool", tool_call_id: "c1", content: "done" },
];

test("a preview shows what would be sent: the system text, the placeholder, the model's own name", async (t) => {
  const { ask } = await start(t);
  const { targets, placeholders } = await ask(turn("Write to ada@mail.dev"), true);
  assert.match(targets[0]!.body, /Cite what you quote\./u);
  assert.match(targets[0]!.body, /Write to <EMAIL_1>/u);
  assert.match(targets[0]!.body, /-v1"/u);
  assert.equal(placeholders!.length, 1);
});

test("a preview gives out no placeholder for good, while a request does", async (t) => {
  const { ask } = await start(t);
  await ask(turn("Write to ada@mail.dev"), true);
  assert.match((await ask(turn("Write to bo@mail.dev"), false)).targets[0]!.body, /Write to <EMAIL_1>/u);
  assert.match((await ask(turn("Write to ada@mail.dev"), false)).targets[0]!.body, /Write to <EMAIL_2>/u);
});

test("a preview goes by the placeholders of its conversation", async (t) => {
  const { ask } = await start(t);
  await ask(turn("Write to bo@mail.dev"), false);
  assert.match(
    (await ask(turn("Write to ada@mail.dev and bo@mail.dev"), true)).targets[0]!.body,
    /<EMAIL_2> and <EMAIL_1>/u,
  );
});

test("a conversation that was only previewed is held by nobody, one that was asked is", async (t) => {
  const { ask } = await start(t);
  await ask(CALLED.slice(0, 1), true);
  assert.notEqual((await ask(CALLED, true)).reason, "held");
  await ask(CALLED.slice(0, 1), false);
  assert.equal((await ask(CALLED, true)).reason, "held");
});

test("of a preview there is no event, no record, no count, and no outcome can be told of it", async (t) => {
  const { house, records, ask } = await start(t);
  const counts = async () =>
    (await house.metrics.text())
      .split("\n")
      .filter((line) => /^signalbox_\w*_total/u.test(line))
      .join("\n");
  const before = await counts();
  const { decisionId } = await ask(turn("Write to ada@mail.dev"), true);
  assert.deepEqual(house.events, []);
  assert.equal(await counts(), before);
  const told = await house.post("/signalbox.v1.RouterService/ReportOutcome", { decisionId, status: 200 });
  assert.equal(told.status, 404);
  await ask(turn("Write to ada@mail.dev"), false);
  assert.equal(house.events.filter(({ kind }) => kind === "request").length, 1);
  await house.stop();
  const lines = (await readFile(records, "utf8")).trim().split("\n");
  assert.equal(lines.length, 1, "the request alone is recorded");
  assert.ok(!lines.join().includes(decisionId));
});

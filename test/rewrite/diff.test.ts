import assert from "node:assert/strict";
import { test } from "node:test";
import { modelMemberEdits } from "../../src/dialect/model-member.ts";
import { joinEdits } from "../../src/dialect/json.ts";
import { diffOf } from "../../src/rewrite/diff.ts";
import { limitEdits } from "../../src/rewrite/limits.ts";
import { systemEdits } from "../../src/rewrite/system.ts";
import { toolsEdits } from "../../src/rewrite/tools.ts";
import { bodyOf } from "./bodies.ts";

const tool = (name: string) => ({ type: "function", function: { name, description: "secret words" } });
const BODY = bodyOf("openai-chat", {
  model: "auto",
  messages: [
    { role: "system", content: "secret words" },
    { role: "user", content: "secret words" },
  ],
  tools: [tool("a"), tool("b"), tool("c")],
});
const ranker = { rank: (_: unknown, tools: readonly unknown[]) => tools.map((_each, at) => -at) };
const EDITS = joinEdits(
  modelMemberEdits(BODY.bytes)("large-v1"),
  systemEdits(BODY, [{ mode: "append", text: "Ours." }]),
  toolsEdits(BODY, ranker, { keep: 1, catalogue: [], question: { turn: "x", firstTurn: "x" } }).edits,
  limitEdits(BODY, { maxTokens: 9 }),
);

test("what changed is told by path, kind and length, in the order of the body", () => {
  assert.deepEqual(diffOf(BODY.bytes, EDITS), [
    { path: "model", kind: "replaced", before: 6, after: 10 },
    { path: "messages.0.content", kind: "added", before: 0, after: 9 },
    { path: "tools", kind: "removed", before: 146, after: 0, parts: 2 },
    { path: "max_completion_tokens", kind: "added", before: 0, after: 26 },
  ]);
});

test("nothing of the prompt is in it, until somebody asks for so many characters of it", () => {
  assert.doesNotMatch(JSON.stringify(diffOf(BODY.bytes, EDITS)), /secret|Ours|large-v1/u);
  const [model, system, tools] = diffOf(BODY.bytes, EDITS, { textChars: 20 });
  assert.deepEqual([model!.textBefore, model!.textAfter], ['"auto"', '"large-v1"']);
  assert.deepEqual([system!.textBefore, system!.textAfter], ["", "\\n\\nOurs."]);
  assert.equal(tools!.textBefore!.length, 20);
});

test("names of members that are no plain names are not shown, wherever they stand", () => {
  const bytes = Buffer.from('{"a secret":{"x":1},"b":2}');
  const edit = (offset: number, length: number, text: string) => ({ offset, length, bytes: Buffer.from(text) });
  const [first, second] = diffOf(bytes, [edit(17, 1, "7"), edit(25, 0, ',"other secret":1')]);
  assert.deepEqual([first!.path, second!.path], ["?.x", "?"]);
});

test("elements, new messages and whole bodies are told too", () => {
  const body = bodyOf("openai-chat", '{"messages":[{"role":"user","content":"x"}]}');
  const [added] = diffOf(body.bytes, systemEdits(body, [{ mode: "prepend", text: "Ours." }]));
  assert.deepEqual({ ...added, after: 0 }, { path: "messages", kind: "added", before: 0, after: 0 });
  const whole = [{ offset: 0, length: body.bytes.length, bytes: Buffer.from("{}") }];
  assert.deepEqual(diffOf(body.bytes, whole), [{ path: "", kind: "replaced", before: 44, after: 2, parts: 1 }]);
  assert.deepEqual(diffOf(body.bytes, []), []);
});

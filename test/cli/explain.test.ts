import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import type { Changed } from "../../src/cli/plan.ts";
import { picture } from "../../src/cli/picture.ts";
import type { Plan } from "../../src/contracts.ts";
import { parsed, run } from "./terminal.ts";

const home = mkdtempSync(join(tmpdir(), "signalbox-explain-"));
after(() => rmSync(home, { recursive: true }));

const CONFIG = join(home, "signalbox.yaml");
writeFileSync(
  CONFIG,
  `
upstreams: { local: { kind: vllm, url: http://127.0.0.1:1/v1 } }
tiers: { small: { quality: 0.5, max_tokens: 800, stop: [END] } }
models: { a: { tier: small, price: { input: 1, output: 1 }, targets: [{ upstream: local, model: llama }] } }
signals: { complexity: { learned: false } }
pii: { entities: { email: replace, card: mask, iban: hash, us_ssn: block } }
routes: { default: { system: { mode: append, text: "${"Cite what you quote. ".repeat(20)}" }, tools: { keep: 1 } } }
`,
);
const TEXT = "Write to ada@mail.dev about 4111 1111 1111 1111 and DE89 3704 0044 0532 0130 00";
const VALUES = /ada@|4111 1|3704/u;

const explain = (args: readonly string[], stdin?: string) =>
  run(["explain", "-c", CONFIG, ...args], stdin === undefined ? {} : { stdin });
/** What is told of changes: from the line that names where the request goes to the next empty one. */
const told = (drawn: string): string[] => /^ +sent to .*\n((?:.+\n)*)/mu.exec(drawn)?.[1]?.trimEnd().split("\n") ?? [];

test("explain shows for a plain text what a client's request becomes, values by their entity alone", async () => {
  const { out } = await explain([TEXT]);
  assert.match(out, /^ {3}sent to local\/llama +before +after$/mu);
  const lines = told(out).map((line) => line.replaceAll(/ {2,}/gu, "  ").replace(/[\da-f]{16}/u, "HASH"));
  assert.match(lines[0]!, /^\+ {2}messages {2}\{"role":"system","content":"Cite what you .*…$/u);
  assert.deepEqual(lines.slice(1), [
    "~  messages[0].content  [email]  <EMAIL_1>",
    "~  messages[0].content  [card]  **** **** **** 1111",
    "~  messages[0].content  [iban]  <IBAN:HASH>",
    '+  model  "llama"',
    "+  max_completion_tokens  800",
    '+  stop  ["END"]',
  ]);
  assert.doesNotMatch(out, VALUES);
});

test("explain shows what a body becomes, in whichever API it is", async () => {
  const tools = ["book_flight", "find_order"].map((name) => ({
    type: "function",
    function: { name, description: "x" },
  }));
  const body = {
    model: "auto",
    max_tokens: 9000,
    stop: "x",
    tools,
    messages: [{ role: "user", content: "find my order" }],
  };
  const lines = told((await explain(["--api", "openai-chat"], JSON.stringify(body))).out);
  const short = lines.map((line) => line.replaceAll(/ {2,}/gu, "  "));
  assert.deepEqual(short.slice(0, 2), ['~  model  "auto"  "llama"', "~  max_tokens  9000  800"]);
  assert.ok(short.includes("-  tools[0]  book_flight"), short.join("\n"));
  const messages = { model: "auto", max_tokens: 9, system: "Be kind.", messages: [{ role: "user", content: TEXT }] };
  const drawn = (await explain(["--api", "anthropic-messages"], JSON.stringify(messages))).out;
  assert.match(drawn, /^\+ {2}system +Cite what you quote\./mu);
  assert.match(drawn, /^~ {2}messages\[0\]\.content +\[email\] +<EMAIL_1>$/mu);
  assert.doesNotMatch(drawn, VALUES);
});

test("explain --json has the changes as data, long texts of ours by their beginning, and no value anywhere", async () => {
  const said = await explain(["--json", TEXT]);
  assert.doesNotMatch(said.out, VALUES);
  const { changed, placeholders } = parsed(said) as { changed: Changed; placeholders: object[] };
  assert.deepEqual(placeholders, [{ placeholder: "<EMAIL_1>", entity: "email" }]);
  assert.equal(changed.target, "local/llama");
  const [system, email] = changed.changes;
  assert.match(system!.textAfter!, /^\{"role":"system".{100,160}\.\.\. \(\d{3} characters\)$/u);
  assert.deepEqual(email, {
    path: "messages[0].content",
    kind: "replaced",
    before: 12,
    after: 9,
    textBefore: "[email]",
    textAfter: "<EMAIL_1>",
  });
});

test("of a request that goes nowhere no change is told, and the sentence names the entity alone", async () => {
  const { out } = await explain(["My SSN is 536-90-4399."]);
  assert.match(out, /^blocked \(403\)\nBlocked: the request holds personal data \(us_ssn\)\./u);
  assert.deepEqual(told(out), []);
  assert.ok(!("changed" in parsed(await explain(["--json", "My SSN is 536-90-4399."]))));
});

test("an empty text is refused before anything is decided", async () => {
  const said = await explain(["--json", " "]);
  assert.deepEqual([said.code, (parsed(said)["error"] as { code: string }).code], [1, "no_input"]);
});

const PLAN: Plan = {
  decisionId: "d",
  configHash: "c",
  signals: [],
  safety: { action: "none", classes: [], sentence: "nothing found" },
  rules: [],
  targets: [],
  setHeaders: [],
  removeHeaders: [],
  preview: true,
  micros: 1,
};
const CHANGED: Changed = {
  target: "local/llama",
  changes: Array.from({ length: 30 }, (_, at) => ({
    path: `messages[${at}].content${".deeper".repeat(9)}`,
    kind: "replaced",
    before: 1,
    after: 1,
    textBefore: "[120 bytes]",
    textAfter: "\u001b[2J\nours ".repeat(40),
  })),
};

test("changes fit a narrow screen, are counted where there are many, and obey no terminal", () => {
  const drawn = picture(PLAN, { width: 56, colours: false, unicode: false }, CHANGED);
  assert.deepEqual(
    drawn.split("\n").filter((line) => line.length > 56),
    [],
  );
  assert.match(drawn, /^[\n -~]*$/u);
  assert.equal(told(drawn).length, 21);
  assert.match(drawn, /^ {3}and 10 more$/mu);
});

test("changes are coloured where colours are, and the colours change no letter", () => {
  const plain = picture(PLAN, { width: 80, colours: false, unicode: true }, CHANGED);
  const coloured = picture(PLAN, { width: 80, colours: true, unicode: true }, CHANGED);
  assert.equal(stripVTControlCharacters(coloured).replaceAll(/ +$/gmu, ""), plain);
  assert.ok(coloured.includes("\u001b[33m~"));
});

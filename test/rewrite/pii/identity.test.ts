import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { asksIdentity } from "../../../src/rewrite/pii/identity.ts";
import { chat, redact } from "./redacting.ts";

const NUMBER = "415-555-2671";

describe("a task is about somebody's identity", () => {
  for (const turn of [
    `Who is ${NUMBER}?`,
    `Who's behind this number: ${NUMBER}`.replace("behind this number", "called me"),
    `whose number is ${NUMBER}`,
    `Find out where ${NUMBER} lives`,
    `Please contact ${NUMBER} for me`,
    `Track down the owner of ${NUMBER}.`,
    `I have ${NUMBER}. Build a dossier.`,
    "Who is this person?",
    "Now find her, please.",
    "Look up this number.",
    `Wer ist ${NUMBER}?`,
    "Wo wohnt diese Person? Wer ist er? ".concat(NUMBER),
    `Qui est ${NUMBER} ?`,
    `¿Quién es ${NUMBER}?`,
    `Quem é ${NUMBER}?`,
    `Chi è ${NUMBER}?`,
    `${NUMBER}是谁？`,
  ]) {
    void test(turn, () => assert.ok(asksIdentity(turn, NUMBER)));
  }
});

describe("a task is about something else", () => {
  for (const turn of [
    `Translate: "The office is closed, please dial ${NUMBER}."`,
    `Format ${NUMBER} as an international number.`,
    `Find the bug in this function:\n\nconst contacts = [];\nfunction add(n) { contacts.push(n); }\nadd("${NUMBER}")`,
    "Who is the president of France?",
    `${"Please correct this long letter. ".repeat(20)} who is ${"Nothing more to say here. ".repeat(30)} ${NUMBER}.`,
    "Summarise the thread.",
  ]) {
    void test(turn.slice(0, 60), () => assert.ok(!asksIdentity(turn, NUMBER)));
  }
});

test("block_identity refuses such a task, and replaces in any other", async () => {
  const ask = (turn: string) =>
    redact(Buffer.from(JSON.stringify(chat(turn))), { entities: { phone: "block_identity" } }, { turn });
  assert.deepEqual(await ask(`Who is ${NUMBER}?`), { blocked: "phone" });
  const other = await ask(`Write ${NUMBER} backwards.`);
  assert.ok(!("blocked" in other));
  assert.equal(other.placeholders.size, 1);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { findPii } from "../../src/signals/pii-find.ts";
import { keepScan, namesIn } from "../../src/signals/pii-learned.ts";
import { message, promptOf } from "./prompt.ts";

const breathe = async () => {};

async function found(text: string): Promise<(readonly [entity: string, value: string])[]> {
  const [spans] = await findPii([text], breathe);
  return spans!.map(({ entity, start, end }) => [entity, text.slice(start, end)] as const);
}

const EXACT: readonly (readonly [text: string, ...spans: (readonly [entity: string, value: string])[]])[] = [
  ["Write to ada.lovelace@mail.dev, please.", ["email", "ada.lovelace@mail.dev"]],
  ["a@x.io, b@x.io and info@x.io", ["email", "a@x.io"], ["email", "b@x.io"], ["email", "info@x.io"]],
  ["card 4111 1111 1111 1111.", ["card", "4111 1111 1111 1111"]],
  ["call +1 (415) 555-2671 now", ["phone", "+1 (415) 555-2671"]],
  ["call (415) 555-2671 now", ["phone", "(415) 555-2671"]],
  ["IBAN:DE89 3704 0044 0532 0130 00.", ["iban", "DE89 3704 0044 0532 0130 00"]],
  ["my ssn is 078051120", ["us_ssn", "078051120"]],
  ["ssh root@93.184.216.34 -p 22", ["ip", "93.184.216.34"]],
  [
    "key sk-proj-abcdefghijklmnopqrstuvwxyz0123456789. Done",
    ["secret", "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789"],
  ],
  [
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY;",
    ["secret", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"],
  ],
  [
    "-----BEGIN RSA PRIVATE KEY-----\nabc\ndef\n-----END RSA PRIVATE KEY-----\nbye",
    ["secret", "-----BEGIN RSA PRIVATE KEY-----\nabc\ndef\n-----END RSA PRIVATE KEY-----"],
  ],
  // Other digits, other spaces, invisible characters and composed letters: places are those of the text itself.
  ["é́ ４１１１　１１１１　１１１１　１１１１!", ["card", "４１１１　１１１１　１１１１　１１１１"]],
  ["ﬁ 😀 41\u200b11111111111111 x", ["card", "41\u200b11111111111111"]],
  ["٤١١١١١١١١١١١١١١١", ["card", "٤١١١١١١١١١١١١١١١"]],
];
for (const [text, ...spans] of EXACT) {
  test(`tells where it stands: ${JSON.stringify(text)}`, async () => assert.deepEqual(await found(text), spans));
}

test("in a long text everything is found once, wherever windows are cut", async () => {
  const key = `-----BEGIN PRIVATE KEY-----\n${"abcdefgh\n".repeat(3000)}-----END PRIVATE KEY-----`;
  for (let shift = 0; shift < 24; shift += 1) {
    const text = `${"x ".repeat(8192)}${" ".repeat(shift)}4111 1111 1111 1111 ${"y ".repeat(9000)}${key} ada@mail.dev`;
    const all = await found(text);
    assert.deepEqual(
      all.filter(([entity]) => entity !== "secret"),
      [
        ["card", "4111 1111 1111 1111"],
        ["email", "ada@mail.dev"],
      ],
    );
    assert.ok(all.some(([, value]) => value === key));
  }
});

test("it gives way to others while it reads long texts", async () => {
  let breaths = 0;
  await findPii(["x ".repeat(50_000), "short"], async () => void (breaths += 1));
  assert.ok(breaths >= 6, `${breaths}`);
});

test("names that the encoder read are told as they are written, each once, with the highest score", () => {
  const texts = ["Ada Lovelace met Ada.", "Ada Lovelace"];
  const prompt = promptOf(
    "",
    texts.map((text) => message("user", text)),
  );
  assert.deepEqual(namesIn(prompt), []);
  const person = (start: number, end: number, probability: number) => ({ type: "PERSON", start, end, probability });
  keepScan(prompt, {
    safety: [],
    suspects: [],
    entities: [
      [person(0, 12, 0.7), person(17, 20, 0.9)],
      [person(0, 12, 0.99), person(0, 3, 0.2)],
    ],
    tokens: 1,
    unreadUnits: 0,
  });
  assert.deepEqual(namesIn(prompt), [
    { entity: "person", value: "Ada Lovelace", score: 1 },
    { entity: "person", value: "Ada", score: 0.5 },
  ]);
});

test("what looks like the beginning of many secrets takes no more time than its length", async () => {
  const texts = ["-----BEGIN PRIVATE KEY-----", "sk-aaaaaaaaaaaaaaaaaaaa/", "AKIAIOSFODNN7EXAMPLE."].map((text) =>
    text.repeat(30_000),
  );
  const started = performance.now();
  const spans = await findPii(texts, breathe);
  assert.ok(performance.now() - started < 20_000);
  assert.ok(spans.every((own) => own.length > 0));
});

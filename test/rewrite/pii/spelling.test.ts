import assert from "node:assert/strict";
import { test } from "node:test";
import { redactionOptions } from "../../../src/rewrite/pii/options.ts";
import { canonicalOf, mask } from "../../../src/rewrite/pii/spelling.ts";

const SAME: readonly (readonly [entity: string, ...spellings: string[]])[] = [
  ["phone", "+49 30 901820", "+4930901820", "0049 30/901820", "(+49) 30 901820", "＋49 30 901820"],
  ["phone", "(415) 555-2671", "415-555-2671", "415.555.2671"],
  ["email", "Ada@Mail.dev", "ada@mail.dev"],
  ["iban", "DE89 3704 0044 0532 0130 00", "de89370400440532013000"],
  ["card", "4111-1111-1111-1111", "4111 1111 1111 1111", "４１１１ 1111 1111 1111"],
  ["es_dni", "12345678-z", "12345678Z"],
  ["person", "Ada  Lovelace", "ada\nlovelace"],
];
for (const [entity, ...spellings] of SAME) {
  test(`one ${entity}: ${spellings.join(" = ")}`, () => {
    assert.equal(new Set(spellings.map((value) => canonicalOf(entity, value))).size, 1);
  });
}

const DIFFERENT: readonly (readonly [entity: string, ...values: string[]])[] = [
  ["phone", "+49 30 901820", "030 901820", "30 901820", "+49 30 9018201"],
  ["email", "ada@mail.dev", "a.da@mail.dev", "ada+x@mail.dev"],
  ["person", "Ada Lovelace", "Adal Ovelace"],
  ["secret", "sk-ABC", "sk-abc"],
  ["ip", "1.11.1.1", "11.1.1.1"],
];
for (const [entity, ...values] of DIFFERENT) {
  test(`each its own ${entity}: ${values.join(" / ")}`, () => {
    assert.equal(new Set(values.map((value) => canonicalOf(entity, value))).size, values.length);
  });
}

const MASKED: readonly (readonly [entity: string, value: string, masked: string])[] = [
  ["card", "4111 1111 1111 1111", "**** **** **** 1111"],
  ["iban", "DE89 3704 0044 0532 0130 00", "**** **** **** **** **30 00"],
  ["phone", "+49 (30) 901-820", "+** (**) **1-820"],
  ["us_ssn", "078-05-1120", "***-**-1120"],
  ["email", "ada.l@mail.dev", "a***@mail.dev"],
  ["person", "Ada Lovelace", "A** L*******"],
  ["person", "王小明", "王**"],
  ["address", "12 Main St", "** M*** S*"],
  ["secret", "sk-proj-abcdef", "**-****-******"],
  ["pl_pesel", "12345678", "********"],
];
for (const [entity, value, masked] of MASKED) {
  test(`a mask keeps the form of ${value} as ${entity}`, () => assert.equal(mask(entity, value), masked));
}

test("an empty part of the config sends everything as it is, and a wrong one says why", () => {
  assert.deepEqual(redactionOptions.parse({}), {
    action: "allow",
    entities: {},
    rules: [],
    threshold: 0.5,
    keep: "request",
    window_ms: 3_600_000,
  });
  for (const wrong of [
    { action: "drop" },
    { entities: { Email: "mask" } },
    { key: "short" },
    { rules: [{ when: { x: 1 } }] },
  ]) {
    assert.ok(!redactionOptions.safeParse(wrong).success, JSON.stringify(wrong));
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkConfig } from "../../src/config/check.ts";
import { configOptions } from "../../src/config/schema.ts";
import { configTemplate } from "../../src/config/template.ts";

const env = { GEMINI_API_KEY: "gemini-secret-0123456789", OPENAI_API_KEY: "openai-secret-0123456789" };
const TEMPLATE = configTemplate({ gemini: true, openai: true });
const TOKENS = TEMPLATE.match(/[A-Za-z0-9_-]+|\s+|[^\sA-Za-z0-9_-]/gu) ?? [];
const STRANGE = [
  ...Array.from("{}[]:,#&*!|>'\"%@`-?~<\\$\t\n\0\uFEFF\uFFFD\uFDD0\uFDD1"),
  "${",
  "${file:/etc/passwd}",
  "${GEMINI_API_KEY}",
  "$${",
  "<<",
  "*a",
  "&a ",
  "---\n",
  "null",
  ".inf",
  "1e999",
  "0x",
  "__proto__",
  "constructor",
  "\u{1F600}",
  "9".repeat(400),
  " ".repeat(50),
];

/** Mulberry32: the same mutations on every run. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

function byBytes(roll: (sides: number) => number): string {
  const bytes = Buffer.from(TEMPLATE);
  for (let turn = 0; turn <= roll(8); turn++) bytes[roll(bytes.length)] = roll(256);
  const text = bytes.toString("utf8");
  const cut = roll(text.length);
  return roll(4) === 0 ? text.slice(0, cut) : text;
}

function byTokens(roll: (sides: number) => number): string {
  const tokens = [...TOKENS];
  for (let turn = 0; turn <= roll(4); turn++) {
    const at = roll(tokens.length);
    const change = roll(4);
    if (change === 0) tokens.splice(at, 1 + roll(3));
    else if (change === 1) tokens.splice(at, 0, STRANGE[roll(STRANGE.length)]!);
    else if (change === 2) tokens[at] = STRANGE[roll(STRANGE.length)]!;
    else tokens.splice(at, 0, ...tokens.slice(roll(tokens.length)).slice(0, 1 + roll(20)));
  }
  return tokens.join("");
}

test("2,000 mutated configs: a whole config or problems, in time, without a secret", () => {
  const roll = dice(20_260_102);
  const counts = { whole: 0, refused: 0 };
  let slowest = 0;
  for (let index = 0; index < 2000; index++) {
    const text = index % 2 === 0 ? byBytes(roll) : byTokens(roll);
    const start = performance.now();
    const checked = checkConfig(text, {
      env,
      readFile() {
        throw new Error("none");
      },
    });
    slowest = Math.max(slowest, performance.now() - start);
    if ("config" in checked) {
      counts.whole += 1;
      assert.equal("problems" in checked, false);
      assert.match(checked.hash, /^[0-9a-f]{12}$/u);
      // Nothing is missing: what was accepted is accepted again, unchanged.
      assert.deepEqual(configOptions.parse(JSON.parse(JSON.stringify(checked.config))), checked.config);
      continue;
    }
    counts.refused += 1;
    assert.ok(checked.problems.length > 0, text);
    assert.equal(JSON.stringify(checked).includes("-secret-"), false, text);
    for (const { line, column, message } of checked.problems) {
      assert.ok(message.length > 0 && message.length < 600, message);
      assert.ok(line >= 0 && column >= 0 && line <= text.split(/\r\n|\r|\n/u).length + 1, `${line} of ${text}`);
    }
  }
  assert.ok(counts.whole > 100 && counts.refused > 1000, JSON.stringify(counts));
  assert.ok(slowest < 2000, `${slowest} ms`);
});

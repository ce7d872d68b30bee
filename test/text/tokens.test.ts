import assert from "node:assert/strict";
import { test } from "node:test";
import { estimateTokens } from "../../src/text/tokens.ts";

/** Counts of the o200k vocabulary lie inside these ranges. */
const RANGES: readonly (readonly [name: string, text: string, low: number, high: number])[] = [
  [
    "English prose",
    "The quick brown fox jumps over the lazy dog, and nobody in the village was surprised by it.",
    17,
    28,
  ],
  ["code", "for (let i = 0; i < items.length; i++) { total += items[i].price * (1 - items[i].discount); }", 26, 48],
  ["digits", "4929 1837 2210 9981 2026-11-20 17:45:03", 16, 34],
  ["Chinese", "请把这段文字翻译成英文，并且解释每一个成语的意思。", 14, 28],
  ["Japanese", "この文章を英語に翻訳して、意味を説明してください。", 12, 28],
  ["Korean", "이 문장을 영어로 번역하고 의미를 설명해 주세요.", 12, 26],
  ["Russian", "Переведите этот текст на английский язык и объясните смысл.", 11, 30],
  ["German", "Die Aufsichtsbehörde veröffentlichte gestern überraschend neue Vorschriften.", 13, 26],
];

for (const [name, text, low, high] of RANGES) {
  test(`${name} is counted between ${low} and ${high} tokens`, () => {
    const tokens = estimateTokens(text);
    assert(tokens >= low && tokens <= high, `${tokens}`);
  });
}

test("only the empty text has no tokens", () => {
  assert.equal(estimateTokens(""), 0);
  assert.equal(estimateTokens(" "), 1);
  assert.equal(estimateTokens("\u0000"), 1);
});

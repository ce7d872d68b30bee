import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import { test } from "node:test";
import { Tokenizer } from "@huggingface/tokenizers";
import { EncoderError } from "../../src/inference/encoder.ts";
import { readVocabulary } from "../../src/inference/vocabulary.ts";
import { createWordPiece } from "../../src/inference/wordpiece.ts";
import { SENTENCES } from "./fixtures/texts.ts";
import { createRandom, randomText } from "./random.ts";
import { libraryTokenizer, VOCABULARY } from "./rig.ts";

const vocabulary = readVocabulary(VOCABULARY);
const wordpiece = createWordPiece(vocabulary);
const lines = VOCABULARY.split("\n");
const library = new Tokenizer(libraryTokenizer([]), {});

function assertSameAsLibrary(text: string): void {
  const wanted: number[] = library.encode(text, { add_special_tokens: false }).ids;
  assert.deepEqual([...wordpiece.encode(text).ids], wanted, JSON.stringify(text));
}

test("tokens are those of the library, in many languages and for odd strings", () => {
  for (const sentence of SENTENCES) assertSameAsLibrary(sentence);
  for (const sentence of SENTENCES) assertSameAsLibrary(sentence.normalize("NFD").toUpperCase());
});

test("tokens are those of the library for each character of the basic plane and random strings", () => {
  for (let unit = 0; unit < 0x1_0000; unit += 5) assertSameAsLibrary(`a${String.fromCharCode(unit)}b`);
  const random = createRandom(3);
  for (let count = 0; count < 1500; count++) assertSameAsLibrary(randomText(random, 40));
});

test("each token says where in the text it stands", () => {
  const text = "  Ÿes, Tökenizers\u0301 東京 naïve";
  const { ids, starts, ends } = wordpiece.encode(text);
  const seen = [...ids].map((id, at) => [lines[id], text.slice(starts[at], ends[at])]);
  assert.deepEqual(seen, [
    ["yes", "Ÿes"],
    [",", ","],
    ["token", "Töken"],
    ["##izer", "izer"],
    ["##s", "s\u0301"],
    ["東", "東"],
    ["京", "京"],
    ["naive", "naïve"],
  ]);
});

test("a pair of surrogates is covered whole, and half of one is not there", () => {
  const { ids, starts, ends } = wordpiece.encode("\ud800a 😀 b\udc00");
  assert.deepEqual(
    [...ids].map((id) => lines[id]),
    ["a", "[UNK]", "b"],
  );
  assert.deepEqual(
    [[...starts], [...ends]],
    [
      [1, 3, 6],
      [2, 5, 7],
    ],
  );
});

test("names of special tokens in a text are plain characters", () => {
  const { ids } = wordpiece.encode("[SEP]");
  assert.deepEqual(
    [...ids].map((id) => lines[id]),
    ["[", "sep", "]"],
  );
});

test("at most `limit` tokens are given, and `cut` tells whether there were more", () => {
  const whole = wordpiece.encode("tokenizers are unbelievable   ");
  for (let limit = 0; limit <= whole.ids.length + 1; limit++) {
    const { ids, cut } = wordpiece.encode("tokenizers are unbelievable   ", { limit });
    assert.deepEqual(ids, whole.ids.slice(0, limit));
    assert.equal(cut, limit < whole.ids.length);
  }
});

test("a limit inside of a word with an unknown end gives one unknown token", () => {
  const { ids, cut } = wordpiece.encode("tokenizers\u4e00 a", { limit: 1 });
  assert.deepEqual([lines[ids[0]!], cut], ["token", true]);
  assert.deepEqual(
    [...wordpiece.encode("tokenizers☃", { limit: 1 }).ids].map((id) => lines[id]),
    ["[UNK]"],
  );
});

test("read slice by slice, a text gives the same tokens as at once", () => {
  const random = createRandom(5);
  const text = SENTENCES.join("\n") + Array.from({ length: 40 }, () => randomText(random, 60)).join(" ");
  const whole = wordpiece.encode(text);
  for (const units of [1, 7, 100, 1000]) {
    const ids: number[] = [];
    const starts: number[] = [];
    for (let from = 0; from < text.length;) {
      const slice = wordpiece.encode(text, { from, units });
      assert.ok(slice.next > from);
      ids.push(...slice.ids);
      starts.push(...slice.starts);
      from = slice.next;
    }
    assert.deepEqual([ids, starts], [[...whole.ids], [...whole.starts]]);
  }
});

test("8,000 tokens take a few milliseconds, and a megabyte of any one character takes linear time", () => {
  const prose = SENTENCES.slice(0, 12).join(" ");
  const long = `${prose} `.repeat(Math.ceil(8000 / wordpiece.encode(prose).ids.length));
  assert.ok(fastest(() => wordpiece.encode(long)) < 6);
  for (const character of ["a", ".", " ", "Σ", "\u0301", "한", "中", "😀", "\ud800", "'Σ", "İ", "\u200d"]) {
    const most = character.repeat(1_000_000 / character.length);
    const start = performance.now();
    const { ids, next } = wordpiece.encode(most);
    assert.ok(performance.now() - start < 2000, JSON.stringify(character));
    assert.ok(ids.length <= 1_000_000);
    assert.equal(next, most.length);
  }
});

function fastest(run: () => unknown): number {
  const times = Array.from({ length: 10 }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  return Math.min(...times);
}

test("a vocabulary without its special tokens is refused", () => {
  const isModel = (error: unknown) => error instanceof EncoderError && error.fault === "model";
  assert.throws(() => readVocabulary(VOCABULARY.replace("[UNK]\n", "")), isModel);
  assert.throws(() => readVocabulary(""), isModel);
  assert.throws(() => readVocabulary(`[UNK]\n[CLS]\n[SEP]\n[PAD]\n${"a".repeat(300)}`), isModel);
});

test("a text read again gives the same tokens, whatever was read in between and however much of it is asked for", () => {
  const fresh = () => createWordPiece(vocabulary);
  const again = fresh();
  const texts = ["The quick brown foxes", "naïve 東京", "", `${"a".repeat(150)} end`, "foxes ".repeat(900)];
  for (const reach of [{}, { units: 4096 }, { limit: 3 }, { from: 4 }, { limit: 8192 }, { limit: 0 }, {}]) {
    for (const text of texts) {
      assert.deepEqual(again.encode(text, reach), fresh().encode(text, reach), `${JSON.stringify(reach)} of ${text}`);
    }
  }
  const [text] = texts;
  const known = fresh();
  known.encode(text!);
  for (const reach of [{ limit: 3 }, { from: 4 }, { units: 5 }, { limit: 4 }]) {
    assert.deepEqual(known.encode(text!, reach), fresh().encode(text!, reach), JSON.stringify(reach));
  }
});

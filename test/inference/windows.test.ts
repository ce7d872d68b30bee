import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { mayHoldNames } from "../../src/inference/names.ts";
import type { Piece } from "../../src/inference/piece.ts";
import { readVocabulary } from "../../src/inference/vocabulary.ts";
import { nameWindows, pieceAround } from "../../src/inference/windows.ts";
import { createWordPiece } from "../../src/inference/wordpiece.ts";
import { VOCABULARY } from "./rig.ts";

const wordpiece = createWordPiece(readVocabulary(VOCABULARY));
const ROOM = 126;
const MOST = 64;
const textOf = (piece: Piece, text: string) => text.slice(piece.starts[0], piece.ends.at(-1));
const namesIn = (texts: readonly string[], most = MOST) => nameWindows(wordpiece, texts, ROOM, most);

describe("what may hold a name", () => {
  for (const text of [
    "ask Maria",
    "Dear Maria, hello",
    "Dr. Hassan called",
    "IBM called",
    "the iPhone",
    "at 12 elm street",
    "请联系张伟",
    "اسمي محمد",
    "Σωκράτης and Ξ then Πλάτων",
  ]) {
    test(`${text}: yes`, () => assert.ok(mayHoldNames(text, 0, text.length)));
  }
  for (const text of [
    "",
    "what is this?",
    "Write a poem. Make it rhyme! “Why not?” Yes.\n- Then stop\n\nThanks",
    "Can I ask what I should do?",
    "add 3 to 5, or 7 km",
    "x = 3 * (y - 4)",
  ]) {
    test(`${JSON.stringify(text)}: no`, () => assert.ok(!mayHoldNames(text, 0, text.length)));
  }

  test("what stands before the part tells whether a sentence begins there", () => {
    const text = "It was late. Maria went; then Maria left";
    assert.ok(!mayHoldNames(text, text.indexOf("Maria"), text.indexOf("Maria") + 10));
    assert.ok(mayHoldNames(text, text.lastIndexOf("Maria"), text.length));
  });
});

describe("windows around a place", () => {
  const text = Array.from({ length: 1000 }, (_, at) => `w${at}`).join(" ");

  test("hold all of a text that has no more tokens", () => {
    const short = "please ignore all of that";
    const { piece, isWhole } = pieceAround(wordpiece, short, { start: 7, end: 13 }, ROOM);
    assert.deepEqual([textOf(piece, short), isWhole], [short, true]);
  });

  test("have the place in their middle, and at the ends of a text all of their room", () => {
    const middle = { start: text.indexOf("w500 "), end: text.indexOf("w510 ") };
    const { piece, isWhole } = pieceAround(wordpiece, text, middle, ROOM);
    assert.deepEqual([piece.ids.length, isWhole], [ROOM, false]);
    const before = piece.ends.findIndex((end) => end > middle.start);
    const after = ROOM - piece.starts.findIndex((start) => start >= middle.end);
    assert.ok(Math.abs(before - after) <= 2, `${before} tokens before, ${after} after`);
    for (const end of [
      { start: 0, end: 10 },
      { start: text.length - 10, end: text.length },
    ]) {
      const { piece: own } = pieceAround(wordpiece, text, end, ROOM);
      assert.equal(own.ids.length, ROOM);
      assert.ok(own.starts[0]! <= end.start && own.ends.at(-1)! >= end.end);
    }
  });

  test("are found in the middle of a megabyte without reading it", () => {
    const long = `${"a".repeat(500_000)} ignore ${"😀".repeat(250_000)}`;
    for (const place of [
      { start: 500_001, end: 500_007 },
      { start: 0, end: long.length },
      { start: 700_001, end: 700_001 },
    ]) {
      const { piece, isWhole } = pieceAround(wordpiece, long, place, ROOM);
      assert.ok(piece.ids.length <= ROOM && !isWhole);
    }
    const { piece } = pieceAround(wordpiece, long, { start: 500_001, end: 500_007 }, ROOM);
    assert.ok(textOf(piece, long).includes("ignore"));
  });
});

describe("windows for names", () => {
  const plain = "the weather is fine and nobody is here. ".repeat(100);

  test("of short texts are all there is, with or without capitals", async () => {
    const { windows } = await namesIn(["maria was here", "", "so was i"]);
    assert.deepEqual(
      windows.map(({ index, ids }) => [index, ids.length]),
      [
        [0, 3],
        [2, 3],
      ],
    );
  });

  test("of long texts are those with names, which lie whole in one of them", async () => {
    for (let shift = 0; shift < 140; shift += 7) {
      const name = "Maria Gonzalez";
      const text = `${plain}${"and ".repeat(shift)}ask ${name} today. ${plain}`;
      const { windows, unreadUnits } = await namesIn([plain, text]);
      assert.ok(windows.length >= 1 && windows.length <= 2, `${windows.length} windows`);
      assert.ok(windows.every((window) => window.index === 1 && window.ids.length <= ROOM));
      assert.ok(windows.some((window) => textOf(window, text).includes(name)));
      assert.equal(unreadUnits, 0);
    }
  });

  test("of long texts hold the last few words too", async () => {
    for (let words = 520; words < 780; words++) {
      const text = `${"Then Maria met Ana. ".repeat(40)}${"acknowledgement ".repeat(words)}ask Maria`;
      const { windows } = await namesIn([text]);
      assert.ok(textOf(windows.at(-1)!, text).endsWith("ask Maria"), `after ${words} words`);
    }
  });

  test("overlap, and cover all of a text that is full of names", async () => {
    const text = "Then Maria met John Smith and Ana of Acme. ".repeat(120);
    const { windows } = await namesIn([text]);
    assert.equal(windows[0]!.starts[0], 0);
    assert.ok(windows.at(-1)!.ends.at(-1)! >= text.trimEnd().length);
    for (const [at, window] of windows.slice(1).entries())
      assert.equal(window.starts[0], windows[at]!.starts[ROOM - 16]);
  });

  test("are counted where there are too many, and what they hold", async () => {
    const text = "Then Maria met John Smith and Ana of Acme. ".repeat(120);
    const all = await namesIn([text]);
    const some = await namesIn([text], 3);
    assert.deepEqual([some.windows.length, some.missed], [3, all.windows.length - 3]);
    assert.ok(some.unreadUnits > text.length / 2 && some.unreadUnits <= 1.2 * text.length);
  });

  for (const [what, text] of [
    ["nothing", ""],
    ["a megabyte of one capital", "A".repeat(1_000_000)],
    ["a megabyte of ideographs", "中".repeat(1_000_000)],
    ["a megabyte of halves of pairs", "\udc00".repeat(1_000_000)],
    ["a megabyte of digits", "7".repeat(1_000_000)],
  ] as const) {
    test(`come to an end in ${what}`, async () => {
      const { windows } = await namesIn([text]);
      assert.ok(windows.length <= MOST);
      assert.ok(windows.every(({ ids }) => ids.length > 0 && ids.length <= ROOM));
    });
  }
});

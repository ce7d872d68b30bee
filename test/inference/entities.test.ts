import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { addEntity, decodeEntities } from "../../src/inference/entities.ts";
import type { Entity } from "../../src/inference/encoder.ts";
import { readVocabulary } from "../../src/inference/vocabulary.ts";
import { createWordPiece } from "../../src/inference/wordpiece.ts";
import { VOCABULARY } from "./rig.ts";

const vocabulary = readVocabulary(VOCABULARY);
const wordpiece = createWordPiece(vocabulary);
const TYPES = ["PERSON", "PLACE"];
const TAGS = ["O", "B-PERSON", "I-PERSON", "B-PLACE", "I-PLACE"];
const CLEAR = 6;

/** Decodes as if the model had said these tags, one a token, surely; a tag may be given its logit: `B-PERSON:1`. */
function decoded(text: string, tags: string, least = 0.5): Entity[] {
  const piece = wordpiece.encode(text);
  const said = tags.split(" ");
  assert.equal(said.length, piece.ids.length, `tokens of ${JSON.stringify(text)}`);
  const logits = new Float32Array(said.length * TAGS.length);
  for (const [at, tag] of said.entries()) {
    const [name, logit] = tag.split(":");
    logits[at * TAGS.length + TAGS.indexOf(name!)] = Number(logit ?? CLEAR);
  }
  return decodeEntities(piece, text, logits, { types: TYPES, least, continues: vocabulary.continues });
}

const told = (text: string, tags: string) =>
  decoded(text, tags).map(({ start, end, type }) => [text.slice(start, end), type]);

describe("tags of tokens become entities", () => {
  test("a B and the I behind it are one span, and a B begins the next", () => {
    const text = "ask mary smith of paris";
    assert.deepEqual(told(text, "O B-PERSON I-PERSON O B-PLACE"), [
      ["mary smith", "PERSON"],
      ["paris", "PLACE"],
    ]);
    assert.deepEqual(told("mary john", "B-PERSON B-PERSON"), [
      ["mary", "PERSON"],
      ["john", "PERSON"],
    ]);
  });

  test("an I without a B begins a span, and one of another type does too", () => {
    assert.deepEqual(told("ask mary smith", "O I-PERSON I-PERSON"), [["mary smith", "PERSON"]]);
    assert.deepEqual(told("mary paris", "B-PERSON I-PLACE"), [
      ["mary", "PERSON"],
      ["paris", "PLACE"],
    ]);
  });

  test("words of several pieces are whole, whatever single pieces say", () => {
    const text = "ask petronella today";
    assert.equal(wordpiece.encode(text).ids.length, 5);
    assert.deepEqual(told(text, "O B-PERSON O I-PERSON O"), [["petronella", "PERSON"]]);
    assert.deepEqual(told(text, "O O O B-PERSON:2 O"), []);
  });

  test("marks neither open nor end a span, and one that nobody tagged parts no name", () => {
    assert.deepEqual(told("(mary smith), yes", "B-PERSON I-PERSON I-PERSON I-PERSON I-PERSON O"), [
      ["mary smith", "PERSON"],
    ]);
    assert.deepEqual(told("j. smith", "B-PERSON O I-PERSON"), [["j. smith", "PERSON"]]);
    assert.deepEqual(told("mary o'brien.", "B-PERSON I-PERSON I-PERSON I-PERSON I-PERSON"), [
      ["mary o'brien", "PERSON"],
    ]);
    assert.deepEqual(told("mary, john", "B-PERSON O B-PERSON"), [
      ["mary", "PERSON"],
      ["john", "PERSON"],
    ]);
    assert.deepEqual(told("mary -- smith", "B-PERSON O O I-PERSON"), [
      ["mary", "PERSON"],
      ["smith", "PERSON"],
    ]);
    assert.deepEqual(told("...", "B-PERSON I-PERSON I-PERSON"), []);
  });

  test("positions count UTF-16 units, with pairs before and within", () => {
    const text = "😀 𝐀 mary smith";
    const [entity] = decoded(text, "O O B-PERSON I-PERSON");
    assert.deepEqual([entity!.start, entity!.end], [6, 16]);
    assert.equal(text.slice(entity!.start, entity!.end), "mary smith");
    const odd = "\ud800 mary \udfff";
    assert.deepEqual(told(odd, "B-PERSON"), [["mary", "PERSON"]]);
  });

  test("the probability is the mean of the tokens', and what is too improbable is not told", () => {
    const sure = Math.exp(CLEAR) / (Math.exp(CLEAR) + 4);
    // B and I of one type both speak for it.
    const both = (p: number) => p + (1 - p) / 4;
    const [entity] = decoded("mary smith", "B-PERSON I-PERSON:2");
    const unsure = Math.exp(2) / (Math.exp(2) + 4);
    assert.ok(Math.abs(entity!.probability - (both(sure) + both(unsure)) / 2) < 1e-6);
    assert.equal(decoded("mary smith", "B-PERSON I-PERSON:2", 0.9).length, 0);
    assert.equal(decoded("mary smith", "B-PERSON I-PERSON:2", 0.8).length, 1);
  });
});

describe("entities of overlapping windows", () => {
  const entity = (start: number, end: number, type = "PERSON", probability = 0.9) => ({
    start,
    end,
    type,
    probability,
  });
  const merged = (...all: readonly Entity[]) => {
    const entities: Entity[] = [];
    for (const one of all) addEntity(entities, one);
    return entities;
  };

  test("of one type are one, of two types the more probable stands, in the order of the text", () => {
    assert.deepEqual(merged(entity(10, 14), entity(12, 20, "PERSON", 0.95)), [entity(10, 20, "PERSON", 0.95)]);
    assert.deepEqual(merged(entity(10, 14), entity(12, 20, "PLACE", 0.7)), [entity(10, 14)]);
    assert.deepEqual(merged(entity(10, 14), entity(12, 20, "PLACE", 0.95)), [entity(12, 20, "PLACE", 0.95)]);
    assert.deepEqual(merged(entity(30, 40), entity(0, 5), entity(10, 20)), [
      entity(0, 5),
      entity(10, 20),
      entity(30, 40),
    ]);
  });

  test("one that gives way to another type takes nothing along", () => {
    const before = [entity(0, 4, "PLACE", 0.9), entity(5, 8, "PERSON", 0.6)];
    assert.deepEqual(merged(...before, entity(3, 9, "PERSON", 0.5)), before);
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createAutomaton } from "../../src/text/automaton.ts";

function naive(terms: readonly string[], text: string): string[] {
  const found: string[] = [];
  for (const [term, word] of terms.entries()) {
    if (word === "") continue;
    for (let at = 0; at + word.length <= text.length; at++) {
      if (text.startsWith(word, at)) found.push(`${term}@${at}-${at + word.length}`);
    }
  }
  return found.sort();
}

function scanned(terms: readonly string[], text: string): string[] {
  const found: string[] = [];
  createAutomaton(terms).scan(text, (term, start, end) => found.push(`${term}@${start}-${end}`));
  return found.sort();
}

test("terms within terms, repeated terms and overlaps are all found", () => {
  assert.deepEqual(scanned(["he", "she", "hers", "he"], "ushers"), ["0@2-4", "1@1-4", "2@2-6", "3@2-4"]);
});

test("it finds what a search for each term finds", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "c", "証", "é"), maxLength: 5 });
  const text = fc.string({ unit: fc.constantFrom("a", "b", "c", "証", "é", " "), maxLength: 60 });
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 12 }), text, (terms, text) => {
      assert.deepEqual(scanned(terms, text), naive(terms, text));
    }),
    { seed: 11, numRuns: 500 },
  );
});

test("ten thousand terms are found like ten", () => {
  const terms = Array.from({ length: 10_000 }, (_, index) => `term-${index * 7919}-`);
  const text = "nothing term-79190000- and term-7919- here";
  assert.deepEqual(scanned(terms, text), naive(terms, text));
});

import { createLexicon } from "./lexicon.ts";

/** A pattern: concepts that must all be heard, in any order, within `within` UTF-16 units. The first one leads. */
export interface Pattern<C extends string> {
  readonly all: readonly C[];
  readonly within: number;
}

/** Called for a pattern that is complete: from `start` to `end` (exclusive), its leading concept at `lead`. */
export type Matched = (pattern: number, start: number, end: number, lead: number) => void;

/** Shows every pattern that a folded text holds, each at least once and wherever a word completes it. */
export type PatternReader = (folded: string, matched: Matched) => void;

const FAR = -1e9;

/**
 * Reads for patterns of concepts in one pass. Word order does not matter, so one pattern serves languages that put
 * the verb first and those that put it last.
 */
export function createPatternReader<C extends string>(
  words: Readonly<Record<C, string>>,
  patterns: readonly Pattern<C>[],
): PatternReader {
  const lexicon = createLexicon(words);
  const number = new Map(lexicon.concepts.map((concept, index) => [concept, index]));
  const needs = patterns.map(({ all }) => all.map((concept) => number.get(concept)!));
  const users = lexicon.concepts.map((_, concept) =>
    [...needs.keys()].filter((pattern) => needs[pattern]!.includes(concept)),
  );
  const last = new Float64Array(lexicon.concepts.length);

  return (folded, matched) => {
    last.fill(FAR);
    lexicon.read(folded, (concept, start, end) => {
      last[concept] = start;
      for (const pattern of users[concept]!) {
        const from = end - patterns[pattern]!.within;
        const first = firstOf(needs[pattern]!, last);
        if (first >= from) matched(pattern, first, end, last[needs[pattern]![0]!]!);
      }
    });
  };
}

function firstOf(concepts: readonly number[], last: Float64Array): number {
  let first = last[concepts[0]!]!;
  for (const concept of concepts) first = Math.min(first, last[concept]!);
  return first;
}

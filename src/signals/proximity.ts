import { createLexicon } from "./lexicon.ts";

/** A pattern: concepts that must all be heard, in any order, within `within` UTF-16 units. */
export interface Pattern<C extends string> {
  readonly all: readonly C[];
  readonly within: number;
}

/** Shows the index of every pattern that a folded text holds, each at least once. */
export type PatternReader = (folded: string, matched: (pattern: number) => void) => void;

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
        if (needs[pattern]!.every((other) => last[other]! >= from)) matched(pattern);
      }
    });
  };
}

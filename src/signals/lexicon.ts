import { createAutomaton } from "../text/automaton.ts";
import { fold, isWordEdge } from "../text/writing.ts";

/** Called for each word or phrase of the lexicon in the text: `concept` is the index of its concept. */
export type Heard = (concept: number, start: number, end: number) => void;

/** Words and phrases of many languages under the concepts that they stand for. */
export interface Lexicon {
  readonly concepts: readonly string[];
  /** Reads text that is already folded. */
  read(folded: string, heard: Heard): void;
}

/**
 * `entries` gives for each concept its terms, separated by commas: `prove, step by step, optimi*, 证明`.
 * A trailing `*` leaves the end of the word open. Terms in scripts without spaces are found anywhere.
 */
export function createLexicon(entries: Readonly<Record<string, string>>): Lexicon {
  const concepts = Object.keys(entries);
  const terms: string[] = [];
  const owners: number[] = [];
  const open: boolean[] = [];
  for (const [concept, list] of Object.values(entries).entries()) {
    for (const entry of list.split(",")) {
      const term = fold(entry).trim();
      const isOpen = term.endsWith("*");
      terms.push(isOpen ? term.slice(0, -1) : term);
      owners.push(concept);
      open.push(isOpen);
    }
  }
  const automaton = createAutomaton(terms);
  return {
    concepts,
    read(folded, heard) {
      automaton.scan(folded, (term, start, end) => {
        if (!isWordEdge(folded, start)) return;
        if (open[term]! || isWordEdge(folded, end)) heard(owners[term]!, start, end);
      });
    },
  };
}

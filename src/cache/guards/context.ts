import { wordsIn } from "./guard.ts";
import { isCapital, type Token } from "./token.ts";

/** What stands before a part of a sentence and says which part it plays; spellings of one by its first. */
export const MARKERS = new Map(
  [
    "from von aus de desde",
    "to into onto toward towards nach zu",
    "in within en dans",
    "by durch por par",
    "with using mit con avec",
    "on upon auf sur",
    ...wordsIn(
      "at of for over against than before after under above via through about gegen für vor als über para contra pour vers à",
    ),
  ].flatMap((line) => wordsIn(line).map((word) => [word, wordsIn(line)[0]!] as const)),
);

/** What stands before a word. */
export interface Context {
  /** The preposition before it, past articles and other parts of the same name; empty where there is none. */
  readonly marker: string;
  readonly before: string;
}

/** Back over articles and the like, and over capitals that begin the same name. */
export function contextOf(tokens: readonly Token[], at: number): Context {
  let first = at;
  while (
    first > 0 &&
    at - first < LONGEST_NAME &&
    isCapital(tokens[at]!.raw) &&
    isCapital(tokens[first - 1]!.raw) &&
    !tokens[first - 1]!.isPlain
  )
    first -= 1;
  const before = tokens[first - 1]?.stem ?? "";
  for (let back = first - 1; back >= Math.max(0, first - LOOKED_BACK); back--) {
    const { text, isPlain } = tokens[back]!;
    const marker = MARKERS.get(text);
    if (marker !== undefined) return { marker, before: MARKERS.get(before) ?? before };
    if (!isPlain) break;
  }
  return { marker: "", before };
}

const LOOKED_BACK = 4;
const LONGEST_NAME = 6;

import { eachWord, fold } from "../../text/writing.ts";
import type { Guard } from "./guard.ts";
import type { Turn } from "./turn.ts";

/** What one quotes stands in the other too, with marks or without. */
export const quotes: Guard = {
  name: "quotes",
  differ: (a, b) => lacks(a.quotes, b) || lacks(b.quotes, a),
};

/** What is quoted around code stands nowhere in the text as it is known here. */
function lacks(all: readonly string[], { text, quotes: other }: Turn): boolean {
  const quoted = all.filter((piece) => !other.includes(piece));
  if (quoted.length === 0) return false;
  const folded = fold(text);
  const words = spelled(folded);
  return quoted.some((piece) => !folded.includes(piece) && !words.includes(spelled(piece)));
}

/** Words with one space about each: signs between them say nothing. */
function spelled(text: string): string {
  let words = " ";
  eachWord(text, (start, end) => (words += `${text.slice(start, end)} `));
  return words === " " ? text : words;
}

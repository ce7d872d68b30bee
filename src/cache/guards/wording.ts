import { type Guard, wordsIn } from "./guard.ts";
import type { Turn } from "./turn.ts";

/** Small words of which one excludes another where it stands in its place. */
const LINES = `
  to from
  with without
  in out
  on off
  for against
  up down
  over under
  is was
  are were
  will was
  does did
  do did
  has had
  can must
  can should
  must may
  i he she they
  my his her their
  me him her them
  my your
`;
const lines = LINES.trim()
  .split("\n")
  .map((line) => new Set(wordsIn(line)));

/**
 * Texts that are alike but for a small word or two: the other guards look at words that say something, and here one
 * that holds the sentence together turns it around.
 */
export const wording: Guard = {
  name: "wording",
  differ(a, b) {
    const [left, right] = middles(a, b);
    if (left.length === 0 || right.length === 0 || left.length > MOST || right.length > MOST) return false;
    if (left.length !== right.length) return false;
    return left.some((word, at) => {
      const other = right[at]!;
      return word !== other && lines.some((line) => line.has(word) && line.has(other));
    });
  },
};

/** Words that are left when what both begin with and end with is gone. */
const MOST = 6;

function middles(a: Turn, b: Turn): readonly [string[], string[]] {
  const [x, y] = [a.tokens, b.tokens];
  const shorter = Math.min(x.length, y.length);
  let start = 0;
  while (start < shorter && x[start]!.text === y[start]!.text) start += 1;
  let end = 0;
  while (end < shorter - start && x[x.length - 1 - end]!.text === y[y.length - 1 - end]!.text) end += 1;
  const cut = (tokens: Turn["tokens"]) => tokens.slice(start, tokens.length - end).map(({ text }) => text);
  return [cut(x), cut(y)];
}

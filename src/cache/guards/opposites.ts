import { align } from "./alignment.ts";
import type { Guard } from "./guard.ts";
import { thesaurus } from "./synonyms.ts";

const PREFIXES = ["un", "in", "im", "il", "ir", "dis", "non", "mis", "de", "anti"];
const ROOT = 4;

/** Of the words that only one of them says, two are known to exclude each other, or differ by a prefix that denies. */
export const opposites: Guard = {
  name: "opposites",
  differ(a, b) {
    const words = thesaurus();
    const { ours, theirs } = align(a, b, words);
    if (ours.length === 0 || theirs.length === 0 || ours.length > MOST || theirs.length > MOST) return false;
    return ours.some((at) =>
      theirs.some((other) => {
        const [x, y] = [a.tokens[at]!, b.tokens[other]!];
        return words.isOpposite(x.stem, y.stem) || isDenied(x.text, y.text) || isDenied(y.text, x.text);
      }),
    );
  },
};

/** With more words left over they are different anyway. */
const MOST = 24;

const isDenied = (word: string, root: string): boolean =>
  PREFIXES.some((prefix) => {
    const rest = word.startsWith(prefix) ? word.slice(prefix.length) : "";
    return rest.length >= ROOT && root.startsWith(rest.slice(0, Math.max(ROOT, rest.length - 2)));
  });

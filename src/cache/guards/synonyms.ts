import { readFileSync } from "node:fs";
import { CONTRASTS } from "./contrasts.ts";
import { OWN_SYNONYMS } from "./phrases.ts";
import { stem } from "./stem.ts";

/** Words that mean the same or the opposite, by stem. English alone is known well. */
export interface Thesaurus {
  isSame(stem: string, other: string): boolean;
  isOpposite(stem: string, other: string): boolean;
}

/** What models/thesaurus.json holds: words with commas between them. */
interface ThesaurusFile {
  readonly same: readonly string[];
  readonly opposite: readonly string[];
}

const FILE = new URL("../../../models/thesaurus.json", import.meta.url);
let loaded: Thesaurus | undefined;

/** The packaged one, read when it is first asked for. */
export function thesaurus(): Thesaurus {
  loaded ??= createThesaurus(JSON.parse(readFileSync(FILE, "utf8")) as ThesaurusFile);
  return loaded;
}

function createThesaurus({ same, opposite }: ThesaurusFile): Thesaurus {
  const groups = new Map<string, Set<number>>();
  const lines = [...same.map((line) => line.split(", ")), ...OWN_SYNONYMS];
  for (const [number, words] of lines.entries()) {
    for (const word of words) {
      const key = stemOf(word);
      const own = groups.get(key);
      if (own) own.add(number);
      else groups.set(key, new Set([number]));
    }
  }
  const opposites = new Set(opposite.flatMap((line) => pairsOf(line.split(", ").map(stemOf))));
  const isOpposite = (a: string, b: string) => opposites.has(`${a} ${b}`) || isContrast(a, b);
  return {
    isOpposite,
    isSame(a, b) {
      if (a === b) return true;
      const [ours, theirs] = [groups.get(a), groups.get(b)];
      if (ours === undefined || theirs === undefined || isOpposite(a, b)) return false;
      for (const number of ours) if (theirs.has(number)) return true;
      return false;
    },
  };
}

const pairsOf = ([a, b]: readonly string[]): string[] => [`${a} ${b}`, `${b} ${a}`];
const stemOf = (word: string): string => (word.includes(" ") ? word.replaceAll(" ", "_") : stem(word, "en"));

const contrasts = new Map<string, (readonly [number, number])[]>();
for (const [word, places] of CONTRASTS) {
  const key = stem(word, "en");
  contrasts.set(key, [...(contrasts.get(key) ?? []), ...places]);
}

/** Different sides of one line. */
function isContrast(a: string, b: string): boolean {
  const theirs = contrasts.get(b);
  if (theirs === undefined) return false;
  return (contrasts.get(a) ?? []).some(([line, side]) => theirs.some(([on, at]) => on === line && at !== side));
}

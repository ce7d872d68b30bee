import { isTime } from "./dates.ts";
import { type Guard, wordsIn } from "./guard.ts";
import { amountsOf } from "./numbers.ts";
import { thesaurus } from "./synonyms.ts";
import { isCapital } from "./token.ts";
import { once } from "./once.ts";
import type { Turn } from "./turn.ts";

/** What people of a country are called, and the country: either may stand for the other where nobody speaks it. */
const PEOPLES = `
  france french · germany german · spain spanish · italy italian · japan japanese · china chinese · russia russian
  poland polish · sweden swedish · norway norwegian · denmark danish · finland finnish · greece greek · turkey turkish
  india indian · brazil brazilian · mexico mexican · canada canadian · australia australian · egypt egyptian
  korea korean · netherlands dutch · portugal portuguese · switzerland swiss · austria austrian · ireland irish
  britain british · usa american · america american · europe european · africa african · asia asian
  argentina argentinian · chile chilean · peru peruvian · cuba cuban · kenya kenyan · nigeria nigerian
  vietnam vietnamese · thailand thai · israel israeli · iran iranian · iraq iraqi · ukraine ukrainian
  hungary hungarian · romania romanian · belgium belgian · england english · scotland scottish
`;
const related = new Map<string, string>();
for (const pair of PEOPLES.split(/·|\n/)) {
  const [country, people] = wordsIn(pair);
  if (country && people) {
    related.set(people, country);
    related.set(country, country);
  }
}

/** A word with a capital where none is due: a name. Dates and numbers are for their own guards. */
const namesOf = once((turn: Turn): ReadonlySet<string> => {
  if (!turn.hasNames) return new Set();
  const { tokens } = turn;
  const numbers = new Set(amountsOf(turn).flatMap(({ from, to }) => tokens.slice(from, to).map((_, at) => from + at)));
  return new Set(
    tokens.flatMap(({ isPlain, raw, kind, opens, stem }, at) => {
      const isName = kind === "word" && !opens && isCapital(raw) && !isPlain && !numbers.has(at);
      return isName && !isTime(tokens, at) ? [stem] : [];
    }),
  );
});

const rooted = (name: string): string => related.get(name) ?? name;

/** Every name of one stands in the other, however it is written there. */
export const names: Guard = {
  name: "names",
  differ: (a, b) => lacks(namesOf(a), b) || lacks(namesOf(b), a),
};

/** Words as names may be written: by stem, as a country, and part by part where a phrase was one. */
const writtenIn = once(
  ({ tokens }: Turn): ReadonlySet<string> =>
    new Set(
      tokens.flatMap(({ stem, text, isPlain }) =>
        isPlain ? stem : [stem, rooted(stem), rooted(text), ...(stem.includes("_") ? stem.split("_") : [])],
      ),
    ),
);

/** "YouTube" may be written in two words. */
const LONG_NAME = 6;

function lacks(wanted: ReadonlySet<string>, other: Turn): boolean {
  if (wanted.size === 0) return false;
  const there = writtenIn(other);
  const missing = [...wanted].filter((name) => !there.has(name) && !there.has(rooted(name)));
  if (missing.length === 0) return false;
  const joined = other.tokens.map(({ text }) => text).join("");
  const words = thesaurus();
  return missing.some(
    (name) =>
      !(name.length >= LONG_NAME && joined.includes(name)) &&
      !other.tokens.some(({ stem }) => words.isSame(name, stem)),
  );
}

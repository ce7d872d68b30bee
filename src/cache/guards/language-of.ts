import { detectLanguage, type Language } from "../../text/language.ts";
import { fold } from "../../text/writing.ts";
import { plainWordsOf } from "./plain-words.ts";

const LATIN: readonly Language[] = ["en", "de", "es", "fr", "it", "pt", "nl"];
const bitOf = (language: Language): number => 1 << LATIN.indexOf(language);

/** Letters and signs that nearly no other of these languages has, by place in the list. */
const MARKS: readonly (readonly [at: number, letters: RegExp])[] = [
  [LATIN.indexOf("de"), /[\u00e4\u00f6\u00fc\u00df]/u],
  [LATIN.indexOf("es"), /[\u00f1\u00bf\u00a1]/u],
  [LATIN.indexOf("fr"), /[\u00e8\u00ea\u00e7\u0153\u00f9\u00e2\u00ee]/u],
  [LATIN.indexOf("pt"), /[\u00e3\u00f5]/u],
];
/** What stands alone before or behind an apostrophe is no word of its own. */
const LETTERS = new Set(["a", "à", "i", "y", "o", "e", "é", "è"]);

/** Languages that have the word among their small ones, as bits. */
const SAYING = new Map<string, number>();
for (const language of LATIN) {
  for (const word of plainWordsOf(language)) {
    if (word.length > 1 || LETTERS.has(word)) SAYING.set(word, (SAYING.get(word) ?? 0) | bitOf(language));
  }
}

/** Question words that only one of them has: a question may hold no other small word. */
const ASKING = new Map<string, number>(
  (
    [
      ["de", "warum wieso weshalb wieviel welche welcher welches wer wann wie nicht"],
      ["es", "cuánto cuánta cuántos cuántas qué cómo cuándo dónde cuál quién"],
      ["fr", "combien pourquoi quel quelle quels quelles"],
      ["it", "perché quanto quale quali cosa"],
      ["nl", "waarom hoeveel welke"],
    ] as const
  ).flatMap(([language, list]) => list.split(" ").map((word) => [word, bitOf(language)] as const)),
);
const KNOWN = 0.5;
const MARK = 1.5;
const FEWEST = 2;
/** Enough to know a language by. */
const READ = 1_000;
const WORD = /\p{L}+/gu;

/**
 * The language of a question, which may be only four words long: of every small word, not only of the commonest. Other
 * scripts than the Latin one tell by themselves.
 */
export function languageOf(text: string): Language | undefined {
  const known = detectLanguage(text);
  if (known !== undefined && !LATIN.includes(known)) return known;
  const start = fold(text.slice(0, READ));
  const counts = new Float64Array(LATIN.length);
  if (known !== undefined) counts[LATIN.indexOf(known)]! += KNOWN;
  for (const [at, letters] of MARKS) if (letters.test(start)) counts[at]! += MARK;
  let asks = 0;
  for (const [word] of start.matchAll(WORD)) {
    asks |= ASKING.get(word) ?? 0;
    const languages = SAYING.get(word) ?? 0;
    if (languages === 0) continue;
    for (let at = 0; at < LATIN.length; at++) if ((languages >> at) & 1) counts[at]! += 1;
  }
  for (let at = 0; at < LATIN.length; at++) counts[at]! += (asks >> at) & 1;
  const most = Math.max(...counts);
  const best = LATIN[counts.indexOf(most)];
  // One small word alone may be a word of the matter in another language.
  return most >= FEWEST ? best : undefined;
}

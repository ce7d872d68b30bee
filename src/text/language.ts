/** What `detectLanguage` can tell apart (ISO 639-1). A script stands for its most written language: ru for Cyrillic. */
export const LANGUAGES = [
  "ar",
  "de",
  "el",
  "en",
  "es",
  "fr",
  "he",
  "hi",
  "it",
  "ja",
  "ko",
  "nl",
  "pt",
  "ru",
  "th",
  "zh",
] as const;

export type Language = (typeof LANGUAGES)[number];

/** Enough to know a language by, little enough to take microseconds. */
const READ = 1_000;
/** Kana among Han characters make Japanese; a quoted word or two does not. */
const KANA_SHARE = 0.1;
const FEWEST_STOP_WORDS = 1;

const SCRIPTS: ReadonlyArray<readonly [from: number, to: number, script: Language | "kana" | "latin"]> = [
  [0x41, 0x5a, "latin"],
  [0x61, 0x7a, "latin"],
  [0xc0, 0x24f, "latin"],
  [0x370, 0x3ff, "el"],
  [0x400, 0x52f, "ru"],
  [0x590, 0x5ff, "he"],
  [0x600, 0x6ff, "ar"],
  [0x750, 0x77f, "ar"],
  [0x900, 0x97f, "hi"],
  [0xe00, 0xe7f, "th"],
  [0x1100, 0x11ff, "ko"],
  [0x3040, 0x30ff, "kana"],
  [0x3400, 0x4dbf, "zh"],
  [0x4e00, 0x9fff, "zh"],
  [0xac00, 0xd7a3, "ko"],
];

/** Letters of these scripts say more each than a Latin letter does: a word is a character or two. */
const DENSE = 3;

/** Words that nearly every sentence of the language has; those of several languages count for each of them. */
const STOP_WORDS: Readonly<Record<string, string>> = {
  en: "the of and to is that it for with you this are be have what how can my your please not was which write",
  es: "el los las que y en un una es por con para como del se su qué cómo mi lo está más pero escribe",
  de: "der die das und ist nicht ein eine ich zu mit auf für von den dem wie was sich auch im bitte kann mein schreibe",
  fr: "le les des et est un une que qui dans pour pas sur avec ce cette je vous mon du comment quelle au écris",
  pt: "o os as que e em um uma é não para com por do da dos como você meu mais ao isso qual escreva",
  it: "il lo gli che di è un una per non con del della sono come mi questo più ma nel ho qual scrivi",
  nl: "de het een en van is dat niet ik op te voor met zijn aan hoe wat mijn kan ook naar je schrijf",
};

const LANGUAGES_OF = new Map<string, string[]>();
for (const [language, list] of Object.entries(STOP_WORDS)) {
  for (const word of list.split(" ")) LANGUAGES_OF.set(word, [...(LANGUAGES_OF.get(word) ?? []), language]);
}

/** The language that most of the text is in, as far as script and small words tell. Reads the first 1,000 characters. */
export function detectLanguage(text: string): Language | undefined {
  const start = text.slice(0, READ);
  const letters = countScripts(start);
  const kana = letters.get("kana") ?? 0;
  const han = letters.get("zh") ?? 0;
  letters.delete("kana");
  letters.delete("zh");
  if (kana + han > 0) letters.set(kana >= KANA_SHARE * (kana + han) ? "ja" : "zh", (kana + han) * DENSE);

  const [most] = [...letters].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  if (!most) return undefined;
  return most[0] === "latin" ? byStopWords(start) : (most[0] as Language);
}

function countScripts(text: string): Map<string, number> {
  const letters = new Map<string, number>();
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const script = SCRIPTS.find(([from, to]) => unit >= from && unit <= to)?.[2];
    if (script !== undefined) letters.set(script, (letters.get(script) ?? 0) + (script === "ko" ? DENSE : 1));
  }
  return letters;
}

function byStopWords(text: string): Language | undefined {
  const counts = new Map<string, number>();
  for (const [word] of text.toLowerCase().matchAll(/\p{L}+/gu)) {
    for (const language of LANGUAGES_OF.get(word) ?? []) counts.set(language, (counts.get(language) ?? 0) + 1);
  }
  const [first, second] = [...counts].toSorted(([, x], [, y]) => y - x);
  // As many words of one language as of another prove neither.
  if (!first || first[1] < FEWEST_STOP_WORDS || first[1] === second?.[1]) return undefined;
  return first[0] as Language;
}

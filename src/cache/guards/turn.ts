import type { Language } from "../../text/language.ts";
import { compose, fold } from "../../text/writing.ts";
import { languageOf } from "./language-of.ts";
import { canonicalPhrases } from "./phrases.ts";
import { plainWordsOf } from "./plain-words.ts";
import { stem } from "./stem.ts";
import { isCapital, type Token } from "./token.ts";

/** Longer turns are cut here, in UTF-16 units; a cut turn is the same as no other one. */
export const MOST_UNITS = 8_192;

/** A newest human turn, read once and compared often. */
export interface Turn {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly language: Language | undefined;
  /** Capitals mark names: not where all is written large or small, nor in German, where every noun has one. */
  readonly hasNames: boolean;
  /** What stands between quotation marks, folded, and between backticks or in fences, as it is written. */
  readonly quotes: readonly string[];
  readonly code: readonly string[];
  readonly isWhole: boolean;
}

export function readTurn(given: string): Turn {
  const isWhole = given.length <= MOST_UNITS;
  const text = compose(isWhole ? given : given.slice(0, MOST_UNITS));
  const language = languageOf(text);
  const { code, rest } = takeCode(text);
  const read = tokensOf(text, language);
  const hasNames = language !== "de" && capitalsMeanNames(read);
  const tokens = hasNames ? read.map(named) : read;
  return {
    text,
    tokens: canonicalPhrases(tokens),
    language,
    hasNames,
    quotes: quotesIn(rest),
    code,
    isWhole,
  };
}

/** A small word with a capital where none is due is a name: the language Go, the department IT. */
const named = (token: Token): Token =>
  token.isPlain && !token.opens && isCapital(token.raw) && token.raw !== "I" ? { ...token, isPlain: false } : token;

/** A date, digits with their separators, words with their apostrophes, or one sign. No part can be read twice. */
const TOKEN =
  /\d{4}-\d{2}-\d{2}(?!\d)|°[CF](?!\p{L})|\p{N}+(?:[.,:/\u2009\u202f'’]\p{N}+)*|[\p{L}\p{M}_][\p{L}\p{M}\p{N}_]*(?:['’][\p{L}\p{M}]+)*[+#]{0,2}|[+\-−–*×÷/=<>≤≥≠%‰$€£¥₹°^√&@]/gu;
const SENTENCE_END = /[.!?:;\n\r"“„«(\u00bf\u00a1\u3002]\s*$/u;
/** Behind "Hi," a sentence begins, without a full stop; so it does at the start. */
const isGreeting = (tokens: readonly Token[]) => tokens.length <= 2 && tokens.every(({ text }) => GREETINGS.has(text));
const GREETINGS = new Set([
  "hi",
  "hello",
  "hey",
  "hallo",
  "hola",
  "bonjour",
  "ciao",
  "dear",
  "there",
  "please",
  "bitte",
  "ok",
]);
const UNSPACED = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]+/u;
const NUMBER = /^\p{N}/u;
const WORD = /^[\p{L}\p{M}_]/u;
/** Gaps between tokens are looked at this far back for the end of a sentence. */
const GAP = 4;

function tokensOf(text: string, language: Language | undefined): Token[] {
  const tokens: Token[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [raw] = match;
    const gap = text.slice(Math.max(end, match.index - GAP), match.index);
    const opens = isGreeting(tokens) || (gap !== " " && SENTENCE_END.test(gap));
    const joined = tokens.length > 0 && match.index === end;
    end = match.index + raw.length;
    if (NUMBER.test(raw)) tokens.push({ text: raw, stem: raw, raw, kind: "number", opens, isPlain: false, joined });
    else if (!WORD.test(raw)) {
      if (Object.hasOwn(DEGREES, raw)) pushWord(tokens, DEGREES[raw]!, { opens: false, joined, language });
      else if (raw === "%")
        tokens.push({ text: "percent", stem: "percent", raw, kind: "word", opens, isPlain: false, joined });
      else if (isMeant(raw, text, match.index))
        tokens.push({ text: raw, stem: raw, raw, kind: "sign", opens, isPlain: true, joined });
    } else if (UNSPACED.test(raw)) {
      // Such scripts put no spaces: each character is read as a word of its own.
      for (const letter of raw) {
        tokens.push({ text: letter, stem: letter, raw: letter, kind: "word", opens, isPlain: false, joined });
      }
    } else pushWord(tokens, raw, { opens, joined, language });
  }
  return tokens;
}

const DEGREES: Readonly<Record<string, string>> = { "°C": "celsius", "°F": "fahrenheit" };
const LETTER = /\p{L}/u;
const BEFORE_NUMBER = /^ {0,2}\p{N}/u;
const ALWAYS_MEANT = new Set("+×÷=<>≤≥≠%‰$€£¥₹°^√");

/** Hyphens, dashes, slashes and stars mean something before a number, unless a word goes on with them. */
function isMeant(sign: string, text: string, at: number): boolean {
  if (ALWAYS_MEANT.has(sign)) return true;
  return BEFORE_NUMBER.test(text.slice(at + 1, at + 4)) && (at === 0 || !LETTER.test(text[at - 1]!));
}

interface Place {
  readonly opens: boolean;
  readonly joined: boolean;
  readonly language: Language | undefined;
}

const SHORT_FORMS = new Map([
  ["can't", ["can", "not"]],
  ["won't", ["will", "not"]],
  ["shan't", ["shall", "not"]],
  ["cannot", ["can", "not"]],
  ["ain't", ["is", "not"]],
  ["what's", ["what", "is"]],
  ["let's", ["let", "us"]],
]);
const ENDINGS: Readonly<Record<string, string>> = { re: "are", ve: "have", ll: "will", d: "would", m: "am" };
const WITH_IS = new Set("it that there here who where when how why he she".split(" "));

/** French and Italian articles stand before the apostrophe, English endings behind it. */
function pushWord(tokens: Token[], raw: string, place: Place): void {
  const folded = fold(raw).replaceAll("’", "'");
  const whole = SHORT_FORMS.get(folded);
  if (whole) return pushAll(tokens, whole, place);
  const apostrophe = folded.indexOf("'");
  if (apostrophe < 0) return pushOne(tokens, folded, raw, place);
  const [before, behind] = [folded.slice(0, apostrophe), folded.slice(apostrophe + 1)];
  const [rawBefore, rawBehind] = [raw.slice(0, apostrophe), raw.slice(apostrophe + 1)];
  if (behind === "t" && before.endsWith("n")) return pushAll(tokens, [before.slice(0, -1), "not"], place);
  if (behind === "s") {
    pushOne(tokens, before, rawBefore, place);
    if (WITH_IS.has(before)) pushOne(tokens, "is", "is", behindOf(place));
  } else if (Object.hasOwn(ENDINGS, behind)) pushAll(tokens, [before, ENDINGS[behind]!], place);
  else if (before.length <= 2 || before === "qu" || before === "all" || before === "dell") {
    pushOne(tokens, before, rawBefore, place);
    pushOne(tokens, behind, rawBehind, behindOf(place));
  } else pushOne(tokens, folded.replaceAll("'", ""), raw, place);
}

function pushAll(tokens: Token[], words: readonly string[], place: Place): void {
  for (const [at, word] of words.entries()) pushOne(tokens, word, word, at === 0 ? place : behindOf(place));
}

function pushOne(tokens: Token[], text: string, raw: string, { opens, joined, language }: Place): void {
  // A letter that stands for something: "Is A larger than B".
  const isLetter = raw === "A" && !opens;
  const isPlain = plainWordsOf(language).has(text) && !isLetter;
  tokens.push({ text, stem: stem(text, language), raw, kind: "word", opens, isPlain, joined });
}

const behindOf = ({ language }: Place): Place => ({ opens: false, joined: false, language });

const FENCE = "```";

/** Code in fences and between backticks, white space as one space, and the text without it. */
function takeCode(text: string): { code: string[]; rest: string } {
  const code: string[] = [];
  let rest = "";
  let from = 0;
  for (let at = text.indexOf("`"); at >= 0; at = text.indexOf("`", from)) {
    const mark = text.startsWith(FENCE, at) ? FENCE : "`";
    const close = text.indexOf(mark, at + mark.length);
    if (close < 0) break;
    code.push(
      text
        .slice(at + mark.length, close)
        .replaceAll(/\s+/gu, " ")
        .trim(),
    );
    rest += `${text.slice(from, at)} `;
    from = close + mark.length;
  }
  return { code: code.filter((piece) => piece !== ""), rest: rest + text.slice(from) };
}

const PAIRS: readonly (readonly [open: string, close: string])[] = [
  ['"', '"'],
  ["“", "”"],
  ["„", "“"],
  ["«", "»"],
  ["‘", "’"],
  ["「", "」"],
];

/** Each kind of mark is searched from the left to the right once. */
function quotesIn(text: string): string[] {
  const found: string[] = [];
  for (const [open, close] of PAIRS) {
    let at = text.indexOf(open);
    while (at >= 0) {
      const end = text.indexOf(close, at + 1);
      if (end < 0) break;
      const inside = fold(text.slice(at + 1, end)).trim();
      if (inside !== "") found.push(inside);
      at = text.indexOf(open, end + 1);
    }
  }
  return found;
}

/** In a headline most words begin with a capital. */
const HEADLINE = 0.6;

function capitalsMeanNames(tokens: readonly Token[]): boolean {
  const words = tokens.filter(({ kind }) => kind === "word");
  const large = words.filter(({ raw }) => isCapital(raw)).length;
  return words.length < 4 || large <= HEADLINE * words.length;
}

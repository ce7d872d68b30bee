import type { Language } from "../../text/language.ts";
import type { Guard } from "./guard.ts";
import { type NumberWords, numberWordsOf } from "./number-words.ts";
import { once } from "./once.ts";
import type { Token } from "./token.ts";
import type { Turn } from "./turn.ts";

/** A number in a turn: from which token to which (exclusive), and what it comes to. */
export interface Amount {
  readonly from: number;
  readonly to: number;
  /** As text, so that what is no plain number (a time, a version) can be one too. */
  readonly value: string;
}

/** Numbers that a turn states, written in digits or words. */
export const amountsOf = once((turn: Turn): readonly Amount[] => {
  const words = numberWordsOf(turn.language);
  const found: Amount[] = [];
  for (let at = 0; at < turn.tokens.length;) {
    const amount = readAmount(turn.tokens, at, words, turn.language);
    if (amount) found.push(amount);
    const date = ISO.exec(turn.tokens[at]!.raw);
    // The month is a word elsewhere.
    if (date) for (const part of [date[1], date[2]]) found.push({ from: at, to: at + 1, value: String(Number(part)) });
    at = amount?.to ?? at + 1;
  }
  return found;
});

const ISO = /^(\d{4})-\d{2}-(\d{2})$/;

function readAmount(
  tokens: readonly Token[],
  from: number,
  words: NumberWords,
  language: Language | undefined,
): Amount | undefined {
  const first = tokens[from]!;
  if (first.kind === "sign") return undefined;
  if (ISO.test(first.raw)) return undefined;
  if (first.kind === "number") return readDigits(tokens, from, words, language);
  if (!words.values.has(first.text) && !startsScale(tokens, from, words)) return undefined;
  let [total, current, at] = [0, 0, from];
  for (; at < tokens.length; at++) {
    const word = tokens[at]!.text;
    const value =
      words.values.get(word) ??
      (word === "one" && (current >= 20 || words.joins.has(tokens[at - 1]!.text)) ? 1 : undefined);
    const scale = words.scales.get(word);
    if (value !== undefined) {
      // Two numbers side by side are two: "three four"; but "quatre vingt" is a product.
      if (current === 4 && value === 20) current = 80;
      else if (current > 0 && !fits(current, value)) break;
      else current += value;
    } else if (scale !== undefined && at > from) {
      current = (current || 1) * scale;
      if (scale >= 1000) [total, current] = [total + current, 0];
    } else if (scale !== undefined) current = scale;
    else if (!joinsNext(tokens, at, words) || at === from) break;
  }
  return { from, to: at, value: String(total + current) };
}

/** Twenty takes a one, a hundred takes tens. */
function fits(current: number, value: number): boolean {
  return (current % 100 === 0 && value < 100) || (current % 10 === 0 && current % 100 >= 20 && value < 20);
}

/** "a hundred", "mil": a scale on its own is a number, but for letters such as the k of "k means". */
const startsScale = (tokens: readonly Token[], at: number, { scales }: NumberWords) =>
  scales.has(tokens[at]!.text) && tokens[at]!.text.length > 2;

function joinsNext(tokens: readonly Token[], at: number, words: NumberWords): boolean {
  const next = tokens[at + 1]?.text ?? "";
  const before = tokens[at - 1]?.text ?? "";
  if (!words.joins.has(tokens[at]!.text) || !(words.values.has(next) || next === "one")) return false;
  return words.scales.has(before) || (words.values.get(before) ?? 0) >= 20;
}

const ORDINAL = new Set(["st", "nd", "rd", "th", "er", "ème", "e"]);

function readDigits(
  tokens: readonly Token[],
  from: number,
  words: NumberWords,
  language: Language | undefined,
): Amount {
  const value = valueOf(tokens[from]!.raw, language);
  let to = from + 1;
  if (ORDINAL.has(tokens[to]?.text ?? "") && tokens[to]!.joined) to += 1;
  const scale = words.scales.get(tokens[to]?.text ?? "");
  if (scale !== undefined && Number.isFinite(Number(value)))
    return { from, to: to + 1, value: String(Number(value) * scale) };
  return { from, to, value: isNegative(tokens, from) ? `-${value}` : value };
}

/** A minus before it, and no number before that. */
function isNegative(tokens: readonly Token[], at: number): boolean {
  const sign = tokens[at - 1]?.text;
  return (sign === "-" || sign === "−" || sign === "minus") && tokens[at - 2]?.kind !== "number";
}

const COMMAS = new Set<Language | undefined>(["de", "es", "fr", "it", "nl", "pt", "ru"]);
const THOUSANDS_EN = /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/;
const THOUSANDS_EU = /^\d{1,3}(?:\.\d{3})+(?:,\d+)?$/;
const APART = /[\u2009\u202f'’]/gu;

/** Digits as one plain number where they are one: "1,000.50" and "1000.5" are the same. */
function valueOf(raw: string, language: Language | undefined): string {
  const digits = raw.replaceAll(APART, "");
  const isEuropean = THOUSANDS_EU.test(digits) && (COMMAS.has(language) || /\..*[.,]/.test(digits));
  let plain = digits;
  if (isEuropean) plain = digits.replaceAll(".", "").replace(",", ".");
  else if (THOUSANDS_EN.test(digits)) plain = digits.replaceAll(",", "");
  else if (/^\d+,\d+$/.test(digits)) plain = digits.replace(",", ".");
  return /^\d{1,15}(?:\.\d{1,15})?$/.test(plain) ? String(Number(plain)) : plain;
}

/** Articles and the like that may stand for the number of the other side. */
function looseOf({ tokens, language }: Turn): string[] {
  const { loose } = numberWordsOf(language);
  return tokens.flatMap(({ text }) => (loose.has(text) ? [String(loose.get(text))] : []));
}

/** Every number that one states, the other states too. */
export const numbers: Guard = {
  name: "numbers",
  differ(a, b) {
    const [ours, theirs] = [amountsOf(a).map(({ value }) => value), amountsOf(b).map(({ value }) => value)];
    return isLeftOver(ours, theirs, looseOf(b)) || isLeftOver(theirs, ours, looseOf(a));
  },
};

function isLeftOver(values: readonly string[], stated: readonly string[], loose: readonly string[]): boolean {
  const room = new Map<string, number>();
  for (const value of [...stated, ...loose]) room.set(value, (room.get(value) ?? 0) + 1);
  return values.some((value) => {
    const left = room.get(value) ?? 0;
    room.set(value, left - 1);
    return left < 1;
  });
}

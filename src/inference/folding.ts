/**
 * What an uncased BERT tokenizer does to each character: controls are dropped, white space parts words, letters are
 * lowered and lose their accents, punctuation and Han stand alone. Looked up once per character, kept in tables.
 */

/** Folds to the one unit `foldOf` gives. */
export const LETTER = 1;
export const SPACE = 2;
/** A word of its own; folds to one unit. */
export const PUNCTUATION = 3;
/** Not there at all: controls, private use, half a surrogate pair. */
export const DROPPED = 4;
/** An accent: goes, and belongs to the letter before it. */
export const ACCENT = 5;
/** A word of its own. */
export const HAN = 6;
/** Half of a pair: the whole code point counts, see `foldPoint`. */
const SURROGATE = 7;
/** Folds to several units, see `foldPoint`. */
const SEVERAL = 8;
/** Capital sigma, whose small form depends on its neighbours. */
export const SIGMA = 9;

const CONTROL = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/u;
const ACCENTS = /\p{Mn}/gu;
const MARK = /[\p{P}!-/:-@[-`{-~]/u;
const BLANK = /\s/u;
const CASED = /\p{Cased}/u;
const IGNORABLE = /\p{Case_Ignorable}/u;

const CAPITAL_SIGMA = 0x3a3;
const SMALL_SIGMA = 0x3c3;
const FINAL_SIGMA = 0x3c2;

const kinds = new Uint8Array(0x1_0000);
const folds = new Uint16Array(0x1_0000);

/** Kind of one UTF-16 unit. */
export function kindOf(unit: number): number {
  return kinds[unit]! || classify(unit);
}

/** The unit that a LETTER or PUNCTUATION folds to; ask for its kind first. */
export function foldOf(unit: number): number {
  return folds[unit]!;
}

function classify(unit: number): number {
  const kind = findKind(unit);
  kinds[unit] = kind;
  return kind;
}

function findKind(unit: number): number {
  if (unit >= 0xd800 && unit <= 0xdfff) return SURROGATE;
  if (unit === CAPITAL_SIGMA) return SIGMA;
  if (isDropped(unit)) return DROPPED;
  const text = String.fromCharCode(unit);
  if (BLANK.test(text)) return SPACE;
  if (isHan(unit)) return HAN;
  const folded = fold(text);
  if (folded === "") return ACCENT;
  if (folded.length > 1) return SEVERAL;
  folds[unit] = folded.charCodeAt(0);
  return MARK.test(folded) ? PUNCTUATION : LETTER;
}

function isDropped(point: number): boolean {
  if (point === 0 || point === 0xfffd) return true;
  if (point === 0x09 || point === 0x0a || point === 0x0d) return false;
  return CONTROL.test(String.fromCodePoint(point));
}

function isHan(unit: number): boolean {
  return (unit >= 0x4e00 && unit <= 0x9fff) || (unit >= 0x3400 && unit <= 0x4dbf) || (unit >= 0xf900 && unit <= 0xfaff);
}

function fold(text: string): string {
  return text.toLowerCase().normalize("NFD").replace(ACCENTS, "");
}

/** One code point folded: empty for one that is dropped or an accent. */
export interface Folded {
  readonly units: string;
  readonly isAccent: boolean;
  readonly isPunctuation: boolean;
}

/** Enough for any script; who sends more different ones than this pays for each again. */
const MOST_POINTS = 8192;
const points = new Map<number, Folded>();

/** For code points whose kind says SURROGATE, SEVERAL or HAN. */
export function foldPoint(point: number): Folded {
  const known = points.get(point);
  if (known !== undefined) return known;
  const units = isDropped(point) ? "" : fold(String.fromCodePoint(point));
  const folded = { units, isAccent: units === "" && !isDropped(point), isPunctuation: MARK.test(units) };
  if (points.size >= MOST_POINTS) points.clear();
  points.set(point, folded);
  return folded;
}

/** The small form of the capital sigma at `at`: a final one ends a word of cased letters. */
export function foldSigma(text: string, at: number): number {
  return isCasedFrom(text, at, -1) && !isCasedFrom(text, at, 1) ? FINAL_SIGMA : SMALL_SIGMA;
}

/** Whether the next character that counts, in this direction, is a cased letter. */
function isCasedFrom(text: string, at: number, step: 1 | -1): boolean {
  for (let next = at + step; next >= 0 && next < text.length; next += step) {
    const unit = text.charCodeAt(next);
    if (unit < 0x80 && isAsciiLetter(unit)) return true;
    const isPair = isPairAt(text, step === 1 ? next : next - 1);
    const point = isPair ? text.codePointAt(step === 1 ? next : next - 1)! : unit;
    if (isPair) next += step;
    const character = String.fromCodePoint(point);
    if (!isDropped(point) && !IGNORABLE.test(character)) return CASED.test(character);
  }
  return false;
}

const isAsciiLetter = (unit: number) => (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a;

/** Whether a whole surrogate pair stands at `at`. */
export function isPairAt(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
}

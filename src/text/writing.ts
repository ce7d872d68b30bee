/**
 * What the signals must know about writing: folding, word edges, and scripts that put no spaces between words.
 */

const BEYOND_ASCII = /[^\0-\x7f]/u;
const WORD = /[\p{L}\p{M}\p{N}_]/u;
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}]/u;

/** Compatibility form: full-width letters become plain ones, ligatures fall apart, accents are composed. */
export function compose(text: string): string {
  return BEYOND_ASCII.test(text) ? text.normalize("NFKC") : text;
}

/** One spelling for texts that differ only in case or in compatibility form. Its length may differ from the text's. */
export function fold(text: string): string {
  if (!BEYOND_ASCII.test(text)) return text.toLowerCase();
  // Upper-casing first merges what lower-casing keeps apart, such as the two small sigmas and the sharp s.
  return text.normalize("NFKC").toUpperCase().toLowerCase().replaceAll("ς", "σ");
}

/** True for text in a script without spaces between words, where a word edge cannot be told from the letters. */
export function isUnspaced(text: string): boolean {
  return UNSPACED.test(text);
}

const UNKNOWN = 0;
const JOINING = 1;
const APART = 2;
// Filled as characters are met: a table for all of them would cost more at start than it saves.
const kinds = new Uint8Array(0x10000);

function kindOf(character: string): number {
  return WORD.test(character) && !UNSPACED.test(character) ? JOINING : APART;
}

function joins(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  if (unit >= 0xd800 && unit <= 0xdfff) return joinsBeyondBmp(text, at);
  if (kinds[unit] === UNKNOWN) kinds[unit] = kindOf(String.fromCharCode(unit));
  return kinds[unit] === JOINING;
}

function joinsBeyondBmp(text: string, at: number): boolean {
  const low = text.charCodeAt(at) >= 0xdc00;
  const point = text.codePointAt(low ? at - 1 : at);
  return point !== undefined && point > 0xffff && kindOf(String.fromCodePoint(point)) === JOINING;
}

/** Shows every word of a spaced script to `visit`, in order; `end` is exclusive. */
export function eachWord(text: string, visit: (start: number, end: number) => void): void {
  let start = -1;
  for (let at = 0; at < text.length; at++) {
    const isLetter = joins(text, at);
    if (isLetter && start === -1) start = at;
    if (!isLetter && start !== -1) {
      visit(start, at);
      start = -1;
    }
  }
  if (start !== -1) visit(start, text.length);
}

/** True where no word of a spaced script runs across the position `at`. */
export function isWordEdge(text: string, at: number): boolean {
  return at <= 0 || at >= text.length || !joins(text, at - 1) || !joins(text, at);
}

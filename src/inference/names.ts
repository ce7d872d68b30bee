/** Letters of scripts without capitals; a number and a word behind it, as in addresses; capitals. */
const SIGNS = /\p{Lo}|\p{Nd}\P{L}{0,12}\p{L}{3}|[\p{Lu}\p{Lt}]/gu;
const CAPITAL = /^[\p{Lu}\p{Lt}]/u;
const LETTER = /^[\p{L}\p{M}]/u;
const PART = /[\p{L}\p{M}\p{N}]$/u;
/** What ended the sentence before, and what may stand between that and the first letter of the next. */
const BEGINNING = /(?:[.!?…。！？\n\r]|^)[^\S\n\r]*["'“”‘’«»()[\]{}*_#>|•–—-]*[^\S\n\r]*$/u;
/** A title, or an initial, which ends no sentence. */
const SHORT_FORM = /(?<![\p{L}\p{M}])\p{L}{1,3}\.[^\S\n\r]*$/u;

/** UTF-16 units before a capital that are looked at. */
const BEHIND = 24;

/**
 * Whether a part of a text may hold names or addresses: a capital letter where no sentence begins, a number before a
 * word, or letters that have no case. A single letter, such as `I`, is no name. One pass, linear in the part.
 */
export function mayHoldNames(text: string, from: number, to: number): boolean {
  const lead = Math.max(0, from - BEHIND);
  const shown = text.slice(lead, to);
  SIGNS.lastIndex = from - lead;
  for (let found = SIGNS.exec(shown); found !== null; found = SIGNS.exec(shown)) {
    const { 0: sign, index } = found;
    if (!CAPITAL.test(sign) || isTelling(text, lead + index, lead + index + sign.length)) return true;
  }
  return false;
}

/** Whether the capital at `start` to `end` is more than the beginning of a sentence, or a letter by itself. */
function isTelling(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - BEHIND), start);
  if (PART.test(before)) return true;
  const next = text.slice(end, end + 2);
  if (!LETTER.test(next)) return false;
  return CAPITAL.test(next) || SHORT_FORM.test(before) || !BEGINNING.test(before);
}

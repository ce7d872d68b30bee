/** What stands around a finding: many identifiers are one only beside a word that names them. */

export function near(words: string): RegExp {
  return new RegExp(words, "iu");
}

/** UTF-16 units looked at on either side. */
export const BEFORE = 48;
const AFTER = 40;

/** Whether one of the words stands a little before or after. */
export function isNear(words: RegExp, { start, end }: { start: number; end: number }, text: string): boolean {
  return words.test(text.slice(Math.max(0, start - BEFORE), start)) || words.test(text.slice(end, end + AFTER));
}

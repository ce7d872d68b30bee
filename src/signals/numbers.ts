/** A run of digits that may be one number: one or more groups, with what parts them. */
export interface Figure {
  readonly digits: string;
  /** Lengths of the groups, such as `3-2-4`. */
  readonly layout: string;
  /** What stands between the groups; undefined for a single group, `mixed` when it is not always the same. */
  readonly separator?: string;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** True when no further digits stand before or after it. */
  readonly isWhole: boolean;
}

const CHAIN = /\d[\d ./()-]{6,}/gu;
const GROUP = /\d+/gu;
const MAX_DIGITS = 20;
const MIN_DIGITS = 7;
/** Longest separator: a closing bracket, a space and a dash. */
const MAX_GAP = 3;

/** A chain of more groups than this is a table of numbers, where no identifier spans more groups than the reach. */
const TABLE = 64;
const TABLE_REACH = 8;

interface Group {
  readonly digits: string;
  readonly start: number;
  readonly end: number;
}

/** Shows every run of 7 to 20 digits, in groups or in one, to `visit`. Expects plain digits, spaces and dashes. */
export function readFigures(text: string, visit: (figure: Figure) => void): void {
  for (const chain of text.matchAll(CHAIN)) {
    const groups = groupsOf(chain[0], chain.index).filter(({ digits }) => digits.length <= MAX_DIGITS);
    const reach = groups.length > TABLE ? TABLE_REACH : MAX_DIGITS;
    for (let first = 0; first < groups.length; first++) readFrom(text, groups, first, reach, visit);
  }
}

function groupsOf(chain: string, offset: number): Group[] {
  return Array.from(chain.matchAll(GROUP), ({ 0: digits, index }) => {
    const start = offset + index;
    return { digits, start, end: start + digits.length };
  });
}

function readFrom(
  text: string,
  groups: readonly Group[],
  first: number,
  reach: number,
  visit: (figure: Figure) => void,
): void {
  const head = groups[first]!;
  if (isGlued(text, head)) return;
  let digits = "";
  let layout = "";
  let separator: string | undefined;
  const stop = Math.min(groups.length, first + reach);
  for (let last = first; last < stop; last++) {
    const group = groups[last]!;
    const previous = groups[last - 1];
    if (last > first && previous !== undefined) {
      const gap = text.slice(previous.end, group.start);
      if (gap.length > MAX_GAP) return;
      separator = separator === undefined || separator === gap ? gap : "mixed";
      layout += "-";
    }
    digits += group.digits;
    layout += group.digits.length;
    if (digits.length > MAX_DIGITS) return;
    if (digits.length < MIN_DIGITS || isWordUnit(text.charCodeAt(group.end))) continue;
    const isWhole = !touches(groups[first - 1], head) && !touches(group, groups[last + 1]);
    const figure = { digits, layout, start: head.start, end: group.end, isWhole };
    visit(separator === undefined ? figure : { ...figure, separator });
  }
}

function touches(left: Group | undefined, right: Group | undefined): boolean {
  return left !== undefined && right !== undefined && right.start - left.end <= MAX_GAP;
}

/** True for digits that are the end of a word, or the fraction of a decimal number. */
function isGlued(text: string, { start, digits }: Group): boolean {
  if (start === 0) return false;
  if (isWordUnit(text.charCodeAt(start - 1))) return true;
  const isFraction = text[start - 1] === "." && isDigitUnit(text.charCodeAt(start - 2));
  return isFraction && digits.length > 4;
}

function isDigitUnit(unit: number): boolean {
  return unit >= 48 && unit <= 57;
}

function isWordUnit(unit: number): boolean {
  return isDigitUnit(unit) || (unit >= 65 && unit <= 90) || (unit >= 97 && unit <= 122) || unit === 95;
}

const BEYOND_ASCII = /[^\0-\x7f]/u;
const HIDDEN = /[\u00AD\u200B-\u200F\u2060-\u2064\uFEFF]/gu;
const DASH = /[\p{Pd}\u2212]/gu;
const SPACE = /\p{Zs}/gu;
const FOREIGN_DIGIT = /(?![0-9])\p{Nd}/gu;
const DECIMAL = /\p{Nd}/u;

/** The text with every script's digits, dashes and spaces as the plain ones, and without invisible characters. */
export function plain(text: string): string {
  if (!BEYOND_ASCII.test(text)) return text;
  return text
    .normalize("NFKC")
    .replace(HIDDEN, "")
    .replace(DASH, "-")
    .replace(SPACE, " ")
    .replace(FOREIGN_DIGIT, (digit) => String(valueOf(digit.codePointAt(0)!)));
}

/** Digits of a script stand in one row from zero to nine. */
function valueOf(point: number): number {
  let value = 0;
  while (value < 9 && DECIMAL.test(String.fromCodePoint(point - value - 1))) value++;
  return value;
}

/** What tokens do not tell of a text: its length, case, digits, punctuation and layout. */
export const SHAPES = 16;

/** UTF-16 units that are looked at. */
const MOST_UNITS = 4096;

const [UPPER, LETTER, DIGIT, FOREIGN, BLANK, LINE, QUESTION, SHOUT, CODE, FORMULA, MARKUP, QUOTE, COLON] = [
  1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096,
] as const;

/** Classes of the ASCII characters, as bits. */
const CLASSES = Uint16Array.from({ length: 128 }, (_, code) => classOf(String.fromCharCode(code)));

function classOf(character: string): number {
  const tests: readonly (readonly [RegExp, number])[] = [
    [/[A-Z]/u, UPPER],
    [/[A-Za-z]/u, LETTER],
    [/[0-9]/u, DIGIT],
    [/[ \t]/u, BLANK],
    [/\n/u, LINE],
    [/\?/u, QUESTION],
    [/!/u, SHOUT],
    [/[{}()[\]<>=;]/u, CODE],
    [/[\\^_$]/u, FORMULA],
    [/[*#|`]/u, MARKUP],
    [/["']/u, QUOTE],
    [/:/u, COLON],
  ];
  return tests.reduce((bits, [pattern, bit]) => (pattern.test(character) ? bits | bit : bits), 0);
}

const isQuote = (code: number) =>
  code === 0x201c || code === 0x201d || code === 0x2018 || code === 0x2019 || code === 0xab || code === 0xbb;

/** By bit, from one text to the next. */
const count = new Uint32Array(13);

/**
 * [SHAPES] numbers of about 0 to 1. The same numbers, in the same order, as `shape_of` in models/train/rows.py: the
 * static stage was trained on those.
 */
export function shapeOf(text: string, from = 0, to = text.length): readonly number[] {
  const end = Math.min(to, from + MOST_UNITS);
  count.fill(0);
  let small = 0;
  let words = 0;
  let inWord = false;
  let capitals = 0;
  let run = 0;
  for (let at = from; at < end; at++) {
    const code = text.charCodeAt(at);
    const bits = code < 128 ? CLASSES[code]! : isQuote(code) ? FOREIGN | QUOTE : FOREIGN;
    // Most are plain small letters.
    if (bits === LETTER) small++;
    else for (let rest = bits; rest !== 0; rest &= rest - 1) count[31 - Math.clz32(rest & -rest)]!++;
    const isWord = (bits & (LETTER | DIGIT)) !== 0 || code === 0x5f;
    if (isWord && !inWord) words++;
    inWord = isWord;
    run = (bits & UPPER) === 0 ? 0 : run + 1;
    if (run === 2) capitals++;
  }
  count[Math.log2(LETTER)]! += small;
  const seen = Math.max(1, end - from);
  const share = (bit: number) => count[Math.log2(bit)]! / seen;
  const few = (bit: number, most: number) => Math.min(1, count[Math.log2(bit)]! / most);
  return [
    Math.log1p(Math.max(1, to - from)) / 10,
    share(UPPER),
    share(LETTER),
    share(DIGIT),
    share(FOREIGN),
    share(BLANK),
    Math.log1p(count[Math.log2(LINE)]!) / 5,
    few(QUESTION, 4),
    few(SHOUT, 4),
    share(CODE),
    share(FORMULA),
    share(MARKUP),
    share(QUOTE),
    few(COLON, 8),
    Math.min(1, count[Math.log2(LETTER)]! / Math.max(1, words) / 10),
    Math.min(1, capitals / 8),
  ];
}

/** Texts are read so far: what a task is shows in its beginning. In UTF-16 units. */
export const MOST_UNITS = 8192;
/** Words and pairs of words are counted by the bucket that their hash falls into. */
export const BUCKETS = 16_384;

/** What can be told of a text by its form, and the buckets of its words and pairs of words, each once, in order. */
export interface TextFeatures {
  readonly form: Float64Array;
  readonly buckets: Uint32Array;
}

/** Pure; in time that depends on the first 8,192 units of the text. */
export function textFeatures(whole: string): TextFeatures {
  const text = whole.slice(0, MOST_UNITS);
  return { form: formOf(text), buckets: bucketsOf(text) };
}

/** A line that offers an answer: a letter, a full stop or a bracket, and what it offers. */
const OPTION = /^\s{0,4}\(?([A-P])[.)][ \t]+(.*)$/gmu;
const NUMERIC_OPTION = /^[\s$\-+\d.,/%^*()eE×x]+[a-zA-Z/°µ%^\d\s]{0,12}$/u;
const WORD = /[A-Za-z']+/gu;
const NUMBER = /\d+(?:[.,]\d+)*/gu;

/** Read in the stem, what comes before the options. */
const IN_STEM: readonly RegExp[] = [
  /\b(?:not|except|least|incorrect|false)\b/iu,
  /\b(?:NOT|EXCEPT|LEAST)\b/u,
  /\?/u,
  /\bwhat\b/iu,
  /\bwhich\b/iu,
  /\bhow\b/iu,
  /\bwhy\b/iu,
  /\bwho\b/iu,
  /\bwhen\b/iu,
  /\b(?:calculate|compute|find|determine|evaluate|solve|estimate|how (?:many|much|long|far))\b/iu,
  /\bof the following\b/iu,
  /\b(?:best|most|likely|primarily)\b/iu,
  /\b(?:true|correct|false|statement)/iu,
  /\b(?:prove|proof|theorem|suppose|let|if and only)\b/iu,
  /["“”]/u,
  /\b(?:his|her|he|she)\b/iu,
];

/** Read everywhere. */
const ANYWHERE: readonly RegExp[] = [
  /\\[a-z]+|\$[^$]+\$/iu,
  /[=]/u,
  /\b(?:I{1,3}|IV)\.\s|\bI and II\b|\bI only\b/u,
  /\b1[5-9]\d\d\b|\b20\d\d\b/u,
  /\ball of (?:these|the)\b/iu,
  /\bnone of (?:these|the)\b/iu,
  /_{2,}/u,
  /\bdef |print\(|\breturn |#include|\bint main|\[python\]|;\n/iu,
  /\b(?:this question refers|passage|refer to the)\b/iu,
  /\b(?:scenario|statement) [12]\b|\bfor each\b|\| /iu,
  /\b(?:kg|cm|mm|km|ft|lb|psi|mol|atm|hz|volts?|amps?|watts?|joules?|kpa|m\/s|btu)\b|°[CF]/iu,
  /\$\s?\d/u,
];

const MEASURES = 19;
/** Numbers in `form`. */
export const FORM_WIDTH = MEASURES + IN_STEM.length + ANYWHERE.length;

function formOf(text: string): Float64Array {
  const options = [...text.matchAll(OPTION)];
  const offered = options.map((option) => option[2]!);
  const stem = options.length === 0 ? text : text.slice(0, options[0]!.index);
  const form = new Float64Array(FORM_WIDTH);
  form.set(measures(text, stem, offered));
  for (const [at, pattern] of IN_STEM.entries()) form[MEASURES + at] = Number(pattern.test(stem));
  for (const [at, pattern] of ANYWHERE.entries()) form[MEASURES + IN_STEM.length + at] = Number(pattern.test(text));
  return form;
}

function measures(text: string, stem: string, options: readonly string[]): number[] {
  const lengths = options.length === 0 ? [0] : options.map(({ length }) => length);
  const mean = average(lengths);
  const words = stem.match(WORD) ?? [];
  const letters = words.reduce((sum, { length }) => sum + length, 0);
  const share = (pattern: RegExp, of: string) => (of.match(pattern)?.length ?? 0) / Math.max(of.length, 1);
  const optionShare = (holds: (option: string) => boolean) => average(options.map((option) => Number(holds(option))));
  return [
    Math.log1p(text.length),
    Math.log1p(stem.length),
    Math.log1p(words.length),
    options.length,
    Number(options.length > 1),
    Math.log1p(mean),
    Math.log1p(Math.max(...lengths)),
    Math.log1p(Math.min(...lengths)),
    Math.log1p(Math.sqrt(average(lengths.map((length) => (length - mean) ** 2)))),
    optionShare((option) => NUMERIC_OPTION.test(option)),
    optionShare((option) => (option.match(WORD)?.length ?? 0) <= 2),
    optionShare((option) => /\d/u.test(option)),
    letters / Math.max(words.length, 1),
    share(/\d/gu, stem),
    Math.log1p(stem.match(NUMBER)?.length ?? 0),
    share(/[A-Z]/gu, stem),
    share(/[$\\{}^_=+*/<>|]/gu, stem),
    share(/[^\0-\x7f]/gu, text),
    Math.log1p(stem.match(/[.!?](?:\s|$)/gu)?.length ?? 0),
  ];
}

const average = (values: readonly number[]) =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

const FNV_START = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const [SPACE, ZERO, NINE, UPPER_A, UPPER_Z, LOWER_A, LOWER_Z, HASH, BEYOND] = [32, 48, 57, 65, 90, 97, 122, 35, 128];

/** Words in small letters, each digit as one sign for all digits, every other sign alone; then each with its follower. */
function bucketsOf(text: string): Uint32Array {
  const found = new Set<number>();
  let before = 0;
  const close = (word: number) => {
    found.add(bucketOf(word));
    if (before !== 0) found.add(bucketOf(mix(mix(before, SPACE), word)));
    before = word;
  };
  let word = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const lower = unit >= UPPER_A && unit <= UPPER_Z ? unit + LOWER_A - UPPER_A : unit;
    if ((lower >= LOWER_A && lower <= LOWER_Z) || lower >= BEYOND) {
      word = mix(word === 0 ? FNV_START : word, lower);
      continue;
    }
    if (word !== 0) close(word);
    word = 0;
    if (lower > SPACE) close(mix(FNV_START, lower >= ZERO && lower <= NINE ? HASH : lower));
  }
  if (word !== 0) close(word);
  return Uint32Array.from(found).sort();
}

const mix = (hash: number, unit: number) => Math.imul(hash ^ unit, FNV_PRIME);

function bucketOf(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 13)) & (BUCKETS - 1);
}

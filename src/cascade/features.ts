import type { Answer } from "./answer.ts";
import { checkSums } from "./arithmetic.ts";
import { type FinalAnswer, isSame, literal, numberIn, plain } from "./final-answer.ts";
import { jsonIn } from "./json.ts";
import { repetition } from "./repetition.ts";
import { similarity } from "./similarity.ts";

/** Numbers that an answer is judged by, by name; one that cannot be told is not there. Counts as log(1 + count). */
export type Features = Readonly<Record<string, number>>;

/** An answer with what was read of it. */
interface Heard {
  readonly answer: Answer;
  readonly read: string;
  readonly final: FinalAnswer;
}

const times = (text: string, pattern: RegExp): number => Math.log1p(text.match(pattern)?.length ?? 0);
const has = (text: string, pattern: RegExp): number => Number(pattern.test(text));

/** Of what was asked: its size, and what of numbers, formulas and code is in it. */
export function askedFeatures(turn: string): Features {
  return {
    "asked.length": Math.log1p(turn.length),
    "asked.numbers": times(turn, /\d+/gu),
    "asked.sentences": times(turn, /[.?!\n]/gu),
    "asked.shares": has(turn, /%|percent|\bhalf\b|\bthird\b|\bquarter\b|frac|\d\/\d/u),
    "asked.formulas": times(turn, /[\\$]/gu),
    "asked.picture": has(turn, /\[asy\]/u),
    "asked.loops": times(turn, /^\s*(?:for|while)\b/gmu),
    "asked.branches": times(turn, /^\s*(?:if|elif|else)\b/gmu),
    "asked.lines": times(turn, /\n/gu),
    "asked.calls": times(turn, /\.\w+\(/gu),
    "asked.indexes": times(turn, /\[/gu),
    "asked.slices": times(turn, /\[[^\]\n]{0,80}:[^\]\n]{0,80}\]/gu),
    "asked.strings": times(turn, /['"]/gu),
  };
}

/** Words by which a text takes something back, or says that it is not sure. */
export const HEDGES =
  /however|mistake|assum|approximat|not possible|recheck|re-?evaluat|actually|incorrect|\bwait\b|seems|might|unclear|let's try|instead|not sure|i think|cannot determine/giu;

/** Of one answer: its form, how it got to what it says, and whether it says the same throughout. */
export function answerFeatures({ text, finish, calls, logprobs }: Answer, read: string, final: FinalAnswer): Features {
  const { right, wrong } = checkSums(read);
  const value = plain(final.value);
  const way = final.from === "nowhere" ? read : read.slice(0, final.at);
  return {
    "own.length": Math.log1p(text.length),
    "own.length_squared": Math.log1p(text.length) ** 2,
    "own.json": Number(jsonIn(read) !== undefined),
    "own.field": Number(final.from === "field"),
    "own.fence": has(read, /```/u),
    "own.prose": Math.log1p(read.indexOf("{") < 0 ? read.length : read.indexOf("{")),
    "own.sentences": times(read, /[.!?]\s|\n/gu),
    "own.steps": times(read, /step|\n\s*\d+\.|\n- /giu),
    "own.lines": times(read, /\n/gu),
    "own.hedges": times(read, HEDGES),
    "own.sums_right": Math.log1p(right),
    "own.sums_wrong": Math.log1p(wrong),
    "own.repetition": repetition(read),
    "own.cut": Number(finish === "length"),
    "own.calls": Math.log1p(calls?.length ?? 0),
    ...wayFeatures(way, final),
    "own.whole_number": has(value, /^-?\d+$/u),
    "own.decimal": has(value, /^-?\d+\.\d+$/u),
    "own.negative": has(value, /^-/u),
    "own.fraction": has(value, /\//u),
    "own.words": has(final.value, /[a-z]{4,}/iu),
    "own.quoted": has(final.value, /['"]/u),
    "own.list": has(final.value, /^\s*[[({]/u),
    "own.truth": has(final.value, /^\s*(?:true|false|none|null)\s*$/iu),
    "own.value_length": Math.log1p(final.value.length),
    "own.magnitude": magnitude(numberIn(value)),
    ...(logprobs !== undefined && logprobs.length > 0 ? sureness(logprobs) : {}),
  };
}

/** Far more than any answer needs. */
const LARGEST = 20;
const magnitude = (value: number) => (Number.isNaN(value) ? 0 : Math.min(LARGEST, Math.log1p(Math.abs(value))));

const LATEST = 60;

/** Whether what the answer comes to is what its own words led to. */
function wayFeatures(way: string, final: FinalAnswer): Features {
  const value = plain(final.value);
  const numbers = way.replaceAll(/(\d),(?=\d{3})/gu, "$1").match(/-?\d+(?:\.\d+)?/gu);
  const last = Number(numbers?.at(-1) ?? Number.NaN);
  const isIn = (text: string) =>
    Number(value !== "" && (plain(text).includes(value) || text.includes(literal(final.value))));
  return {
    "own.last_number": Number(Math.abs(last - numberIn(value)) < 1e-9),
    "own.in_end": isIn(way.slice(-LATEST - final.value.length)),
    "own.in_way": isIn(way),
    "own.numbers": Math.log1p(numbers?.length ?? 0),
  };
}

const LEAST_SURE = 0.1;

/** Logarithms of probabilities: of all tokens, of the least sure one, of the least sure tenth. */
export function sureness(logprobs: Float64Array): { "log.mean": number; "log.least": number; "log.tail": number } {
  const sorted = logprobs.toSorted();
  const mean = (some: Float64Array) => some.reduce((sum, one) => sum + one, 0) / some.length;
  return {
    "log.mean": mean(sorted),
    "log.least": sorted[0]!,
    "log.tail": mean(sorted.subarray(0, Math.max(1, Math.round(sorted.length * LEAST_SURE)))),
  };
}

/** Of the answer beside those of others, the closest one counting; none where it stands alone. */
export function pairFeatures(own: Heard, others: readonly Heard[]): Features {
  if (others.length === 0) return {};
  const most = (of: (other: Heard) => number) => Math.max(...others.map(of));
  const isIn = (final: FinalAnswer, text: string) => Number(final.value !== "" && text.includes(final.value));
  return {
    "pair.agree": most((other) => Number(isSame(own.final, other.final))),
    "pair.likeness": most((other) => similarity(own.final.value, other.final.value)),
    "pair.own_in_other": most((other) => isIn(own.final, other.read)),
    "pair.other_in_own": most((other) => isIn(other.final, own.read)),
    "pair.longer": most((other) => Math.log1p(own.answer.text.length) - Math.log1p(other.answer.text.length)),
    "pair.other_field": most((other) => Number(other.final.from === "field")),
    "pair.other_sums_wrong": most((other) => Math.log1p(checkSums(other.read).wrong)),
    ...vectorLikeness(own, others),
  };
}

function vectorLikeness({ answer: { vector } }: Heard, others: readonly Heard[]): Features {
  const known = others.flatMap(({ answer }) => (vector && answer.vector ? [dot(vector, answer.vector)] : []));
  return known.length === 0 ? {} : { "pair.meaning": Math.max(...known) };
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}

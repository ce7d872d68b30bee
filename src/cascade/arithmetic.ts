/** Sums that a text works out in plain digits: how many come out right, and how many do not. */
export interface Sums {
  readonly right: number;
  readonly wrong: number;
}

const MOST_TERMS = 8;
/** `12 * 3 + 4 = 40`: no part of something longer, no power, no bracket. */
const EQUATION = new RegExp(
  String.raw`(?<![\w.])(?<![/*+(^-] ?)(-?\d+(?:\.\d+)?(?: ?[-+*/] ?\d+(?:\.\d+)?){1,${MOST_TERMS}}) ?= ?(-?\d+(?:\.(\d+))?)(?!\d* ?[/*^(]|\d*[a-z])`,
  "giu",
);
/** A result that was rounded to its last digit is right. */
const ROUNDING = 0.6;
const EXACT = 1e-9;

export function checkSums(text: string): Sums {
  let [right, wrong] = [0, 0];
  for (const [, sum, result, decimals = ""] of bare(text).matchAll(EQUATION)) {
    const value = valueOf(sum!);
    if (!Number.isFinite(value)) continue;
    const isRight =
      Math.abs(value - Number(result)) <= Math.max(ROUNDING * 10 ** -decimals.length, EXACT * Math.abs(value));
    if (isRight) right += 1;
    else wrong += 1;
  }
  return { right, wrong };
}

/** The text with the signs of arithmetic in one spelling, without units (of two letters or more: one is a variable) and thousands separators. */
const bare = (text: string) =>
  text
    .replaceAll(/\\times|×|\\cdot/gu, "*")
    .replaceAll(/÷|\\div/gu, "/")
    .replaceAll(/[$,\\]/gu, "")
    .replaceAll(/\s+/gu, " ")
    .replaceAll(/(\d) ?[a-z]{2,}(?= ?[-+*/=])/giu, "$1");

/** Of products and sums without brackets. */
function valueOf(sum: string): number {
  const parts = sum.match(/\d+(?:\.\d+)?|[-+*/]/gu)!;
  const sign = parts[0] === "-" ? -1 : 1;
  const terms = [sign * Number(parts[sign < 0 ? 1 : 0])];
  for (let at = sign < 0 ? 2 : 1; at < parts.length; at += 2) {
    const next = Number(parts[at + 1]);
    if (parts[at] === "*") terms.push(terms.pop()! * next);
    else if (parts[at] === "/") terms.push(terms.pop()! / next);
    else terms.push(parts[at] === "-" ? -next : next);
  }
  return terms.reduce((total, term) => total + term, 0);
}

/** What an answer comes to, and where that was found. `value` is empty where it comes to nothing that can be told. */
export interface FinalAnswer {
  readonly value: string;
  readonly from: "field" | "boxed" | "letter" | "number" | "nowhere";
  /** Where in the text it begins. */
  readonly at: number;
}

const MOST_VALUE = 500;
const FIELD = /"(?:final_)?answer"\s*:\s*/gu;
const LETTER = /\b(?:answer|option|choice)(?:\s+is)?\s*:?\s*[*(]*(?<letter>[A-Z])\b(?!')/gu;
const NUMBER = /-?\$?\d[\d,]*(?:\.\d+)?/gu;
const BOXED = "\\boxed{";

/** The last place in which the text states its result: a JSON field, a LaTeX box, a letter, or just a number. */
export function finalAnswer(text: string): FinalAnswer {
  return field(text) ?? boxed(text) ?? letter(text) ?? number(text) ?? { value: "", from: "nowhere", at: text.length };
}

function field(text: string): FinalAnswer | undefined {
  const match = [...text.matchAll(FIELD)].at(-1);
  if (match === undefined) return undefined;
  const at = match.index;
  const rest = text.slice(at + match[0].length, at + match[0].length + MOST_VALUE);
  return { value: jsonValue(rest).trim(), from: "field", at };
}

/** The value that begins the text, as it is written; JSON that is broken, as models write it, is read as far as it goes. */
function jsonValue(rest: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"/su.exec(rest)?.[1];
  if (quoted !== undefined) return quoted;
  if (rest.startsWith('"')) return rest.slice(1);
  if (!/^[[{]/u.test(rest)) return /^[^\n,}]*/u.exec(rest)![0];
  return rest.slice(0, closing(rest, 0));
}

/** Where the bracket that is open `depth` deep at the beginning is closed, exclusive; the end where it never is. */
function closing(text: string, depth: number): number {
  let open = depth;
  for (let at = 0; at < text.length; at++) {
    const unit = text[at]!;
    if (unit === "[" || unit === "{") open += 1;
    else if ((unit === "]" || unit === "}") && --open === 0) return at + 1;
  }
  return text.length;
}

function boxed(text: string): FinalAnswer | undefined {
  const at = text.lastIndexOf(BOXED);
  if (at < 0) return undefined;
  const rest = text.slice(at + BOXED.length, at + BOXED.length + MOST_VALUE);
  return { value: rest.slice(0, closing(rest, 1)).replace(/\}$/u, ""), from: "boxed", at };
}

function letter(text: string): FinalAnswer | undefined {
  const match = [...text.matchAll(LETTER)].at(-1);
  return match && { value: match.groups!["letter"]!, from: "letter", at: match.index };
}

function number(text: string): FinalAnswer | undefined {
  const match = [...text.matchAll(NUMBER)].at(-1);
  return match && { value: match[0], from: "number", at: match.index };
}

/** Text that is written as code writes values: quoted, a list, a table, or a word that code knows. */
const LITERAL = /^\s*(?:['"[{(]|(?:True|False|None|true|false|null)\s*$)/u;

/** Whether two answers come to the same: the same number, the same value in code, or the same words or formula. */
export function isSame(one: FinalAnswer, other: FinalAnswer): boolean {
  if (one.value === "" || other.value === "") return false;
  if (LITERAL.test(one.value) || LITERAL.test(other.value)) return literal(one.value) === literal(other.value);
  const [a, b] = [plain(one.value), plain(other.value)];
  if (a === b) return a !== "" || one.value === other.value;
  const [x, y] = [numberIn(a), numberIn(b)];
  return Math.abs(x - y) <= CLOSE * Math.max(1, Math.abs(x));
}

const CLOSE = 1e-6;

/** One spelling for a value in code: double quotes count as single ones; in a list, space outside of quotes does not count. */
export function literal(value: string): string {
  const single = value.replaceAll('\\"', '"').replaceAll('"', "'").trim();
  const whole = /^'[^']*'$/u.test(single) ? single.slice(1, -1) : single;
  if (!/^[[{(]/u.test(whole)) return whole;
  const parts = whole.split("'");
  return parts.map((part, at) => (at % 2 === 1 ? part : part.replaceAll(/\s+/gu, ""))).join("'");
}

/** One spelling for words, numbers and formulas: no marks of LaTeX, no units, no thousands separators. */
export function plain(value: string): string {
  return value
    .toLowerCase()
    .replaceAll("\\\\", "\\")
    .replaceAll(/\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}/gu, "$1/$2")
    .replaceAll(/\\(?:left|right|text|mathrm|[,!;])/gu, "")
    .replaceAll(/[\s$"'`\\{}()]/gu, "")
    .replaceAll(/(\d),(?=\d{3}(?:\D|$))/gu, "$1")
    .replace(/\.0+$/u, "")
    .replace(/[.%]$/u, "")
    .replace(/(\d)(?:cm|meters|dollars|hours|degrees|years|minutes|miles|feet|inches)$/u, "$1");
}

/** The number that a plain value is, fractions divided out; NaN where it is none. */
export function numberIn(value: string): number {
  const [, above, below] = /^(-?\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)$/u.exec(value) ?? [];
  if (above !== undefined) return Number(above) / Number(below);
  return /^-?\d+(?:\.\d+)?$/u.test(value) ? Number(value) : Number.NaN;
}

/** Only the end of a reply is read: that is where a model says what it came to. */
const LONGEST_READ = 32_768;

const MARKS = "[\\s*_`\"'([{<$:]*";
/** What may close a letter: nothing that makes it the beginning of a word or of a sentence about something else. */
const CLOSED = "(?=[\\s*_`\"')\\]}>$.,;:!?]|$)";

/** Ways of stating a letter, of which the last one in the reply counts, whichever way it is. */
const STATEMENTS: readonly RegExp[] = [
  // "the answer is (C)", "Answer: **C**", "the correct option would be C".
  new RegExp(
    `(?:answer|option|choice)(?:\\s+(?:is|would be|should be|must be|choice|option|letter))*\\s*(?:is|:|=)?${MARKS}(?:option|choice)?${MARKS}(?<upper>[A-Z])${CLOSED}`,
    "giu",
  ),
  // "C is correct", "(C) is the answer".
  /(?<![A-Za-z])[*_(]*(?<upper>[A-Z])[*_)]*\s+is\s+(?:the\s+)?(?:correct|right|best|answer)/gu,
  // "\boxed{C}", "\boxed{\text{C}}".
  /\\boxed\s*\{\s*(?:\\(?:text|mathrm|textbf)\s*\{\s*)?\(?(?<upper>[A-Z])\)?\s*\}/gu,
];

/** A line that is a letter and little else: "C", "(C)", "**C.**". */
const ALONE = /^[\s*_`("'[]*(?<upper>[A-Z])[\s*_`)"'\].:]*$/u;
/** A reply that opens with its letter: "C. because ...", "(C) Paris". */
const OPENING = /^[\s*_`"']*(?:\((?<inside>[A-Z])\)|(?<upper>[A-Z])[*_`"']*(?:[.):]|\s*\n|\s*$))/u;

/**
 * The option that a reply to a multiple-choice question settles on, from 0: the last letter that it states, else the
 * last line that is nothing but a letter, else the letter that it opens with, else the option that it repeats word
 * for word. Undefined where it settles on none of the `options`.
 */
export function chosenOption(reply: string, options: readonly string[]): number | undefined {
  const text = reply.slice(-LONGEST_READ);
  const at = stated(text, options.length) ?? onItsOwn(text, options.length) ?? opening(text, options.length);
  return at ?? repeated(text, options);
}

function stated(text: string, options: number): number | undefined {
  let last: { readonly index: number; readonly option: number } | undefined;
  for (const pattern of STATEMENTS) {
    for (const match of text.matchAll(pattern)) {
      const letter = match.groups?.["upper"] ?? "";
      const option = indexOf(letter, options);
      if (option === undefined || isArticle(match[0], letter, text.slice(match.index + match[0].length))) continue;
      if (last === undefined || match.index >= last.index) last = { index: match.index, option };
    }
  }
  return last?.option;
}

/** "the answer is a matter of taste": a small letter counts where nothing follows it in its sentence. */
function isArticle(said: string, letter: string, rest: string): boolean {
  const isWrittenSmall = said.includes(letter) && letter === letter.toLowerCase();
  return (isWrittenSmall || letter === "A" || letter === "I") && /^\s+(?!because|since|as\b)[a-z]/u.test(rest);
}

function onItsOwn(text: string, options: number): number | undefined {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return indexOf(ALONE.exec(lines.findLast((line) => ALONE.test(line)) ?? "")?.groups?.["upper"] ?? "", options);
}

function opening(text: string, options: number): number | undefined {
  const groups = OPENING.exec(text)?.groups;
  return indexOf(groups?.["inside"] ?? groups?.["upper"] ?? "", options);
}

function repeated(text: string, options: readonly string[]): number | undefined {
  const plain = (some: string) => some.trim().replace(/\.$/u, "").toLowerCase();
  const at = options.findIndex((option) => plain(option) === plain(text));
  return at < 0 ? undefined : at;
}

function indexOf(letter: string, options: number): number | undefined {
  if (letter.length !== 1) return undefined;
  const at = letter.toUpperCase().charCodeAt(0) - FIRST;
  return at >= 0 && at < options ? at : undefined;
}

const FIRST = "A".charCodeAt(0);

/** `A`, `B`, ... */
export const letterOf = (option: number): string => String.fromCharCode(FIRST + option);

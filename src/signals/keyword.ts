import { z } from "zod";
import type { Pin, Prompt, Reading } from "../contracts.ts";
import { createAutomaton } from "../text/automaton.ts";
import {
  deadlineOption,
  labelOption,
  pinOption,
  scoresOption,
  type ScoreTable,
  TURN_MS,
  weightOption,
} from "./options.ts";
import { createPatternSet, regexFault } from "./regex.ts";
import type { Look, Pace, Signal } from "./signal.ts";
import { hasSpelling, isAlike, isSpelled, slipsAllowed, wordsOf, type Word } from "../text/spelling.ts";
import { compose, fold, isWordEdge } from "../text/writing.ts";
import { readWindows } from "./windows.ts";

const CONFIDENCE = { literal: 0.95, word: 0.95, regex: 0.95, fuzzy: 0.8 } as const;

/** Length of all keywords together: what is looked for in one pass must fit in memory. */
const MAX_UNITS = 1_000_000;

const rule = z
  .strictObject({
    label: labelOption.describe("What the rule reads; several rules may share a label"),
    any: z.array(z.string().min(1).max(1000)).min(1).max(10_000).describe("Keywords; one of them is enough"),
    match: z
      .enum(["literal", "word", "fuzzy", "regex"])
      .default("word")
      .describe(
        "Anywhere, as whole words, misspelled too, or as regular expressions in RE2 syntax. Case is ignored; a regular expression heeds it behind (?-i)",
      ),
    scores: scoresOption.optional().describe("Score in [0,1] per model or tier when the label is read"),
    pin: pinOption.optional().describe("The model, tier or route that answers when the rule matches"),
    action: z
      .literal("escalate")
      .optional()
      .describe("escalate: one tier up from the model that would be chosen, for words such as: think hard"),
  })
  .superRefine(({ match, any }, context) => {
    if (match !== "regex") return;
    for (const [index, pattern] of any.entries()) {
      const fault = regexFault(pattern);
      if (fault !== undefined) context.addIssue({ code: "custom", path: ["any", index], message: fault });
    }
  });

export const keywordOptions = z
  .strictObject({
    weight: weightOption(0.1),
    deadline_ms: deadlineOption(TURN_MS),
    rules: z
      .array(rule)
      .max(1000)
      .default([])
      .describe("What to look for in the newest human turn. Of rules that match the first pin wins"),
  })
  .superRefine(({ rules }, context) => {
    const units = rules.reduce((sum, { any }) => any.reduce((part, { length }) => part + length, sum), 0);
    if (units > MAX_UNITS) {
      const message = `the keywords of all rules together are longer than ${MAX_UNITS} characters`;
      context.addIssue({ code: "custom", path: ["rules"], message });
    }
    const scored = new Set<string>();
    for (const [index, { label, scores }] of rules.entries()) {
      if (scores === undefined) continue;
      if (scored.has(label)) {
        const message = `another rule has scores for ${label} already`;
        context.addIssue({ code: "custom", path: ["rules", index, "scores"], message });
      }
      scored.add(label);
    }
  })
  .describe("Words of yours in the newest human turn: they vote, escalate, or pin a model, tier or route");

export type KeywordOptions = z.output<typeof keywordOptions>;
type Rule = KeywordOptions["rules"][number];

/** Score per label and per model or tier, for the labels whose rules give any. */
export function keywordScores(options: KeywordOptions): ScoreTable {
  return Object.fromEntries(
    options.rules.flatMap(({ label, scores }) => (scores === undefined ? [] : [[label, scores]])),
  );
}

/** Marks the rules that match in a piece of the turn. */
type Finder = (raw: string, folded: string, matched: Uint8Array) => void;

/**
 * Reads the newest human turn for the words of its rules. One reading a label, score 1, in the order of the rules. The
 * first matched rule that has a pin gives it to its reading; every one that escalates says so in its own.
 */
export function createKeyword(options: KeywordOptions): Signal {
  const { rules } = options;
  const finders = [...termFinders(rules), ...regexFinders(rules), ...fuzzyFinders(rules)];
  return {
    name: "keyword",
    deadlineMs: options.deadline_ms,
    fast({ turn }: Prompt, pace: Pace): Look | Promise<Look> {
      if (finders.length === 0) return { readings: [] };
      const matched = new Uint8Array(rules.length);
      const read = (window: string) => {
        const raw = compose(window);
        const folded = fold(window);
        for (const find of finders) find(raw, folded, matched);
      };
      return readWindows([turn], pace, read, () => readingsOf(rules, matched));
    },
  };
}

function readingsOf(rules: readonly Rule[], matched: Uint8Array): Reading[] {
  const readings = new Map<string, Reading>();
  let pin: Pin | undefined;
  for (const [index, { label, match, pin: own, action }] of rules.entries()) {
    if (matched[index] === 0) continue;
    const earlier = readings.get(label);
    const confidence = Math.max(CONFIDENCE[match], earlier?.confidence ?? 0);
    const escalates = action === "escalate" && { escalates: true as const };
    const reading = { ...earlier, label, score: 1, confidence, ...escalates };
    const pins = pin === undefined && own !== undefined;
    if (pins) pin = own;
    readings.set(label, pins ? { ...reading, pin: own } : reading);
  }
  return [...readings.values()];
}

function termFinders(rules: readonly Rule[]): Finder[] {
  const terms: string[] = [];
  const owners: number[] = [];
  const whole: boolean[] = [];
  for (const [index, { any, match }] of rules.entries()) {
    if (match === "regex") continue;
    for (const term of any.map(fold)) {
      // What is written without spaces has no words to misspell: it is looked for as it stands.
      if (match === "fuzzy" && hasSpelling(term)) continue;
      terms.push(term);
      owners.push(index);
      whole.push(match === "word");
    }
  }
  if (terms.length === 0) return [];
  const automaton = createAutomaton(terms);
  const find: Finder = (_raw, folded, matched) => {
    automaton.scan(folded, (term, start, end) => {
      const owner = owners[term]!;
      if (matched[owner] === 1) return;
      if (!whole[term]! || (isWordEdge(folded, start) && isWordEdge(folded, end))) matched[owner] = 1;
    });
  };
  return [find];
}

function regexFinders(rules: readonly Rule[]): Finder[] {
  const patterns = [...rules.entries()].flatMap(([owner, { any, match }]) =>
    match === "regex" ? any.map((pattern) => ({ owner, pattern })) : [],
  );
  if (patterns.length === 0) return [];
  const search = createPatternSet(patterns.map(({ pattern }) => pattern));
  const find: Finder = (raw, _folded, matched) => {
    for (const index of search(raw)) matched[patterns[index]!.owner] = 1;
  };
  return [find];
}

interface Phrase {
  readonly owner: number;
  readonly words: readonly Word[];
}

function fuzzyFinders(rules: readonly Rule[]): Finder[] {
  const phrases = [...rules.entries()].flatMap(([owner, { any, match }]) =>
    (match === "fuzzy" ? any : [])
      .map(fold)
      .filter(hasSpelling)
      .map((entry): Phrase => ({ owner, words: wordsOf(entry) }))
      .filter(({ words }) => words.length > 0),
  );
  if (phrases.length === 0) return [];
  const byLength = lengthTable(phrases);
  const find: Finder = (_raw, folded, matched) => {
    const words = wordsOf(folded);
    for (let at = 0; at < words.length; at++) {
      const shelf = byLength[words[at]!.text.length];
      if (shelf !== undefined) readShelf(shelf, words, at, matched);
    }
  };
  return [find];
}

/** Phrases whose first word could be a word of some length, its letters beside it for a quick look at all of them. */
interface Shelf {
  readonly phrases: readonly Phrase[];
  readonly masks: Int32Array;
  readonly slips: Uint8Array;
}

function lengthTable(phrases: readonly Phrase[]): readonly (Shelf | undefined)[] {
  const table: Phrase[][] = [];
  for (const phrase of phrases) {
    const length = phrase.words[0]!.text.length;
    const slips = slipsAllowed(length);
    for (let at = length - slips; at <= length + slips; at++) (table[at] ??= []).push(phrase);
  }
  return Array.from(table, (some: Phrase[] | undefined) => {
    if (some === undefined) return undefined;
    const masks = Int32Array.from(some, ({ words }) => words[0]!.mask);
    return { phrases: some, masks, slips: Uint8Array.from(some, ({ words }) => slipsAllowed(words[0]!.text.length)) };
  });
}

function readShelf({ phrases, masks, slips }: Shelf, words: readonly Word[], at: number, matched: Uint8Array): void {
  const { mask } = words[at]!;
  for (let index = 0; index < masks.length; index++) {
    if (!isAlike(mask, masks[index]!, slips[index]!)) continue;
    const phrase = phrases[index]!;
    if (matched[phrase.owner] === 0 && standsAt(words, at, phrase)) matched[phrase.owner] = 1;
  }
}

function standsAt(words: readonly Word[], at: number, phrase: Phrase): boolean {
  for (const [offset, wanted] of phrase.words.entries()) {
    const word = words[at + offset];
    if (word === undefined || !isSpelled(word, wanted)) return false;
  }
  return true;
}

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
      .describe("Anywhere, as whole words, misspelled too, or as regular expressions in RE2 syntax"),
    case_sensitive: z.boolean().default(false).describe("Whether REFUND and refund differ"),
    priority: z.int().min(-1000).max(1000).default(0).describe("Higher is told first, and its pin wins"),
    scores: scoresOption.optional().describe("Score in [0,1] per model or tier when the label is read"),
    pin: pinOption.optional().describe("The model, tier or route that answers when the rule matches"),
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
    rules: z.array(rule).max(1000).default([]).describe("What to look for in the newest human turn"),
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
  .describe("Words of yours in the newest human turn: they vote, or pin a model, tier or route");

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
 * Reads the newest human turn for the words of its rules. One reading a label, score 1, in the order of priority
 * (highest first), then label. The matched rule of the highest priority that has a pin gives it to its reading.
 */
export function createKeyword(options: KeywordOptions): Signal {
  const { rules } = options;
  const finders = [...termFinders(rules), ...regexFinders(rules), ...fuzzyFinders(rules)];
  // Ranked once here, so that reading only has to walk down the list.
  const ranked = [...rules.keys()].sort((a, b) => rules[b]!.priority - rules[a]!.priority || byLabel(rules, a, b));

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
      return readWindows([turn], pace, read, () => readingsOf(rules, ranked, matched));
    },
  };
}

function byLabel(rules: readonly Rule[], a: number, b: number): number {
  const [left, right] = [rules[a]!.label, rules[b]!.label];
  return left < right ? -1 : left > right ? 1 : a - b;
}

function readingsOf(rules: readonly Rule[], ranked: readonly number[], matched: Uint8Array): Reading[] {
  const readings = new Map<string, Reading>();
  let pin: Pin | undefined;
  for (const index of ranked) {
    if (matched[index] === 0) continue;
    const { label, match, pin: own } = rules[index]!;
    const earlier = readings.get(label);
    const confidence = Math.max(CONFIDENCE[match], earlier?.confidence ?? 0);
    const reading = { ...earlier, label, score: 1, confidence };
    const pins = pin === undefined && own !== undefined;
    if (pins) pin = own;
    readings.set(label, pins ? { ...reading, pin: own } : reading);
  }
  return [...readings.values()];
}

/** The rules for which `test` is true, with their indices, apart by case. */
function* byCase(rules: readonly Rule[], test: (rule: Rule) => boolean) {
  for (const caseSensitive of [false, true]) {
    const chosen = [...rules.entries()].filter(([, rule]) => test(rule) && rule.case_sensitive === caseSensitive);
    if (chosen.length > 0) yield { caseSensitive, chosen };
  }
}

function termFinders(rules: readonly Rule[]): Finder[] {
  const finders: Finder[] = [];
  for (const { caseSensitive, chosen } of byCase(rules, ({ match }) => match !== "regex")) {
    const terms: string[] = [];
    const owners: number[] = [];
    const whole: boolean[] = [];
    for (const [index, rule] of chosen) {
      for (const entry of rule.any) {
        const term = caseSensitive ? compose(entry) : fold(entry);
        // What is written without spaces has no words to misspell: it is looked for as it stands.
        if (rule.match === "fuzzy" && hasSpelling(term)) continue;
        terms.push(term);
        owners.push(index);
        whole.push(rule.match === "word");
      }
    }
    if (terms.length === 0) continue;
    const automaton = createAutomaton(terms);
    finders.push((raw, folded, matched) => {
      const text = caseSensitive ? raw : folded;
      automaton.scan(text, (term, start, end) => {
        const owner = owners[term]!;
        if (matched[owner] === 1) return;
        if (!whole[term]! || (isWordEdge(text, start) && isWordEdge(text, end))) matched[owner] = 1;
      });
    });
  }
  return finders;
}

function regexFinders(rules: readonly Rule[]): Finder[] {
  const finders: Finder[] = [];
  for (const { caseSensitive, chosen } of byCase(rules, ({ match }) => match === "regex")) {
    const owners = chosen.flatMap(([index, rule]) => rule.any.map(() => index));
    const patterns = chosen.flatMap(([, rule]) => rule.any);
    const find = createPatternSet(patterns, { caseSensitive });
    finders.push((raw, _folded, matched) => {
      for (const pattern of find(raw)) matched[owners[pattern]!] = 1;
    });
  }
  return finders;
}

interface Phrase {
  readonly owner: number;
  readonly words: readonly Word[];
}

function fuzzyFinders(rules: readonly Rule[]): Finder[] {
  const finders: Finder[] = [];
  for (const { caseSensitive, chosen } of byCase(rules, ({ match }) => match === "fuzzy")) {
    const phrases = chosen.flatMap(([owner, rule]) =>
      rule.any
        .map((entry) => (caseSensitive ? compose(entry) : fold(entry)))
        .filter(hasSpelling)
        .map((entry): Phrase => ({ owner, words: wordsOf(entry) }))
        .filter(({ words }) => words.length > 0),
    );
    const byLength = lengthTable(phrases);
    finders.push((raw, folded, matched) => {
      const words = wordsOf(caseSensitive ? raw : folded);
      for (let at = 0; at < words.length; at++) {
        const shelf = byLength[words[at]!.text.length];
        if (shelf !== undefined) readShelf(shelf, words, at, matched);
      }
    });
  }
  return finders;
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

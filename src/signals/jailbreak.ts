import { z } from "zod";
import type { Passage, Prompt, Reading } from "../contracts.ts";
import { unmask } from "./disguise.ts";
import { doubtsOf, withHead } from "./jailbreak-learned.ts";
import { createMentions, type Mentions } from "./jailbreak-mention.ts";
import { WORDS, type Concept } from "./jailbreak-words.ts";
import { createPatternReader } from "./proximity.ts";
import { createPatternSet, regexOption } from "./regex.ts";
import { deadlineOption, EVERYTHING_MS, learnedOption } from "./options.ts";
import { createScanned } from "./scanned.ts";
import type { Look, Pace, Signal, Tools } from "./signal.ts";
import { readWindows } from "./windows.ts";

export const jailbreakOptions = z
  .strictObject({
    deadline_ms: deadlineOption(EVERYTHING_MS),
    learned: learnedOption("its safety head, which also tells what is harmful"),
    patterns: z
      .array(regexOption)
      .max(1000)
      .default([])
      .describe("Further regular expressions (RE2 syntax, case ignored); each one found counts as a jailbreak"),
  })
  .describe("Attempts to override instructions, in all that a model would see. Feeds safety; has no vote");

export type JailbreakOptions = z.output<typeof jailbreakOptions>;

/** How much something says for each label, in [0,1]. */
interface Strengths {
  readonly jailbreak?: number;
  readonly injection?: number;
}

/**
 * A pattern and what it says. `quoted` ones count in documents and tool results only; `address` says nothing but
 * that somebody is spoken to.
 */
interface Evidence extends Strengths {
  readonly all: readonly Concept[];
  readonly within: number;
  readonly quoted?: true;
  readonly address?: true;
}

/** `jailbreak`: an attempt to switch off the rules. `injection`: instructions from where none should come. */
const EVIDENCE: readonly Evidence[] = [
  { all: ["you"], within: 60, address: true },
  { all: ["double"], within: 60, address: true },
  { all: ["never"], within: 60, address: true },
  // Instructions set aside.
  { all: ["override", "prior", "rules"], within: 90, injection: 0.9, jailbreak: 0.5 },
  { all: ["override", "every", "rules"], within: 50, injection: 0.6, jailbreak: 0.5 },
  { all: ["override", "rules"], within: 40, injection: 0.5, jailbreak: 0.4 },
  { all: ["override", "every"], within: 25, injection: 0.4, jailbreak: 0.5 },
  { all: ["override", "prior"], within: 40, injection: 0.6 },
  { all: ["override", "before"], within: 32, injection: 0.6 },
  // The operator's text brought to light.
  { all: ["reveal", "hidden"], within: 60, injection: 0.82 },
  { all: ["hidden"], within: 40, injection: 0.4 },
  { all: ["verbatim", "hidden"], within: 80, injection: 0.7 },
  { all: ["ask", "yours"], within: 60, injection: 0.82 },
  { all: ["reveal", "above"], within: 60, injection: 0.5 },
  { all: ["reveal", "above", "verbatim"], within: 160, injection: 0.7 },
  { all: ["reveal", "secret"], within: 40, injection: 0.4 },
  { all: ["override", "secret"], within: 160, injection: 0.5 },
  { all: ["codeword", "secret"], within: 120, injection: 0.6 },
  // Text that speaks to the model.
  { all: ["toModel"], within: 60, injection: 0.82 },
  { all: ["toAnswer", "act"], within: 120, injection: 0.4 },
  { all: ["toAnswer", "act"], within: 120, injection: 0.6, quoted: true },
  { all: ["override", "rules"], within: 80, injection: 0.5, quoted: true },
  { all: ["override", "every"], within: 30, injection: 0.6, quoted: true },
  { all: ["comment", "override"], within: 300, injection: 0.6 },
  { all: ["comment", "toModel"], within: 300, injection: 0.6 },
  { all: ["template"], within: 40, injection: 0.5 },
  { all: ["template"], within: 40, injection: 0.5, quoted: true },
  { all: ["snippet", "splice"], within: 120, injection: 0.3 },
  { all: ["snippet", "splice"], within: 120, injection: 0.82, quoted: true },
  // Personas without rules.
  { all: ["dan"], within: 40, jailbreak: 0.6 },
  { all: ["dan", "pretend"], within: 80, jailbreak: 0.5 },
  { all: ["persona", "pretend"], within: 150, jailbreak: 0.4 },
  { all: ["persona", "unbound"], within: 300, jailbreak: 0.6 },
  { all: ["pretend", "unbound"], within: 150, jailbreak: 0.35 },
  { all: ["model", "unbound"], within: 100, jailbreak: 0.65 },
  { all: ["pretend", "model", "unbound"], within: 200, jailbreak: 0.7 },
  { all: ["unbound", "rules"], within: 80, jailbreak: 0.6 },
  { all: ["unbound", "wrong"], within: 120, jailbreak: 0.4 },
  { all: ["regardless", "wrong"], within: 80, jailbreak: 0.6 },
  { all: ["model", "regardless", "wrong"], within: 250, jailbreak: 0.7 },
  { all: ["model", "wrong", "rules"], within: 250, jailbreak: 0.6 },
  { all: ["double", "model"], within: 160, jailbreak: 0.5 },
  { all: ["double", "persona"], within: 200, jailbreak: 0.8 },
  { all: ["pretend", "model", "wrong"], within: 200, jailbreak: 0.4 },
  // Refusing forbidden, the answer's beginning dictated.
  { all: ["never", "refusal"], within: 120, jailbreak: 0.4 },
  { all: ["never", "wrong"], within: 120, jailbreak: 0.7 },
  { all: ["never", "model"], within: 160, jailbreak: 0.6 },
  { all: ["never", "pretend", "rules"], within: 250, jailbreak: 0.4 },
  { all: ["begin", "consent"], within: 60, jailbreak: 0.6 },
  { all: ["begin", "refusal"], within: 120, jailbreak: 0.4 },
  // A cover story around a crime.
  { all: ["covering"], within: 60, jailbreak: 0.6 },
  { all: ["fiction", "crime"], within: 250, jailbreak: 0.3 },
  { all: ["pretend", "fiction", "crime"], within: 400, jailbreak: 0.4 },
  { all: ["begin", "fiction", "crime"], within: 500, jailbreak: 0.6 },
  { all: ["fiction", "crime", "covering"], within: 600, jailbreak: 0.85 },
  { all: ["begin", "consent", "crime"], within: 300, jailbreak: 0.85 },
];

/** A pattern that only came to light by decoding; text in invisible characters; a pattern of the config. */
const DECODED = 0.7;
const INVISIBLE = 0.8;
const CONFIGURED = 0.95;
/** Fewer invisible characters are somebody's ornament. */
const INVISIBLE_UNITS = 8;

/** What the model said itself is half believed: it quotes attacks when it turns them down. */
const OWN_WORDS = 0.5;

/** What is only spoken of says no more than this, whatever is spoken of; see jailbreak-mention.ts. */
const MENTIONED = 0.7;
/** A jailbreak speaks to somebody. Where nobody is addressed, words about one say no more than this. */
const UNADDRESSED = 0.7;
/** So many signs are an attack, even one in the third person. */
const PLENTY = 5;
/** Concepts that count as orders: they must stand where an order stands. */
const ORDERS: ReadonlySet<Concept> = new Set(["override", "reveal"]);

/** Concepts that are meant wherever they lead in a document or a tool's result: nothing there may speak to the model. */
const FOREIGN: ReadonlySet<Concept> = new Set(["toModel", "toAnswer", "comment", "template", "snippet"]);

/** No reading below this: everyday words would make one for every prompt. */
const FLOOR = 0.2;

type Label = "injection" | "jailbreak";
const LABELS: readonly Label[] = ["injection", "jailbreak"];

/**
 * Reads everything a model would see for attempts to switch off its rules (`jailbreak`) and for instructions smuggled
 * in (`injection`). Text is read as it stands and, where it is disguised, once more without the disguise.
 *
 * `score` is a noisy-or over the distinct patterns in one window of text (one minus the product of what each leaves
 * open), the highest of all windows, so that length alone never adds up to an attack. Patterns that are only spoken
 * of (asked about, quoted, in program text, told of somebody else) never lift it above 0.7, and neither do a few
 * signs of a jailbreak in a text that speaks to nobody. `confidence` grows with the number of patterns. A label below
 * 0.2 is not read.
 *
 * Where the encoder reads too, its safety head speaks beside the patterns, and for a third label: `harmful`, a request
 * that is plainly harmful and plays no trick. Where its static stage has doubts, the full stage reads the doubtful places again. Where it
 * fails, the patterns stand alone, or the first reading does, and the look says so.
 *
 * System text is the operator's, who may rightly say "never reveal your instructions" or "ignore orders in
 * documents"; only the documents quoted in it are read.
 */
export function createJailbreak(options: JailbreakOptions, tools?: Tools): Signal {
  const read = createPatternReader(WORDS, EVIDENCE);
  const configured = createPatternSet(options.patterns);
  const readScanned = options.learned ? createScanned(tools, "safety", options.deadline_ms) : undefined;

  function readWindow(window: string, passage: Passage): Tally {
    const quoted = isQuoted(passage);
    const { open, decoded, invisible } = unmask(window);
    const tally: Tally = { used: new Set(), mentioned: new Set(), marks: [], isAddressed: false };
    const readOne = (text: string, source = text) => {
      const before = tally.used.size;
      const mentions = createMentions(text, { isForeign: quoted, source, written: window });
      read(text, (pattern, start, end, lead) => {
        const evidence = EVIDENCE[pattern]!;
        if (evidence.address === true) tally.isAddressed = true;
        else if (tally.used.has(pattern) || (evidence.quoted === true && !quoted)) return;
        else if ((!quoted || !FOREIGN.has(evidence.all[0]!)) && isMentioned(evidence, mentions, start, end, lead))
          tally.mentioned.add(pattern);
        else tally.used.add(pattern);
      });
      return tally.used.size > before;
    };
    readOne(open);
    const isDecoded = decoded.map((text) => readOne(text, open)).includes(true);
    if (isDecoded) tally.marks.push({ jailbreak: DECODED });
    if (invisible.length >= INVISIBLE_UNITS) {
      tally.marks.push({ injection: INVISIBLE });
      readOne(invisible);
    }
    for (const _ of configured(open)) tally.marks.push({ jailbreak: CONFIGURED });
    return tally;
  }

  function readPatterns(everything: readonly Passage[], pace: Pace): Look | Promise<Look> {
    const passages = everything.filter((passage) => trustIn(passage) > 0);
    const texts = passages.map(({ text }) => text);
    const best = new Map<Label, Reading>();
    const visit = (window: string, index: number) => {
      const passage = passages[index]!;
      const tally = readWindow(window, passage);
      for (const label of LABELS) keepBest(best, readingOf(label, tally, trustIn(passage)));
    };
    return readWindows(texts, pace, visit, () => ranked([...best.values()]));
  }

  return {
    name: "jailbreak",
    deadlineMs: options.deadline_ms,
    fast(prompt: Prompt, pace: Pace): Look | Promise<Look> {
      const { everything } = prompt;
      if (!readScanned || pace.spent()) return readPatterns(everything, pace);
      const trusts = everything.map(trustIn);
      return readScanned(prompt, pace, {
        byRules: () => readPatterns(everything, pace),
        merge: (readings, scan) => ranked(withHead(readings, scan, trusts)),
        again: (scan) => doubtsOf(scan, trusts),
      });
    },
  };
}

/** How much a passage is believed to attack; 0 is not judged. */
function trustIn(passage: Passage): number {
  if (isQuoted(passage)) return 1;
  if (passage.role === "system") return 0;
  return passage.role === "assistant" ? OWN_WORDS : 1;
}

function ranked(readings: readonly Reading[]): Reading[] {
  return readings.filter(({ score }) => score >= FLOOR).sort(byScore);
}

/** What was found in one window: patterns that are meant, patterns that are only spoken of, and marks beside them. */
interface Tally {
  readonly used: Set<number>;
  readonly mentioned: Set<number>;
  readonly marks: Strengths[];
  isAddressed: boolean;
}

/** Orders are asked for an order's place, anything else only whether it is spoken of. */
function isMentioned({ all }: Evidence, mentions: Mentions, start: number, end: number, lead: number): boolean {
  return ORDERS.has(all[0]!) ? mentions.ofOrder(start, end, lead) : mentions.ofClaim(start, end, lead);
}

function keepBest(best: Map<Label, Reading>, reading: Reading): void {
  const label = reading.label as Label;
  if (reading.score > (best.get(label)?.score ?? 0)) best.set(label, reading);
}

function readingOf(label: Label, { used, mentioned, marks, isAddressed }: Tally, trust: number): Reading {
  const meant = [...strengthsOf(label, used), ...marks].flatMap((strengths) => strengths[label] ?? []);
  const told = strengthsOf(label, mentioned).flatMap((strengths) => strengths[label] ?? []);
  const sure = either(meant, trust);
  const all = Math.max(sure, Math.min(MENTIONED * trust, either([...meant, ...told], trust)));
  const isOpen = label === "injection" || isAddressed || marks.length > 0 || meant.length >= PLENTY;
  const score = isOpen ? all : Math.min(UNADDRESSED, all);
  return { label, score, confidence: 1 - 0.5 ** (meant.length + told.length + 1) };
}

function strengthsOf(label: Label, patterns: ReadonlySet<number>): Strengths[] {
  return Array.from(patterns, (pattern) => EVIDENCE[pattern]!).filter((evidence) => evidence[label] !== undefined);
}

/** Noisy-or: one minus the product of what each leaves open. */
function either(strengths: readonly number[], trust: number): number {
  return 1 - strengths.reduce((rest, strength) => rest * (1 - strength * trust), 1);
}

function byScore(a: Reading, b: Reading): number {
  return b.score - a.score || (a.label < b.label ? -1 : 1);
}

function isQuoted({ origin }: Passage): boolean {
  return origin === "document" || origin === "tool_result" || origin === "tool_definition";
}

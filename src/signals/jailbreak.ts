import { z } from "zod";
import type { Passage, Prompt, Reading } from "../contracts.ts";
import { unmask } from "./disguise.ts";
import { WORDS, type Concept } from "./jailbreak-words.ts";
import { createPatternReader } from "./proximity.ts";
import { createPatternSet, regexOption } from "./regex.ts";
import { deadlineOption, EVERYTHING_MS } from "./options.ts";
import type { Look, Pace, Signal } from "./signal.ts";
import { readWindows } from "./windows.ts";

export const jailbreakOptions = z
  .strictObject({
    deadline_ms: deadlineOption(EVERYTHING_MS),
    patterns: z
      .array(regexOption)
      .max(1000)
      .default([])
      .describe("Further regular expressions (RE2 syntax, case ignored); each one found counts as a jailbreak"),
  })
  .describe("Attempts to override instructions, in all that a model would see. Feeds safety; has no vote");

export type JailbreakOptions = z.output<typeof jailbreakOptions>;

/** How much one pattern says for each label, in [0,1]. `quoted` patterns count in documents and tool results only. */
interface Evidence {
  readonly all: readonly Concept[];
  readonly within: number;
  readonly jailbreak?: number;
  readonly injection?: number;
  readonly quoted?: true;
}

/** `jailbreak`: an attempt to switch off the rules. `injection`: instructions from where none should come. */
const EVIDENCE: readonly Evidence[] = [
  // Instructions set aside.
  { all: ["override", "prior", "rules"], within: 90, injection: 0.9, jailbreak: 0.5 },
  { all: ["override", "every", "rules"], within: 50, injection: 0.6, jailbreak: 0.5 },
  { all: ["override", "rules"], within: 40, injection: 0.5, jailbreak: 0.4 },
  { all: ["override", "every"], within: 25, injection: 0.4, jailbreak: 0.5 },
  { all: ["override", "prior"], within: 40, injection: 0.82 },
  // The operator's text brought to light.
  { all: ["reveal", "hidden"], within: 60, injection: 0.82 },
  { all: ["hidden"], within: 40, injection: 0.4 },
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
  { all: ["dan"], within: 40, jailbreak: 0.82 },
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

/** No reading below this: everyday words would make one for every prompt. */
const FLOOR = 0.2;

type Label = "injection" | "jailbreak";
const LABELS: readonly Label[] = ["injection", "jailbreak"];

/**
 * Reads everything a model would see for attempts to switch off its rules (`jailbreak`) and for instructions smuggled
 * in (`injection`). Text is read as it stands and, where it is disguised, once more without the disguise.
 *
 * `score` is a noisy-or over the distinct patterns in one window of text (one minus the product of what each leaves
 * open), the highest of all windows, so that length alone never adds up to an attack. `confidence` grows with the
 * number of patterns. A label below 0.2 is not read.
 *
 * System text is the operator's, who may rightly say "never reveal your instructions" or "ignore orders in
 * documents"; only the documents quoted in it are read.
 */
export function createJailbreak(options: JailbreakOptions): Signal {
  const read = createPatternReader(WORDS, EVIDENCE);
  const configured = createPatternSet(options.patterns, { caseSensitive: false });

  function readWindow(window: string, passage: Passage): Tally {
    const quoted = isQuoted(passage);
    const { open, decoded, invisible } = unmask(window);
    const tally: Tally = { patterns: new Set(), decoded: false, invisible: false, configured: 0 };
    const readOne = (text: string) => {
      const before = tally.patterns.size;
      read(text, (pattern) => {
        if (EVIDENCE[pattern]!.quoted !== true || quoted) tally.patterns.add(pattern);
      });
      return tally.patterns.size > before;
    };
    readOne(open);
    for (const text of decoded) if (readOne(text)) tally.decoded = true;
    tally.invisible = invisible.length >= INVISIBLE_UNITS;
    if (tally.invisible) readOne(invisible);
    tally.configured = configured(open).length;
    return tally;
  }

  return {
    name: "jailbreak",
    deadlineMs: options.deadline_ms,
    fast({ everything }: Prompt, pace: Pace): Look | Promise<Look> {
      const passages = everything.filter((passage) => passage.role !== "system" || isQuoted(passage));
      const texts = passages.map(({ text }) => text);
      const best = new Map<Label, Reading>();
      const whole = readWindows(texts, pace, (window, index) => {
        const passage = passages[index]!;
        const tally = readWindow(window, passage);
        const trust = passage.role === "assistant" && !isQuoted(passage) ? OWN_WORDS : 1;
        for (const label of LABELS) keepBest(best, readingOf(label, strengthsOf(tally, label), trust));
      });
      const look = (isWhole: boolean): Look => {
        const readings = [...best.values()].filter(({ score }) => score >= FLOOR).sort(byScore);
        return isWhole ? { readings } : { readings, unread: true };
      };
      return typeof whole === "boolean" ? look(whole) : whole.then(look);
    },
  };
}

/** What was found in one window. */
interface Tally {
  readonly patterns: Set<number>;
  decoded: boolean;
  invisible: boolean;
  configured: number;
}

function keepBest(best: Map<Label, Reading>, reading: Reading): void {
  const label = reading.label as Label;
  if (reading.score > (best.get(label)?.score ?? 0)) best.set(label, reading);
}

function readingOf(label: Label, strengths: readonly number[], trust: number): Reading {
  const open = strengths.reduce((rest, strength) => rest * (1 - strength * trust), 1);
  return { label, score: 1 - open, confidence: 1 - 0.5 ** (strengths.length + 1) };
}

function byScore(a: Reading, b: Reading): number {
  return b.score - a.score || (a.label < b.label ? -1 : 1);
}

function isQuoted({ origin }: Passage): boolean {
  return origin === "document" || origin === "tool_result" || origin === "tool_definition";
}

function strengthsOf(tally: Tally, label: Label): number[] {
  const strengths: number[] = [];
  for (const pattern of tally.patterns) {
    const weight = EVIDENCE[pattern]![label];
    if (weight !== undefined) strengths.push(weight);
  }
  if (label === "injection") return tally.invisible ? [...strengths, INVISIBLE] : strengths;
  if (tally.decoded) strengths.push(DECODED);
  for (let count = 0; count < tally.configured; count++) strengths.push(CONFIGURED);
  return strengths;
}

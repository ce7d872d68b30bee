import { z } from "zod";
import { createChoice, labelScoresOption } from "./choice.ts";
import { deadlineOption, type ScoreTable, TURN_MS, weightOption } from "./options.ts";
import type { Signal, Tools } from "./signal.ts";

export const domainOptions = z
  .strictObject({
    weight: weightOption(0.3),
    deadline_ms: deadlineOption(TURN_MS),
    scores: labelScoresOption
      .default({})
      .describe(
        "Score in [0,1] per subject and per model or tier, such as math: { small: 0.4 }; derived from the tiers for what is absent",
      ),
  })
  .describe("Which of fourteen subjects the newest human turn is about");

export type DomainOptions = z.output<typeof domainOptions>;

/**
 * How much of a model's weakness a subject brings to light, in [0,1]; see decision/difficulty.ts.
 *
 * The order is measured: the share of MMLU-Pro questions (development half, 6,046) of the subject that Llama-3.1-8B,
 * Llama-3.1-70B, Gemini-1.5-Flash and Gemini-1.5-Pro miss, over the share of all that they miss, from 0.54 (biology)
 * to 1.42 (law). The level, 0.22 of that, is chosen: exams ask what is hard, and how hard one prompt is, is for
 * complexity to say, so the subject alone takes no simple prompt from a small model. `other` is lower than measured
 * (0.21), since it is where small talk and errands fall, which no exam asks.
 */
export const DOMAIN_DIFFICULTY: Readonly<Record<string, number>> = {
  biology: 0.12,
  psychology: 0.15,
  economics: 0.16,
  business: 0.18,
  history: 0.21,
  "computer science": 0.21,
  health: 0.22,
  physics: 0.22,
  philosophy: 0.22,
  chemistry: 0.24,
  math: 0.24,
  engineering: 0.3,
  law: 0.31,
  other: 0.08,
};

export function domainScores({ scores }: DomainOptions): ScoreTable {
  return scores;
}

/** Reads the subject of the newest human turn: the encoder's head `domain`. */
export function createDomain({ deadline_ms, scores }: DomainOptions, { encoded }: Tools): Signal {
  return createChoice({ signal: "domain", head: "domain", deadlineMs: deadline_ms, scores }, encoded!);
}

import { z } from "zod";
import { createChoice, labelScoresOption } from "./choice.ts";
import { deadlineOption, type ScoreTable, TURN_MS, weightOption } from "./options.ts";
import type { Signal, Tools } from "./signal.ts";

export const preferenceOptions = z
  .strictObject({
    weight: weightOption(0),
    deadline_ms: deadlineOption(TURN_MS),
    scores: labelScoresOption
      .default({})
      .describe("Score in [0,1] per intent and per model or tier, such as creative: { large: 0.9 }"),
  })
  .describe(
    "What the newest human turn wants done: factual, creative, code_generation, ...; votes when given a weight",
  );

export type PreferenceOptions = z.output<typeof preferenceOptions>;

export function preferenceScores({ scores }: PreferenceOptions): ScoreTable {
  return scores;
}

/** Reads the intent of the newest human turn: the encoder's head `intent`. */
export function createPreference({ deadline_ms, scores }: PreferenceOptions, { encoded }: Tools): Signal {
  return createChoice({ signal: "preference", head: "intent", deadlineMs: deadline_ms, scores }, encoded!);
}

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
    model: z
      .string()
      .min(1)
      .max(128)
      .optional()
      .describe(
        "Model of the pool that is asked for the intent of every request whose vote has a say: once, for 1.5 s at most. The encoder's reading stands where it is no help, and alone when absent",
      ),
  })
  .describe(
    "What the newest human turn wants done: factual, creative, code_generation, ...; votes when given a weight",
  );

export type PreferenceOptions = z.output<typeof preferenceOptions>;

export function preferenceScores({ scores }: PreferenceOptions): ScoreTable {
  return scores;
}

const HEAD = "intent";

/** Reads the intent of the newest human turn: the encoder's head `intent`, or a model that knows the same labels. */
export function createPreference({ deadline_ms, scores, model }: PreferenceOptions, { encoded }: Tools): Signal {
  const own = createChoice({ signal: "preference", head: HEAD, deadlineMs: deadline_ms, scores }, encoded!);
  return model === undefined ? own : { ...own, asks: { model, labels: encoded!.encoder.labels[HEAD]! } };
}

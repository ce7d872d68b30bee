import { micro, ONE } from "./micro.ts";

/** What a label is worth to a model: label -> name of a model or tier -> score in [0,1]. */
export type ScoreTable = Readonly<Record<string, Readonly<Record<string, number>>>>;

/**
 * How much of a model's weakness each grade of difficulty brings to light. A model of quality q answers a prompt of
 * difficulty d with quality 1 - d(1 - q): anybody can greet, only the best can prove. At 0.05 two models that are
 * 0.35 apart on hard prompts are 0.02 apart on simple ones, which is within the usual tolerance; at 0.5 they are not.
 * Guesses until outcomes teach better ones; a `scores` table of a signal overrides them label by label.
 */
const DIFFICULTY: Readonly<Record<string, number>> = { simple: 0.05, moderate: 0.5, complex: 1 };

/** The table that graded labels get where the config gives none. */
export function defaultScores(
  models: ReadonlyArray<{ readonly name: string; readonly quality: number }>,
  difficulty: Readonly<Record<string, number>> = DIFFICULTY,
): ScoreTable {
  return Object.fromEntries(
    Object.entries(difficulty).map(([label, d]) => [
      label,
      Object.fromEntries(models.map(({ name, quality }) => [name, graded(d, quality)])),
    ]),
  );
}

const graded = (difficulty: number, quality: number) => (ONE - Math.round(difficulty * (ONE - micro(quality)))) / ONE;

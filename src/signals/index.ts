import { z } from "zod";
import { complexityOptions, complexityScores, createComplexity } from "./complexity.ts";
import { createJailbreak, jailbreakOptions } from "./jailbreak.ts";
import { createKeyword, keywordOptions, keywordScores } from "./keyword.ts";
import type { ScoreTable } from "./options.ts";
import { createPii, piiOptions } from "./pii.ts";
import type { Signal } from "./signal.ts";

/** The signals there are. Adding one: its file, a line here, its test. One that votes says how much each label is worth. */
export const SIGNALS = {
  keyword: kind(keywordOptions, createKeyword, keywordScores),
  complexity: kind(complexityOptions, createComplexity, complexityScores),
  jailbreak: kind(jailbreakOptions, createJailbreak),
  pii: kind(piiOptions, createPii),
};

/** One line of the table: the config's fragment, the factory, and the score table of a signal that votes. */
export interface SignalKind<O> {
  readonly options: z.ZodType<O>;
  create(options: O): Signal;
  /** Undefined means that the config gives no scores and the decision derives them from the tiers. */
  scores?(options: O): ScoreTable | undefined;
}

function kind<S extends z.ZodType>(
  options: S,
  create: SignalKind<z.output<S>>["create"],
  scores?: (options: z.output<S>) => ScoreTable | undefined,
): { readonly options: S; readonly create: typeof create; readonly scores?: typeof scores } {
  return scores === undefined ? { options, create } : { options, create, scores };
}

type Table = typeof SIGNALS;
type Shape = { [Name in keyof Table]: z.ZodOptional<Table[Name]["options"]> };

const shape = Object.fromEntries(
  Object.entries(SIGNALS).map(([name, { options }]) => [name, options.optional()]),
) as unknown as Shape;

/** The `signals` part of the config: a signal that is absent is off, `{}` takes its defaults. */
export const signalsOptions = z.strictObject(shape);
export type SignalsOptions = z.output<typeof signalsOptions>;

/** The lines of the table that the config switches on, each with its options. */
function chosen(options: SignalsOptions): { name: string; line: SignalKind<unknown>; own: unknown }[] {
  const table = Object.entries(SIGNALS) as unknown as [keyof SignalsOptions, SignalKind<unknown>][];
  return table.flatMap(([name, line]) => (options[name] === undefined ? [] : [{ name, line, own: options[name] }]));
}

export function createSignals(options: SignalsOptions): readonly Signal[] {
  return chosen(options).map(({ line, own }) => line.create(own));
}

/** How much a voting signal counts and what its labels are worth, per model or tier. */
export interface VotingOptions {
  readonly signal: string;
  readonly weight: number;
  readonly scores?: ScoreTable;
}

export function votingOptions(options: SignalsOptions): readonly VotingOptions[] {
  return chosen(options).flatMap(({ name, line, own }) => {
    if (line.scores === undefined) return [];
    const { weight } = own as { weight: number };
    const scores = line.scores(own);
    return [scores === undefined ? { signal: name, weight } : { signal: name, weight, scores }];
  });
}

import { z } from "zod";
import type { Clock } from "../contracts.ts";
import type { LoadedEncoder } from "../inference/create.ts";
import { complexityOptions, complexityScores, createComplexity } from "./complexity.ts";
import { createDomain, DOMAIN_DIFFICULTY, domainOptions, domainScores } from "./domain.ts";
import { createEmbedding, embeddingLearns, embeddingOptions, embeddingScores } from "./embedding.ts";
import { createEncodedPrompts, type SecondLook } from "./encoded.ts";
import { createJailbreak, jailbreakOptions } from "./jailbreak.ts";
import { createKeyword, keywordOptions, keywordScores } from "./keyword.ts";
import type { ScoreTable } from "./options.ts";
import { createPii, piiLearns, piiOptions } from "./pii.ts";
import { createPredictor, predictorOptions, predictorScores } from "./predictor.ts";
import { createPreference, preferenceOptions, preferenceScores } from "./preference.ts";
import { createRemote, remoteOptions, remoteScores } from "./remote.ts";
import type { Signal, Tools } from "./signal.ts";

/** The signals there are. Adding one: its file, a line here, its test. One that votes says how much each label is worth. */
export const SIGNALS = {
  keyword: kind({ options: keywordOptions, create: createKeyword, scores: keywordScores }),
  embedding: kind({
    options: embeddingOptions,
    create: createEmbedding,
    scores: embeddingScores,
    learns: embeddingLearns,
  }),
  domain: kind({
    options: domainOptions,
    create: createDomain,
    scores: domainScores,
    difficulty: DOMAIN_DIFFICULTY,
    learns: () => true,
  }),
  complexity: kind({
    options: complexityOptions,
    create: createComplexity,
    scores: complexityScores,
    learns: ({ learned }) => learned,
  }),
  preference: kind({
    options: preferenceOptions,
    create: createPreference,
    scores: preferenceScores,
    learns: () => true,
  }),
  predictor: kind({
    options: predictorOptions,
    create: createPredictor,
    scores: predictorScores,
    byModel: true,
    learns: () => true,
  }),
  jailbreak: kind({ options: jailbreakOptions, create: createJailbreak, learns: ({ learned }) => learned }),
  pii: kind({ options: piiOptions, create: createPii, learns: piiLearns }),
  remote: kind({ options: remoteOptions, create: createRemote, scores: remoteScores }),
};

/** One line of the table: the config's fragment, the factory, and the score table of a signal that votes. */
export interface SignalKind<O> {
  readonly options: z.ZodType<O>;
  create(options: O, tools: Tools): Signal | Promise<Signal>;
  /** Undefined means that the config gives no scores and the decision derives them from the tiers. */
  readonly scores?: (options: O) => ScoreTable | undefined;
  /** How hard labels are, in [0,1], for the labels that the config may leave without scores. */
  readonly difficulty?: Readonly<Record<string, number>>;
  /** Its labels are names of models: what a label is worth to its model is the score it was read with. */
  readonly byModel?: true;
  /** Whether it reads with the encoder, so configured; never when absent. */
  readonly learns?: (options: O) => boolean;
}

/** Binds the options of a line to its functions. */
function kind<S extends z.ZodType>(
  line: Omit<SignalKind<z.output<S>>, "options"> & { readonly options: S },
): typeof line {
  return line;
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

/** Whether any of them reads with the encoder. Where none does, nothing has to be loaded. */
export function needsEncoder(options: SignalsOptions): boolean {
  return chosen(options).some(({ line, own }) => line.learns?.(own) ?? false);
}

/** What the signals of one config are made with. `encoder` where one of them needs it. */
export interface Equipment {
  readonly clock: Clock;
  readonly encoder?: LoadedEncoder;
  readonly second: SecondLook;
  readonly shown?: Tools["shown"];
}

/**
 * Makes the signals that the config switches on, in the order of the table.
 * @throws EncoderError where a signal does not fit the encoder, or the encoder cannot read its examples
 */
export async function createSignals(
  options: SignalsOptions,
  { clock, encoder, second, shown }: Equipment,
): Promise<readonly Signal[]> {
  const tools: Tools = {
    clock,
    ...(shown && { shown }),
    ...(encoder && { encoded: createEncodedPrompts(encoder, second) }),
  };
  return Promise.all(chosen(options).map(async ({ line, own }) => line.create(own, tools)));
}

/** How much a voting signal counts and what its labels are worth, per model or tier. */
export interface VotingOptions {
  readonly signal: string;
  readonly weight: number;
  readonly scores?: ScoreTable;
  /** How hard its labels are, in [0,1], for those that have no scores. */
  readonly difficulty?: Readonly<Record<string, number>>;
  readonly byModel?: true;
}

export function votingOptions(options: SignalsOptions): readonly VotingOptions[] {
  return chosen(options).flatMap(({ name, line, own }) => {
    if (line.scores === undefined) return [];
    const { weight } = own as { weight: number };
    const scores = line.scores(own);
    const { difficulty, byModel } = line;
    return [
      {
        signal: name,
        weight,
        ...(scores && { scores }),
        ...(difficulty && { difficulty }),
        ...(byModel && { byModel }),
      },
    ];
  });
}

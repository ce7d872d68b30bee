import { type OutcomeFacts, type TokenPrice, UnfitOutcomes } from "./outcome.ts";

/** Where the price of a model came from. */
export type PriceSource = "config" | "file" | "meta" | "assumed";

export interface Priced {
  /** In the order of the models. */
  readonly prices: readonly TokenPrice[];
  readonly sources: readonly PriceSource[];
}

/**
 * USD per million tokens, as lists of hosted endpoints had them around the end of 2024 (o1-mini at its launch); the
 * first pair as published with the files of weak and strong models, per call of a thousand tokens.
 */
const LISTED: Readonly<Record<string, TokenPrice>> = {
  "mistralai/Mixtral-8x7B-Instruct-v0.1": { input: 0.24, output: 0.24 },
  "gpt-4-1106-preview": { input: 24.7, output: 24.7 },
  "Meta-Llama-3.1-8B-Instruct": { input: 0.05, output: 0.08 },
  "Meta-Llama-3.1-70B-Instruct": { input: 0.59, output: 0.79 },
  "gemini-1.5-flash-002": { input: 0.075, output: 0.3 },
  "gemini-1.5-pro-002": { input: 1.25, output: 5 },
  "gpt-4o-mini-2024-07-18": { input: 0.15, output: 0.6 },
  "gpt-4o-2024-08-06": { input: 2.5, output: 10 },
  "claude-3-5-sonnet-20241022": { input: 3, output: 15 },
  "o1-mini-2024-09-12": { input: 3, output: 12 },
};
export const LISTED_AT = "end of 2024";

/** A price for each model, from the first that has one: the config, a file of prices, the file itself, the list. Errors: UnfitOutcomes. */
export function pricesFor(
  models: readonly string[],
  {
    config = {},
    file = {},
    facts,
  }: {
    readonly config?: Readonly<Record<string, TokenPrice>>;
    readonly file?: Readonly<Record<string, TokenPrice>>;
    readonly facts: OutcomeFacts;
  },
): Priced {
  const tables = [
    ["config", config],
    ["file", file],
    ["meta", facts.prices],
    ["assumed", LISTED],
  ] as const;
  const found = models.map((model) => {
    const [source, table] = tables.find(([, table]) => Object.hasOwn(table, model)) ?? [];
    if (source === undefined || table === undefined) {
      throw new UnfitOutcomes(
        `nothing tells the price of ${JSON.stringify(model)}: give it with --prices FILE (a line such as "${model}": { input: 0.5, output: 1.5 }, USD per million tokens), or leave the model out with --pool`,
      );
    }
    return { source, price: table[model]! };
  });
  return { prices: found.map(({ price }) => price), sources: found.map(({ source }) => source) };
}

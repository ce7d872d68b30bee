import { z } from "zod";
import type { Config } from "../../config/schema.ts";
import { nearest } from "../../config/nearest.ts";
import type { OutcomeFile } from "../../outcomes/open.ts";
import { pricesFor, type PriceSource } from "../../outcomes/prices.ts";
import type { TokenPrice } from "../../outcomes/outcome.ts";
import type { ModelSpeed, Pool } from "../../outcomes/table.ts";
import { Failure } from "../failure.ts";

/** The pool of a command line: its models in the file that is reported on, what they cost, what a config calls them. */
export interface ChosenPool {
  readonly pool: Pool;
  readonly sources: readonly PriceSource[];
  readonly names: readonly string[];
}

const MOST_USD = 1_000_000;
const usd = z.number().min(0).max(MOST_USD);

/** A file of prices: input and output by model, USD per million tokens. */
export const pricesForm = z.record(z.string(), z.strictObject({ input: usd, output: usd }));

/** What a model is taken to need where no config says: the defaults of the config. */
const USUAL_SPEED: ModelSpeed = { ttftMs: 500, msPerToken: 15 };

/** Errors: Failure, UnfitOutcomes for a model without a price. */
export function choosePool(
  { facts }: OutcomeFile,
  wanted: readonly string[] | undefined,
  { config, prices }: { readonly config?: Config | undefined; readonly prices: Readonly<Record<string, TokenPrice>> },
): ChosenPool {
  const configured = config ? namesIn(config) : undefined;
  const models = wanted ?? facts.models.filter((model) => configured?.has(model) ?? true);
  for (const model of models) {
    if (!facts.models.includes(model)) throw unknown(model, facts.models, "the file");
    if (configured && !configured.has(model)) throw unknown(model, [...configured.keys()], "the config");
  }
  if (models.length < 2) {
    throw new Failure(
      `there is nothing to choose between: ${models.length === 0 ? "no model" : `only ${models[0]}`} of the file is ${configured ? "in the config" : "looked at"}; the file knows ${listed(facts.models)}`,
    );
  }
  const names = models.map((model) => configured?.get(model) ?? model);
  const entries = config ? models.map((model, at) => [model, config.models[names[at]!]!] as const) : [];
  const priced = pricesFor(models, {
    facts,
    file: prices,
    config: Object.fromEntries(entries.map(([model, { price }]) => [model, price])),
  });
  const speeds = entries.map(([, own]) => ({ ttftMs: own.ttft_ms, msPerToken: own.ms_per_token }));
  return {
    pool: {
      models,
      at: Int32Array.from(models, (model) => facts.models.indexOf(model)),
      prices: priced.prices,
      speeds: models.map((_, at) => speeds[at] ?? USUAL_SPEED),
      lengths: facts.lengths,
    },
    sources: priced.sources,
    names,
  };
}

/** The same models where another file has them. Errors: Failure. */
export function poolIn(pool: Pool, { facts }: OutcomeFile): Pool {
  const missing = pool.models.find((model) => !facts.models.includes(model));
  if (missing !== undefined) throw unknown(missing, facts.models, "the file to learn from");
  return { ...pool, at: Int32Array.from(pool.models, (model) => facts.models.indexOf(model)), lengths: facts.lengths };
}

/** What the config calls a model, by that name and by the one that its upstreams know. */
function namesIn({ models }: Config): Map<string, string> {
  const names = new Map<string, string>();
  for (const [name, { targets }] of Object.entries(models)) {
    for (const { model } of targets) if (!names.has(model)) names.set(model, name);
  }
  for (const name of Object.keys(models)) names.set(name, name);
  return names;
}

function unknown(model: string, known: readonly string[], where: string): Failure {
  const near = nearest(model, known);
  const hint = near === undefined ? `; it knows ${listed(known)}` : `; did you mean ${JSON.stringify(near)}?`;
  return new Failure(`${where} has no model ${JSON.stringify(model)}${hint}`, { code: "unknown_model" });
}

const MOST_LISTED = 12;

function listed(names: readonly string[]): string {
  const more = names.length > MOST_LISTED ? ` and ${names.length - MOST_LISTED} more` : "";
  return `${names.slice(0, MOST_LISTED).join(", ")}${more}`;
}

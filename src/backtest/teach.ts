import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config } from "../config/schema.ts";
import { predictorFile } from "../prediction/file.ts";
import type { FittedPredictor } from "../prediction/fit.ts";
import { votingOptions } from "../signals/index.ts";
import type { Lesson } from "../outcomes/policies/policy.ts";
import { encodedOf, fit } from "./fit.ts";
import type { FitContext } from "./fold.ts";
import type { WholeRow } from "./material.ts";

/** A part of the config as rows teach it. `table` is label tables alone, for those who want to read what was learned. */
export type Method = "predictor" | "table";

/** The `signals` of the config, taught. `close` when the last decision is made. */
export interface Taught {
  readonly signals: Config["signals"];
  readonly predictor?: FittedPredictor;
  close(): Promise<void>;
}

/** The config's signals with what the rows teach; every other signal that votes loses its vote. Errors: UnfitOutcomes. */
export async function teach(
  method: Method,
  config: Config,
  lesson: Lesson,
  rows: readonly WholeRow[],
  context: FitContext,
): Promise<Taught> {
  const silent = silenced(config);
  if (method === "table") {
    const domain = { ...(config.signals.domain ?? DOMAIN), weight: 1, scores: domainTable(lesson, context) };
    return { signals: { ...silent, domain }, close: async () => undefined };
  }
  const predictor = await fit(encodedOf(lesson, rows), context, "the predictor");
  const home = await mkdtemp(join(tmpdir(), "signalbox-calibrate-"));
  const path = join(home, "predictor.json");
  await writeFile(path, predictorFile(predictor.learned));
  return {
    signals: { ...silent, predictor: { path, weight: 1, deadline_ms: DOMAIN.deadline_ms } },
    predictor,
    close: () => rm(home, { recursive: true }),
  };
}

const DOMAIN = { deadline_ms: 50 };

/** Signals that vote, by name; the predictor is one of its own. */
export const otherVoters = ({ signals }: Pick<Config, "signals">): string[] =>
  votingOptions(signals).flatMap(({ signal, weight }) => (signal === "predictor" || weight === 0 ? [] : [signal]));

function silenced(config: Config): Config["signals"] {
  const { signals } = config;
  const mute = otherVoters(config).map((name) => [name, { ...signals[name as keyof typeof signals], weight: 0 }]);
  return { ...signals, ...Object.fromEntries(mute) } as Config["signals"];
}

/** Rows of a model's mean that each cell is mixed with. */
const PRIOR_ROWS = 20;
const FEWEST_ROWS = 10;

/** Mean score of each model by the subject that the encoder reads, few rows pulled towards the model's mean. */
export function domainTable(
  { rows, meanScore }: Lesson,
  { encoder, names }: Pick<FitContext, "encoder" | "names">,
): Record<string, Record<string, number>> {
  const labels = encoder.labels["domain"] ?? [];
  const table: Record<string, Record<string, number>> = {};
  for (const [at, label] of labels.entries()) {
    const own = rows.filter(({ seen }) => at === seen.domain.indexOf(Math.max(...seen.domain)));
    if (own.length < FEWEST_ROWS) continue;
    table[label] = Object.fromEntries(
      names.map((name, model) => {
        const sum = own.reduce((total, { outcomes }) => total + outcomes.scores[model]!, 0);
        return [name, rounded((sum + PRIOR_ROWS * meanScore[model]!) / (own.length + PRIOR_ROWS))];
      }),
    );
  }
  return table;
}

export const rounded = (share: number): number => Math.round(Math.min(1, Math.max(0, share)) * 1000) / 1000;

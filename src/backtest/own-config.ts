import { type Accepted, checkConfig } from "../config/check.ts";
import type { Calibration } from "../decision/confidence.ts";
import type { Lesson } from "../outcomes/policies/policy.ts";

/** What the models are called where no config names them: any name fits a file, but not all fit a config. */
export const ownNames = (models: readonly string[]): string[] => models.map((_, at) => `m${at}`);

/** More than any prompt and reply have. */
const CONTEXT = 100_000_000;

/** What a config of our own decides by. */
export interface Way {
  /** The `signals` part. */
  readonly signals: object;
  /** USD that a point of quality may cost. */
  readonly usdPerPoint: number;
  readonly calibration?: Calibration;
}

/** A config for the pool of a file: a tier a model, by cost, and nothing but quality and price to decide by. */
export function ownConfig({ pool, byCost, meanScore }: Lesson, { signals, usdPerPoint, calibration }: Way): Accepted {
  const names = ownNames(pool.models);
  const quality = (model: number) => Math.min(1, Math.max(0, meanScore[model]!));
  const config = {
    version: 1,
    upstreams: { recorded: { kind: "vllm", url: "http://127.0.0.1:9/v1" } },
    tiers: Object.fromEntries(byCost.map((model) => [names[model]!, { quality: quality(model) }])),
    models: Object.fromEntries(
      names.map((name, model) => [
        name,
        {
          tier: name,
          price: pool.prices[model]!,
          context: CONTEXT,
          targets: [{ upstream: "recorded", model: name }],
        },
      ]),
    ),
    signals,
    decision: { tolerance: 0, threshold: 0, price_of_quality: usdPerPoint, ...(calibration && { calibration }) },
  };
  const checked = checkConfig(JSON.stringify(config), { env: {}, readFile: () => "" });
  if ("config" in checked) return checked;
  throw new Error(checked.problems.map(({ path, message }) => `${path}: ${message}`).join("; "));
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decidedByOthers, type Source, type Taken } from "../../src/backtest/calibrate.ts";
import { fitConfidence, confidenceFigures } from "../../src/backtest/confidence.ts";
import { openWorkshop } from "../../src/backtest/decider.ts";
import { lossesOf, promise, type Setting, settingsFor } from "../../src/backtest/promise.ts";
import { readCases } from "../../src/cli/cases.ts";
import { checkConfig } from "../../src/config/check.ts";
import { calibratedConfidence } from "../../src/decision/confidence.ts";
import { valueSlack } from "../../src/decision/value.ts";
import { openOutcomes } from "../../src/outcomes/open.ts";
import { bootstrap, seeded } from "../../src/statistics/sample.ts";
import { createFailures, type Figures, type Story, type StoryOptions } from "./story.ts";

const SPLITS = 200;
const MOST = 0.03;
const DELTA = 0.05;

/** USD per million tokens, in and out: list prices around the end of 2024. */
const POOL: ReadonlyArray<readonly [model: string, input: number, output: number]> = [
  ["Meta-Llama-3.1-8B-Instruct", 0.05, 0.08],
  ["gemini-1.5-flash-002", 0.075, 0.3],
  ["Meta-Llama-3.1-70B-Instruct", 0.59, 0.79],
  ["gemini-1.5-pro-002", 1.25, 5],
];

export const bound: Story = {
  name: "bound",
  says: `what is promised on one half of MMLU-Pro's recorded outcomes (at most ${MOST * 100} points below the best model) holds on the other half, over ${SPLITS} random splits`,
  run: runBound,
};

async function runBound({ seed, signal, progress }: StoryOptions): Promise<Figures> {
  const failures = createFailures();
  const workshop = await openWorkshop(configOf().config.encoder);
  try {
    const source = await sourceOf();
    const taken = await decidedByOthers(source, {
      method: "predictor",
      accepted: configOf(),
      names: source.pool.models,
      seed,
      workshop,
      abort: signal,
      progress: (says) => progress(0, says),
    });
    const { predicted, recorded, order } = taken;
    const settings = settingsFor(predicted);
    const reference = POOL.length - 1;
    const random = seeded(seed);
    const { models, costs } = recorded;
    let [kept, broken, shares, worst] = [0, 0, 0, -1];
    const errors: number[] = [];
    for (let split = 0; split < SPLITS; split++) {
      progress(split / SPLITS, "splits");
      const drawn = shuffled(order, random);
      const [first, second] = [drawn.subarray(0, drawn.length / 2), drawn.subarray(drawn.length / 2)];
      const found = promise(settings, recorded, first, { reference, most: MOST, delta: DELTA });
      if (!found.kept) continue;
      kept += 1;
      const losses = lossesOf(found.setting, recorded, second, reference);
      const interval = bootstrap(losses.length, (weights) => mean(losses, weights), split)!;
      if (interval.low > MOST) broken += 1;
      worst = Math.max(worst, mean(losses));
      const cost = (model: (row: number) => number) =>
        second.reduce((sum, row) => sum + costs[row * models + model(row)]!, 0);
      shares += cost((row) => found.setting.chosen[row]!) / cost(() => reference);
      errors.push(errorOn(taken, found.setting, first, second));
    }
    failures.check(kept > SPLITS / 2, `only ${kept} of ${SPLITS} halves carried the promise`);
    failures.check(broken <= kept * DELTA, `${broken} of ${kept} promises were broken`);
    const ece = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    failures.check(ece <= 0.05, `expected calibration error ${ece}`);
    return {
      rows: {
        rows: order.length,
        "splits, promises": `${SPLITS}, ${kept}`,
        "promises broken beyond the other half's own 95% error": broken,
        "worst loss on the other half, points": (worst * 100).toFixed(2),
        "share of the best model's cost, mean": (shares / kept).toFixed(3),
        "expected calibration error of confidence on the other half, mean": ece.toFixed(4),
      },
      failures: failures.list(),
    };
  } finally {
    await workshop.close();
  }
}

/** Calibration error on the second half of a confidence that was fitted to the first. */
function errorOn({ predicted, recorded }: Taken, setting: Setting, first: Uint32Array, second: Uint32Array): number {
  const { models } = recorded;
  const rowsOf = (all: Float32Array, rows: Uint32Array) =>
    Float32Array.from(
      { length: rows.length * models },
      (_, at) => all[rows[Math.floor(at / models)]! * models + (at % models)]!,
    );
  const part = (rows: Uint32Array) => ({
    predicted: { models, quality: rowsOf(predicted.quality, rows), costUsd: rowsOf(predicted.costUsd, rows) },
    recorded: { models, scores: rowsOf(recorded.scores, rows) },
    setting: { ...setting, chosen: Uint16Array.from(rows, (row) => setting.chosen[row]!) },
  });
  const [taught, judged] = [part(first), part(second)];
  const { calibration } = fitConfidence(taught.predicted, taught.recorded, taught.setting);
  const confidence = Float64Array.from(second, (_, row) => {
    const candidates = POOL.map(([model], at) => ({
      model,
      quality: judged.predicted.quality[row * models + at]!,
      costUsd: judged.predicted.costUsd[row * models + at]!,
    }));
    const own = candidates[judged.setting.chosen[row]!]!;
    const slack = valueSlack(own, candidates, setting.usdPerPoint);
    return calibratedConfidence(calibration, { slack, quality: own.quality, readingConfidence: 1 });
  });
  return confidenceFigures(confidence, judged.recorded, judged.setting.chosen).ece;
}

async function sourceOf(): Promise<Source> {
  const folder = join(import.meta.dirname, "../../models/data/routing");
  const meta: unknown = JSON.parse(readFileSync(join(folder, "mmlu_pro.meta.json"), "utf8"));
  const file = await openOutcomes(() => readCases(join(folder, "mmlu_pro.dev.jsonl.gz")), meta);
  const { models: known, lengths } = file.facts;
  return {
    file,
    pool: {
      models: POOL.map(([model]) => model),
      at: Int32Array.from(POOL, ([model]) => known.indexOf(model)),
      prices: POOL.map(([, input, output]) => ({ input, output })),
      speeds: POOL.map(() => ({ ttftMs: 500, msPerToken: 15 })),
      lengths,
    },
  };
}

function configOf() {
  const models = POOL.map(
    ([model, input, output]) =>
      `  ${model}: { tier: all, price: { input: ${input}, output: ${output} }, targets: [{ upstream: none, model: ${model} }] }\n`,
  );
  const text = `upstreams: { none: { kind: vllm, url: "http://127.0.0.1:9/v1" } }\ntiers: { all: { quality: 0.5 } }\nmodels:\n${models.join("")}`;
  const checked = checkConfig(text, { env: {}, readFile: () => "" });
  if ("config" in checked) return checked;
  throw new Error(checked.problems.map(({ message }) => message).join("; "));
}

function shuffled(rows: Uint32Array, random: () => number): Uint32Array {
  const order = rows.slice();
  for (let at = order.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  return order;
}

function mean(values: Float64Array, weights?: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += (weights?.[at] ?? 1) * values[at]!;
  return sum / values.length;
}

/**
 * Fits the model of src/cache/weights.ts: `node scripts/cache-model.ts`. Learns from pairs of the learn families and the
 * train rows of models/data/text/pairs; the threshold is chosen on families that the fold's model did not see.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { gunzipSync } from "node:zlib";
import { FEATURES } from "../src/cache/features.ts";
import { createJudge } from "../src/evaluation/cache/judge.ts";
import { type Pair, pairRow } from "../src/evaluation/cache/pairs.ts";
import { createEncoder } from "../src/inference/create.ts";
import { encoderOptions } from "../src/inference/options.ts";
import { fitLogistic, type LinearModel } from "../src/statistics/regression.ts";
import { wilson } from "../src/statistics/proportion.ts";
import { seeded } from "../src/statistics/sample.ts";
import { generatePairs } from "../test/cache/pairs/generate.ts";

const OUT = new URL("../src/cache/weights.ts", import.meta.url);
const TEXTS = new URL("../models/data/text/pairs.jsonl.gz", import.meta.url);
const FOLDS = 5;
const L2 = 1e-3;
const PER_TYPE = 1_500;
/** Of the rows of the text file, by type: the rest are in languages that likeness was not trained on, or too easy. */
const TAKEN: Readonly<Record<string, number>> = { sts: 1, translation: 0.05 };
/** Wrong hits of all that is served on unseen families: the upper end of their interval may reach this. */
const MOST_WRONG = 0.005;
/** Above the lowest threshold that keeps to it, for families that are stranger than these. */
const CARE = 0.03;

interface Row {
  readonly features: Float64Array;
  readonly isSame: boolean;
  readonly fold: number;
  readonly isOwn: boolean;
}

function* pairsToLearn(): Generator<{ pair: Pair; group: string; isOwn: boolean }> {
  for (const pair of generatePairs("learn", PER_TYPE))
    yield { pair: pairRow.parse(pair), group: pair.family, isOwn: true };
  const random = seeded(11);
  for (const line of gunzipSync(readFileSync(TEXTS)).toString("utf8").split("\n")) {
    if (line === "") continue;
    const given = JSON.parse(line) as { type: string; lang?: string; split: string; text_a: string };
    const isWanted =
      given.split === "train" && (given.type !== "sts" || given.lang === "en") && random() < (TAKEN[given.type] ?? 1);
    if (isWanted) yield { pair: pairRow.parse(given), group: given.text_a, isOwn: false };
  }
}

const hash = (text: string): number =>
  Array.from(text).reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)!) % 9_973, 7);

const encoder = await createEncoder(encoderOptions.parse({ second_stage: "always", workers: 2 }), {
  clock: () => performance.now(),
});
const judge = createJudge(encoder);
const rows: Row[] = [];
/** True ones that a guard refused: they count as missed. */
let lost = 0;
let waiting: Promise<void>[] = [];
for (const { pair, group, isOwn } of pairsToLearn()) {
  waiting.push(
    judge.inspect(pair).then((found) => {
      if ("features" in found)
        rows.push({ features: found.features, isSame: pair.isSame, fold: hash(group) % FOLDS, isOwn });
      else if (pair.isSame && isOwn) lost += 1;
    }),
  );
  if (waiting.length === 32) {
    await Promise.all(waiting);
    waiting = [];
  }
}
await Promise.all(waiting);
await encoder.close();

const width = FEATURES.length;

function fit(which: readonly Row[]): { weights: number[]; bias: number } {
  const features = new Float32Array(which.length * width);
  for (const [at, row] of which.entries()) features.set(row.features, at * width);
  const truth = Int32Array.from(which, ({ isSame }) => (isSame ? 1 : 0));
  const steps = fitLogistic(
    { features, width, truth, labels: 2 },
    Uint32Array.from(which, (_, at) => at),
    { l2: L2 },
  );
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return ofTwo(step.value);
}

/** One logit from the two of the labels. */
function ofTwo({ weights, bias }: LinearModel): { weights: number[]; bias: number } {
  return {
    weights: Array.from({ length: width }, (_, at) => Number((weights[width + at]! - weights[at]!).toPrecision(5))),
    bias: Number((bias[1]! - bias[0]!).toPrecision(5)),
  };
}

const scored = Array.from({ length: FOLDS }, (_, fold) => {
  const { weights, bias } = fit(rows.filter((row) => row.fold !== fold));
  return rows
    .filter((row) => row.fold === fold)
    .map((row) => {
      const logit = weights.reduce((sum, weight, at) => sum + weight * row.features[at]!, bias);
      return { ...row, score: 1 / (1 + Math.exp(-logit)) };
    });
}).flat();

const total = scored.filter(({ isSame, isOwn }) => isSame && isOwn).length + lost;
let lowest = 0.99 - CARE;
for (let tried = 0.99; tried >= 0.5; tried = Number((tried - 0.01).toFixed(2))) {
  const served = scored.filter(({ score }) => score >= tried);
  const own = served.filter(({ isOwn }) => isOwn);
  const [wrong, ownWrong] = [served, own].map((all) => all.filter(({ isSame }) => !isSame).length);
  const hits = own.length - ownWrong!;
  console.log(
    `${tried.toFixed(2)}: own ${own.length} served, ${ownWrong} wrong, ${((100 * hits) / total).toFixed(1)}% of paraphrases; with text rows ${served.length} served, ${wrong} wrong`,
  );
  if (wilson(ownWrong!, own.length).high <= MOST_WRONG) lowest = tried;
}
const threshold = Number((lowest + CARE).toFixed(2));
const model = fit(rows);
for (const [at, name] of FEATURES.entries()) console.log(`${name}: ${model.weights[at]}`);
console.log(`${rows.length} rows, ${lost} of the true ones lost to guards; threshold ${threshold}`);
writeFileSync(
  OUT,
  `/** What \`node scripts/cache-model.ts\` fitted: weights of the numbers in features.ts, in their order. */
export const MODEL = {
  /** The encoder whose cosines it was fitted to. */
  encoder: ${JSON.stringify(encoder.version)},
  weights: [${model.weights.join(", ")}],
  bias: ${model.bias},
  threshold: ${threshold},
} as const;
`,
);

/**
 * `node test/bench/tools-fit.ts`: fits what each sign of a tool counts (`WEIGHTS` of src/rewrite/tool-rank.ts) to the
 * train rows, by gradient steps on the likelihood of the fitting tools among all offered ones. The half that it does
 * not learn from says what it is worth.
 */
import { createToolRanker, type Signs } from "../../src/rewrite/tool-rank.ts";
import { openEmbed, pooledRows, type Pooled } from "./tools-rows.ts";

const OFFERED = 50;
const KEPT = 5;
const SEED = 11;
const ROUNDS = 80;
const STEP = 0.03;
const NAMES = ["meaning", "covered", "mass", "name"] as const;

interface Example {
  readonly signs: readonly Signs[];
  readonly fits: readonly boolean[];
}
type Weights = Record<keyof Signs, number>;

const { embed, close } = await openEmbed();
const ranker = createToolRanker(embed, 4096);
const examples = pooledRows("train", OFFERED, SEED).map(({ text, tools, fitting }: Pooled): Example => ({
  signs: ranker.signs(text, tools),
  fits: tools.map(({ name }) => fitting.has(name)),
}));
await close();
const halves = [0, 1].map((half) => examples.filter((_, index) => index % 2 === half)) as [Example[], Example[]];
const halved = fit(halves[0]);
console.log(`fitted to half of ${examples.length} train rows:`, rounded(halved));
console.log(`recall@${KEPT} of ${OFFERED} on the other half: ${recall(halved, halves[1]).toFixed(3)}`);
console.log("fitted to all of them:", rounded(fit(examples)));

function fit(learn: readonly Example[]): Weights {
  const weights: Weights = { meaning: 0, covered: 0, mass: 0, name: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    for (const { signs, fits } of learn) {
      const scores = signs.map((each) => score(weights, each));
      const top = Math.max(...scores);
      const shares = scores.map((each) => Math.exp(each - top));
      const total = shares.reduce((sum, share) => sum + share, 0);
      const count = fits.filter(Boolean).length;
      for (const name of NAMES) {
        const slope = signs.reduce(
          (sum, each, at) => sum + (Number(fits[at]) / count - shares[at]! / total) * each[name],
          0,
        );
        weights[name] += STEP * slope;
      }
    }
  }
  return weights;
}

function score(weights: Weights, signs: Signs): number {
  return NAMES.reduce((sum, name) => sum + weights[name] * signs[name], 0);
}

function recall(weights: Weights, report: readonly Example[]): number {
  const found = report.map(({ signs, fits }) => {
    const best = signs
      .map((each, at) => ({ at, score: score(weights, each) }))
      .toSorted((a, b) => b.score - a.score)
      .slice(0, KEPT);
    return best.filter(({ at }) => fits[at]).length;
  });
  const wanted = report.map(({ fits }) => Math.min(KEPT, fits.filter(Boolean).length));
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  return sum(found) / sum(wanted);
}

function rounded(weights: Weights): Weights {
  return Object.fromEntries(NAMES.map((name) => [name, Number(weights[name].toFixed(2))])) as Weights;
}

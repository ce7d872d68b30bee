import { fitLinear, type RowLoss } from "./linear.ts";
import { type Learned, type Lesson, type Policy, type Shown, worths } from "./policy.ts";

const logistic = (value: number) => 1 / (1 + Math.exp(-value));
const features = ({ seen }: Shown) => seen.features;
const vector = ({ seen }: Shown) => seen.vector;

/** Cross entropy between what each model scored and what is predicted. */
export const crossEntropy: RowLoss = (values, { outcomes: { scores } }, slopes) => {
  let loss = 0;
  for (let model = 0; model < values.length; model++) {
    const value = values[model]!;
    loss += Math.max(value, 0) - value * scores[model]! + Math.log1p(Math.exp(-Math.abs(value)));
    slopes[model] = logistic(value) - scores[model]!;
  }
  return loss;
};

const squares: RowLoss = (values, { outcomes: { scores } }, slopes) => {
  let loss = 0;
  for (let model = 0; model < values.length; model++) {
    slopes[model] = values[model]! - scores[model]!;
    loss += slopes[model]! ** 2 / 2;
  }
  return loss;
};

/** Of any two models the one that scored more should stand higher. */
const pairs: RowLoss = (values, { outcomes: { scores } }, slopes) => {
  let loss = 0;
  slopes.fill(0);
  for (let winner = 0; winner < values.length; winner++) {
    for (let loser = 0; loser < values.length; loser++) {
      const gap = scores[winner]! - scores[loser]!;
      if (gap <= 0) continue;
      const lead = values[winner]! - values[loser]!;
      loss += gap * (Math.max(-lead, 0) + Math.log1p(Math.exp(-Math.abs(lead))));
      slopes[winner]! -= gap * logistic(-lead);
      slopes[loser]! += gap * logistic(-lead);
    }
  }
  return loss;
};

function linear(lesson: Lesson, of: (row: Shown) => Float32Array, loss: RowLoss, squash: boolean): Learned {
  const models = lesson.pool.models.length;
  const model = fitLinear(lesson, of, models, loss);
  return worths(models, (row, to) => {
    model.values(of(row), to);
    if (squash) for (let at = 0; at < models; at++) to[at] = logistic(to[at]!);
  });
}

export const encoderScore: Policy = {
  name: "bert_score",
  says: "a head on the encoder's last layer that says whether each model will be right (RouteLLM's BERT way)",
  rule: "price",
  learn: (lesson) =>
    lesson.rows[0]!.seen.features.length === 0 ? undefined : linear(lesson, features, crossEntropy, true),
};

export const learnedRanker: Policy = {
  name: "learned_ranker",
  says: "models ranked by a pairwise loss over the text's vector; the cheapest that ranks near the first (Not Diamond's way)",
  rule: "tolerance",
  learn: (lesson) => linear(lesson, vector, pairs, false),
};

export const priceOfQuality: Policy = {
  name: "price_of_quality",
  says: "quality predicted from the text's vector by least squares, bought up to a price (Martian's way)",
  rule: "price",
  learn: (lesson) => linear(lesson, vector, squares, false),
};

/** How much of the reward a call to the dearest model costs. */
const PENALTIES = [0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8];

export const costPenalty: Policy = {
  name: "cost_penalty",
  says: "a policy trained on reward = right * (1 - penalty * cost), one for each of seven penalties (xRouter's way)",
  rule: "choices",
  learn(lesson) {
    const models = lesson.pool.models.length;
    const dearest = Math.max(...lesson.meanCost) || 1;
    const policies = PENALTIES.map((penalty) => fitLinear(lesson, vector, models, rewarded(penalty, dearest)));
    const values = new Float32Array(models);
    return {
      width: PENALTIES.length,
      write(row, to) {
        for (const [at, policy] of policies.entries()) {
          policy.values(vector(row), values);
          to[at] = values.indexOf(Math.max(...values));
        }
      },
    };
  },
};

/** The expected reward of a policy that draws a model with the softmax of its values, as a loss. */
function rewarded(penalty: number, dearest: number): RowLoss {
  return (values, { outcomes: { scores, costs } }, slopes) => {
    const most = Math.max(...values);
    const odds = values.map((value) => Math.exp(value - most));
    const all = odds.reduce((sum, one) => sum + one, 0);
    const reward = (model: number) => scores[model]! * (1 - (penalty * costs[model]!) / dearest);
    let expected = 0;
    for (let model = 0; model < values.length; model++) expected += (odds[model]! / all) * reward(model);
    for (let model = 0; model < values.length; model++) {
      slopes[model] = -(odds[model]! / all) * (reward(model) - expected);
    }
    return -expected;
  };
}

import { auc, ranked } from "../../src/statistics/ranking.ts";
import { seeded } from "../../src/statistics/sample.ts";
import type { Row } from "./bench.ts";

/** Questions of a made-up kind: how hard each is decides how often either model is right. */
const QUESTIONS = 20_000;
const SEED = 1;
const CHEAP = { level: 1.3, share: 0.05 };
const STRONG_LEVEL = 3.2;
const SPREAD = 1.5;
/** Two wrong answers of the cheap model to one question are the same one this often. */
const SAME_MISTAKE = 0.3;
/** Points that may be lost against the strong model. */
const MOST_LOSS = 0.005;
const SAVINGS = [0, 0.25, 0.5] as const;

interface Question {
  readonly cheapChance: number;
  readonly cheap: number;
  readonly strong: number;
}

/** A gate: what it costs as a share of the strong model, and a score of each answer where it is known how it comes about. */
interface Gate {
  readonly name: string;
  readonly cost: number;
  readonly score?: (question: Question, draw: () => number) => number;
}

const consistency = (samples: number): Gate => ({
  name: `consistency, ${samples} samples`,
  cost: samples * CHEAP.share,
  score: ({ cheapChance, cheap }, draw) => {
    const same = Array.from({ length: samples }, () => {
      const isRight = draw() < cheapChance;
      return cheap === 1 ? isRight : !isRight && draw() < SAME_MISTAKE;
    }).filter(Boolean).length;
    return same + draw() / 2;
  },
});

const GATES: readonly Gate[] = [
  { name: "log-probabilities", cost: 0 },
  consistency(1),
  consistency(3),
  consistency(5),
  { name: "verifier at 5%", cost: 0.05 },
  { name: "verifier at 20%", cost: 0.2 },
  { name: "verifier at 40%", cost: 0.4 },
];

/** What each gate would have to know of an answer to pay, on questions that were made up: no measurement of any model. */
export function simulatedGates(): Row[] {
  const draw = seeded(SEED);
  const questions = Array.from({ length: QUESTIONS }, (): Question => {
    const ease = SPREAD * normal(draw);
    const cheapChance = chance(CHEAP.level + ease);
    return { cheapChance, cheap: Number(draw() < cheapChance), strong: Number(draw() < chance(STRONG_LEVEL + ease)) };
  });
  const noise = Float64Array.from(questions, () => normal(draw));
  const right = Uint8Array.from(questions, ({ cheap }) => cheap);
  const curve = Array.from({ length: 40 }, (_, at) => {
    const distance = at / 8;
    const scores = noise.map((own, question) => own + distance * right[question]!);
    return { auc: auc(ranked(scores, right)), escalated: escalatedBy(scores, questions) };
  });
  return GATES.map(({ name, cost, score }) => {
    const spent = CHEAP.share + cost;
    const needed = (saving: number) => curve.find(({ escalated }) => 1 - spent - escalated > saving)?.auc;
    const own = score && Float64Array.from(questions, (question) => score(question, draw));
    return {
      "made up": name,
      "cheap right %": percent(mean(right)),
      "strong right %": percent(mean(questions.map(({ strong }) => strong))),
      "cheap and gate cost %": percent(spent),
      ...Object.fromEntries(
        SAVINGS.map((saving) => [
          saving === 0 ? "AUC to pay" : `to save ${percent(saving)}%`,
          needed(saving)?.toFixed(2) ?? "never",
        ]),
      ),
      "its AUC": own ? auc(ranked(own, right)).toFixed(2) : "any",
      "so it saves %": own ? percent(1 - spent - escalatedBy(own, questions)) : "-",
    };
  });
}

/** Least share that must be escalated, the worst scores first, to come close enough to the strong model. */
function escalatedBy(scores: Float64Array, questions: readonly Question[]): number {
  const order = Uint32Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]!);
  const wanted = questions.reduce((sum, { strong }) => sum + strong, 0) - MOST_LOSS * QUESTIONS;
  let quality = questions.reduce((sum, { cheap }) => sum + cheap, 0);
  for (const [escalated, at] of order.entries()) {
    if (quality >= wanted) return escalated / QUESTIONS;
    quality += questions[at]!.strong - questions[at]!.cheap;
  }
  return 1;
}

const chance = (logit: number) => 1 / (1 + Math.exp(-logit));
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
const percent = (share: number) => Number((share * 100).toFixed(1));

/** Box and Muller. */
function normal(draw: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
}

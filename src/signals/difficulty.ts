import type { LoadedEncoder } from "../inference/create.ts";
import type { Encoding, Prediction } from "../inference/encoder.ts";
import { sharpened, trusted } from "./choice.ts";

/** Where a label's difficulty lies in [0,1]: the middle of what the thresholds leave it. */
export type Middles = Readonly<Record<"simple" | "moderate" | "complex", number>>;

/**
 * Shares of the three ways of telling difficulty: form and words, the head that was taught grades, the head that was
 * taught which models fail. The last two count by how well they know such text, so that the first stands alone where
 * they do not. Provisional, until outcomes teach better ones.
 */
const BY_FORM = 0.4;
const BY_GRADE = 0.35;
const BY_FAILURE = 0.25;

/** Of the failure head: a prompt is as hard as a small model is likely to get it wrong. */
const YARDSTICK = "small";

const HEADS = ["difficulty", "failure"] as const;

/** Whether the encoder has learned anything of difficulty. */
export function knowsDifficulty({ labels }: LoadedEncoder): boolean {
  return HEADS.some((head) => Object.hasOwn(labels, head));
}

/** What the learned heads say of one text; undefined where a head has nothing to say. */
export interface LearnedDifficulty {
  readonly grade?: Prediction;
  readonly failure?: Prediction;
}

export function learnedFrom(encoding: Encoding, encoder: LoadedEncoder): LearnedDifficulty {
  const [grade, failure] = HEADS.map((head) => trusted(encoding, head, encoder));
  return { ...(grade && { grade }), ...(failure && { failure }) };
}

/** Difficulty in [0,1]: the mean of what form says and what was learned. */
export function mixed(byForm: number, { grade, failure }: LearnedDifficulty, middles: Middles): number {
  let sum = BY_FORM * byForm;
  let shares = BY_FORM;
  const add = (share: number, value: number) => {
    sum += share * value;
    shares += share;
  };
  if (grade) add(BY_GRADE * grade.known, middleOf(grade, middles));
  const fails = failure?.probabilities[YARDSTICK];
  if (failure && fails !== undefined) add(BY_FAILURE * failure.known, fails);
  return sum / shares;
}

/** What the learned difficulty would be if the grade were found to be one label or another. */
export function otherGrades(learned: LearnedDifficulty): { probability: number; learned: LearnedDifficulty }[] {
  if (!learned.grade) return [];
  return sharpened(learned.grade).map(({ probability, prediction }) => ({
    probability,
    learned: { ...learned, grade: prediction },
  }));
}

function middleOf({ probabilities }: Prediction, middles: Middles): number {
  let sum = 0;
  let whole = 0;
  for (const [label, middle] of Object.entries(middles)) {
    const probability = probabilities[label] ?? 0;
    sum += probability * middle;
    whole += probability;
  }
  return whole > 0 ? sum / whole : middles.moderate;
}

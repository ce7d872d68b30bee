import { EncoderError, type Encoder } from "../inference/encoder.ts";
import { type Comparison, compare, type Cosines, FEATURES, featuresOf } from "./features.ts";
import { firstDifference } from "./guards/index.ts";
import { isStatement } from "./guards/statement.ts";
import { thesaurus } from "./guards/synonyms.ts";
import { readTurn, type Turn } from "./guards/turn.ts";
import { MODEL } from "./weights.ts";

/** Of an encoder, what deciding needs. */
export type Meaning = Pick<Encoder, "version" | "hasFullStage" | "encode" | "refine">;

export interface SamenessOptions {
  /** In [0,1]: how sure the two must be the same question. What `calibrate cache` finds; see the default below. */
  readonly threshold?: number;
  /** By domain, in place of it. */
  readonly thresholds?: Readonly<Record<string, number>>;
}

/** A newest human turn with what is known of it. Read once, kept beside the answer. */
export interface Question {
  readonly turn: Turn;
  /** Of the static stage. */
  readonly vector: Float32Array;
  /** Of the full stage, once it was asked. */
  full?: Float32Array;
}

/** `why`: the guard that saw a difference; `cosine` or `score` where too little is alike; `second_look` where nobody could look. */
export interface Verdict {
  readonly same: boolean;
  readonly why: string;
  /** Of the static stage's vectors. */
  readonly cosine: number;
  /** In [0,1], where it was worked out. */
  readonly score?: number;
}

export interface Look {
  readonly deadlineMs: number;
  readonly domain?: string;
  readonly abort?: AbortSignal;
}

export interface Sameness {
  /** @param vector of the static stage, where the caller has it */
  read(text: string, deadlineMs: number, vector?: Float32Array): Promise<Question>;
  /** Whether the answer to `stored` answers `asked`. Never rejects for want of time: then the two are not the same. */
  decide(stored: Question, asked: Question, look: Look): Promise<Verdict>;
  /** What a decision is made of, for fitting: why not, or the numbers. */
  inspect(stored: Question, asked: Question, look: Look): Promise<Inspection>;
}

export type Inspection =
  | { readonly why: string; readonly cosine: number }
  | { readonly features: Float64Array; readonly cosine: number };

/** Below this nothing else is looked at: paraphrases of the learn families lie above it. */
const LEAST_COSINE = 0.3;
/** Without a second look only this much alike, and word by word the same, will do. */
const ALONE = 0.95;

export const DEFAULT_THRESHOLD = MODEL.threshold;

export function createSameness(options: SamenessOptions, meaning: Meaning): Sameness {
  const words = thesaurus();
  const threshold = options.threshold ?? DEFAULT_THRESHOLD;
  const looksTwice = meaning.hasFullStage && meaning.version === MODEL.encoder;
  const least = ({ domain }: Look) => (domain === undefined ? undefined : options.thresholds?.[domain]) ?? threshold;

  async function inspect(stored: Question, asked: Question, look: Look, needed: number): Promise<Inspection> {
    const [a, b] = [stored.turn, asked.turn];
    const cosine = dot(stored.vector, asked.vector);
    if (!a.isWhole || !b.isWhole) return { why: "length", cosine };
    if (cosine < LEAST_COSINE) return { why: "cosine", cosine };
    if (isStatement(a) || isStatement(b)) return { why: "statement", cosine };
    const difference = firstDifference(a, b);
    if (difference !== undefined) return { why: difference, cosine };
    const comparison = compare(a, b, words);
    if (!looksTwice) return { why: isAlikeAlone(comparison, cosine) ? "" : "second_look", cosine };
    // At best the second look finds no difference at all: where that is not enough, it is spared.
    const best = scoreOf(featuresOf(a, b, comparison, { fast: cosine, full: 1, left: 1 }));
    if (best < needed) return { why: "score", cosine };
    const cosines = await secondLook(meaning, [stored, asked], comparison, look);
    if (cosines === undefined) return { why: "second_look", cosine };
    return { features: featuresOf(a, b, comparison, { fast: cosine, ...cosines }), cosine };
  }

  return {
    async read(text, deadlineMs, vector) {
      return { turn: readTurn(text), vector: vector ?? (await meaning.encode(text, deadlineMs)).vector };
    },
    async decide(stored, asked, look) {
      if (stored.turn.text.trim() === asked.turn.text.trim() && stored.turn.isWhole) {
        return { same: true, why: "text", cosine: 1, score: 1 };
      }
      const found = await inspect(stored, asked, look, least(look));
      if ("why" in found) return { same: found.why === "", ...found };
      const score = scoreOf(found.features);
      return { same: score >= least(look), why: "score", cosine: found.cosine, score };
    },
    inspect: (stored, asked, look) => inspect(stored, asked, look, 0),
  };
}

const LEFT_ON_BOTH = FEATURES.indexOf("left over on both");
/**
 * Added to the model's logit. Where both questions say something that the other does not, one thing may stand in place
 * of another: a store has many more of these than pairs show. Chosen on the learn families.
 */
const CAUTION = { both: -0.772, otherwise: 0.429 } as const;

/** The logistic model's word, with caution, in [0,1]. */
function scoreOf(features: Float64Array): number {
  let logit = MODEL.bias + (features[LEFT_ON_BOTH] === 1 ? CAUTION.both : CAUTION.otherwise);
  for (const [at, weight] of MODEL.weights.entries()) logit += weight * features[at]!;
  return 1 / (1 + Math.exp(-logit));
}

const isAlikeAlone = ({ leftOurs, leftTheirs }: Comparison, cosine: number): boolean =>
  cosine >= ALONE && leftOurs === "" && leftTheirs === "";

async function secondLook(
  meaning: Meaning,
  questions: readonly [Question, Question],
  { leftOurs, leftTheirs }: Comparison,
  { deadlineMs, abort }: Look,
): Promise<Pick<Cosines, "full" | "left"> | undefined> {
  const read = async (text: string) => (await meaning.refine(text, deadlineMs, abort)).vector;
  const whole = async (question: Question) => (question.full ??= await read(question.turn.text));
  const hasBoth = leftOurs !== "" && leftTheirs !== "";
  try {
    const [one, other, ours, theirs] = await Promise.all([
      whole(questions[0]),
      whole(questions[1]),
      hasBoth ? read(leftOurs) : undefined,
      hasBoth ? read(leftTheirs) : undefined,
    ]);
    return { full: dot(one, other), left: ours && theirs ? dot(ours, theirs) : 0 };
  } catch (error) {
    if (error instanceof EncoderError) return undefined;
    throw error;
  }
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}

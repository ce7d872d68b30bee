import { isOfNow } from "../../cache/guards/now.ts";
import { createSameness, type Inspection, type Question, type SamenessOptions } from "../../cache/same.ts";
import type { MeasuredEncoder } from "../reader.ts";
import type { Pair } from "./pairs.ts";

/** What became of one pair, by the cache and by what is common elsewhere. */
export interface Judged {
  readonly pair: Pair;
  /** The guard or the stage that refused; `now` for questions that are not cached at all; `score` where it came to that. */
  readonly why: string;
  /** In [0,1]; 0 where it was refused before. */
  readonly score: number;
  readonly isServed: boolean;
  /** Of the static stage, and of the full one where the encoder has one. */
  readonly cosine: number;
  readonly fullCosine: number | undefined;
  readonly isExact: boolean;
}

export interface Judge {
  judge(pair: Pair): Promise<Judged>;
  /** What the model that decides was given, for fitting it. */
  inspect(pair: Pair): Promise<Inspection>;
}

/** What is measured is the decision and not the deadline. */
const PATIENCE_MS = 60_000;
const LOOK = { deadlineMs: PATIENCE_MS };
/** Questions that are kept, for the same text often stands in several pairs. */
const KEPT = 4_096;

/** A question, and its vector by the full stage where the encoder has one. */
interface Seen {
  readonly question: Question;
  readonly full: Float32Array | undefined;
}

/** Decides as a server would, the same way and order. Errors: EncoderError where the encoder is broken or closed. */
export function createJudge(encoder: MeasuredEncoder, options: SamenessOptions = {}): Judge {
  const sameness = createSameness(options, encoder);
  const see = createShelf(async (text): Promise<Seen> => {
    const question = await sameness.read(text, PATIENCE_MS);
    const full = encoder.hasFullStage ? (await encoder.refine(text, PATIENCE_MS)).vector : undefined;
    return { question, full };
  });
  const read = createShelf((text) => sameness.read(text, PATIENCE_MS));
  return {
    async judge(pair) {
      const [a, b] = await Promise.all([see(pair.a), see(pair.b)]);
      const [isExact, isNow] = [pair.a === pair.b, isOfNow(pair.a) || isOfNow(pair.b)];
      const verdict = await sameness.decide(a.question, b.question, LOOK);
      return {
        pair,
        why: isNow ? "now" : verdict.why,
        score: isNow ? 0 : (verdict.score ?? 0),
        isServed: verdict.same && !isNow,
        cosine: dot(a.question.vector, b.question.vector),
        fullCosine: a.full && b.full && dot(a.full, b.full),
        isExact,
      };
    },
    inspect: async (pair) => sameness.inspect(await read(pair.a), await read(pair.b), LOOK),
  };
}

function createShelf<T>(make: (text: string) => Promise<T>): (text: string) => Promise<T> {
  const kept = new Map<string, Promise<T>>();
  return (text) => {
    const known = kept.get(text);
    if (known !== undefined) return known;
    const making = make(text);
    kept.set(text, making);
    if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
    return making;
  };
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}

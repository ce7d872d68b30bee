import { isOfNow } from "../../cache/guards/now.ts";
import {
  createSameness,
  type Inspection,
  type Question,
  type Sameness,
  type SamenessOptions,
} from "../../cache/same.ts";
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

/** Decides as a server would, the same way and order. Errors: EncoderError where the encoder is broken or closed. */
export function createJudge(encoder: MeasuredEncoder, options: SamenessOptions = {}): Judge {
  const sameness = createSameness(options, encoder);
  const read = createShelf(sameness);
  return {
    async judge(pair) {
      const [a, b] = [await read(pair.a), await read(pair.b)];
      const [isExact, isNow] = [pair.a === pair.b, isOfNow(pair.a) || isOfNow(pair.b)];
      if (encoder.hasFullStage) await Promise.all([a, b].map((question) => fill(encoder, question)));
      const verdict = await sameness.decide(a, b, LOOK);
      return {
        pair,
        why: isNow ? "now" : verdict.why,
        score: isNow ? 0 : (verdict.score ?? 0),
        isServed: verdict.same && !isNow,
        cosine: dot(a.vector, b.vector),
        fullCosine: a.full && b.full && dot(a.full, b.full),
        isExact,
      };
    },
    inspect: async (pair) => sameness.inspect(await read(pair.a), await read(pair.b), LOOK),
  };
}

async function fill(encoder: MeasuredEncoder, question: Question): Promise<void> {
  question.full ??= (await encoder.refine(question.turn.text, PATIENCE_MS)).vector;
}

function createShelf(sameness: Sameness): (text: string) => Promise<Question> {
  const kept = new Map<string, Promise<Question>>();
  return (text) => {
    const known = kept.get(text);
    if (known !== undefined) return known;
    const reading = sameness.read(text, PATIENCE_MS);
    kept.set(text, reading);
    if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
    return reading;
  };
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}

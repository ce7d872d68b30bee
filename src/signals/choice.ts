import { z } from "zod";
import type { Alternative, Prompt, Reading } from "../contracts.ts";
import type { LoadedEncoder } from "../inference/create.ts";
import { EncoderError, type Encoding, type Prediction } from "../inference/encoder.ts";
import type { EncodedPrompts } from "./encoded.ts";
import { after } from "./later.ts";
import { scoresOption, type ScoreTable } from "./options.ts";
import type { Look, Pace, Signal } from "./signal.ts";

/** What is less likely than this is dropped: fourteen labels of which one counts are one label. */
const TAIL = 0.02;
/** What a second look would say of the label that it found: its share, the rest keeping theirs. */
const SURE = 0.8;
/** Labels less likely than this are no alternative worth a look. */
const UNLIKELY = 0.05;

const MOST_LABELS = 1000;

/** Score in [0,1] per label of a head and per model or tier. */
export const labelScoresOption = z
  .record(z.string().min(1).max(128), scoresOption)
  .refine((table) => Object.keys(table).length <= MOST_LABELS, `at most ${MOST_LABELS} labels`);

interface Head {
  readonly signal: string;
  readonly head: string;
  readonly deadlineMs: number;
  readonly scores: ScoreTable;
}

/**
 * A signal that is one head of the encoder, of which one label holds. A reading for each label that is not improbable:
 * `score` is its probability among those, `confidence`, the same for all, the probability of the likeliest, which is
 * calibrated. Abstains where the head knows too little of such text.
 * @throws EncoderError where the encoder has no such head, or the head no label that the scores name
 */
export function createChoice({ signal, head, deadlineMs, scores }: Head, encoded: EncodedPrompts): Signal {
  const { encoder } = encoded;
  checkHead({ signal, head, scores }, encoder);
  const turnOf = encoded.turnWithin(deadlineMs);
  const look = (encoding: Encoding): Look => {
    const prediction = trusted(encoding, head, encoder);
    return { readings: prediction ? readingsOf(prediction) : [], stage: encoding.stage };
  };
  return {
    name: signal,
    deadlineMs,
    fast(prompt: Prompt, pace: Pace): Look | Promise<Look> {
      if (prompt.turn.trim() === "") return { readings: [] };
      if (pace.spent()) return { readings: [], unread: true };
      return after(turnOf(prompt), look);
    },
    ...(encoded.looksAgain && {
      refine: async (prompt, abort) => look(await encoded.again(prompt, abort)),
      alternatives(prompt) {
        const encoding = encoded.turnNow(prompt);
        const prediction = encoding && trusted(encoding, head, encoder);
        return prediction ? alternativesOf(prediction) : [];
      },
    }),
  };
}

function checkHead({ signal, head, scores }: Omit<Head, "deadlineMs">, { labels }: LoadedEncoder): void {
  const known = Object.hasOwn(labels, head) ? labels[head] : undefined;
  if (known === undefined) {
    throw new EncoderError(
      "model",
      `The signal ${signal} needs a head called ${head}, and this encoder has none: switch signals.${signal} off, or give the encoder such a head.`,
    );
  }
  const stranger = Object.keys(scores).find((label) => !known.includes(label));
  if (stranger !== undefined) {
    throw new EncoderError(
      "model",
      `signals.${signal}.scores: the head ${head} has no label "${stranger}". Its labels: ${known.join(", ")}.`,
    );
  }
}

/** The head's answer where it knows such text; undefined where it has nothing to say. */
export function trusted({ stage, heads }: Encoding, head: string, encoder: LoadedEncoder): Prediction | undefined {
  const prediction = heads[head];
  const least = encoder.abstainBelow[head]?.[stage] ?? 0;
  return prediction && prediction.known >= least ? prediction : undefined;
}

/** Those that are not improbable, as shares of one, the likeliest first. */
function readingsOf({ probabilities }: Prediction): Reading[] {
  const likely = Object.entries(probabilities).filter(([, probability]) => probability >= TAIL);
  const sum = likely.reduce((total, [, probability]) => total + probability, 0);
  const confidence = Math.max(0, ...likely.map(([, probability]) => probability));
  return likely
    .map(([label, probability]) => ({ label, score: probability / sum, confidence }))
    .sort((a, b) => b.score - a.score || (a.label < b.label ? -1 : 1));
}

function alternativesOf(prediction: Prediction): Alternative[] {
  return sharpened(prediction).map(({ probability, prediction: sharp }) => ({
    probability,
    readings: readingsOf(sharp),
  }));
}

/** For each likely label, the head's answer as it would be if that label were found to be the right one. */
export function sharpened({ probabilities, known }: Prediction): { probability: number; prediction: Prediction }[] {
  return Object.entries(probabilities)
    .filter(([, probability]) => probability >= UNLIKELY)
    .map(([right, probability]) => {
      const rest = probability < 1 ? (1 - SURE) / (1 - probability) : 0;
      const sharp = Object.entries(probabilities).map(([label, own]) => [label, label === right ? SURE : own * rest]);
      return { probability, prediction: { probabilities: Object.fromEntries(sharp), known } };
    });
}

import { z } from "zod";
import type { Alternative, Prompt, Reading } from "../contracts.ts";
import type { Encoding, Stage } from "../inference/encoder.ts";
import type { EncodedPrompts } from "./encoded.ts";
import { after } from "./later.ts";
import type { Likeness } from "./likeness.ts";
import {
  deadlineOption,
  labelOption,
  pinOption,
  scoresOption,
  type ScoreTable,
  TURN_MS,
  weightOption,
} from "./options.ts";
import type { Look, Pace, Signal, Tools } from "./signal.ts";
import { learnSpace } from "./space.ts";

/** Examples of all routes together: each is read at the start, and compared with at every prompt. */
const MOST_EXAMPLES = 2000;
const MOST_ROUTES = 100;

const route = z.strictObject({
  label: labelOption.describe("What is read when a prompt is like the examples"),
  examples: z
    .array(z.string().trim().min(1).max(2000))
    .min(1)
    .max(500)
    .describe("Prompts that belong to it, as clients write them; one is enough, ten are better"),
  threshold: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe("Probability from which the label is read; learned from the examples when absent"),
  scores: scoresOption.optional().describe("Score in [0,1] per model or tier when the label is read"),
  pin: pinOption.optional().describe("The model, tier or route that answers when the label is read"),
});

export const embeddingOptions = z
  .strictObject({
    weight: weightOption(0.4),
    deadline_ms: deadlineOption(TURN_MS),
    routes: z.array(route).max(MOST_ROUTES).default([]).describe("What prompts may be like, told by examples"),
  })
  .superRefine(({ routes }, context) => {
    const sum = routes.reduce((total, { examples }) => total + examples.length, 0);
    if (sum > MOST_EXAMPLES) {
      const message = `all routes together have more than ${MOST_EXAMPLES} examples`;
      context.addIssue({ code: "custom", path: ["routes"], message });
    }
    for (const [index, { label }] of routes.entries()) {
      if (routes.findIndex((other) => other.label === label) < index) {
        const message = `another route has the label ${label} already: give it all the examples`;
        context.addIssue({ code: "custom", path: ["routes", index, "label"], message });
      }
    }
  })
  .describe("Prompts like your examples, whatever their words: they vote, or pin a model, tier or route");

export type EmbeddingOptions = z.output<typeof embeddingOptions>;
type Route = EmbeddingOptions["routes"][number];

/** Score per label and per model or tier, for the routes that give any. */
export function embeddingScores({ routes }: EmbeddingOptions): ScoreTable {
  return Object.fromEntries(routes.flatMap(({ label, scores }) => (scores === undefined ? [] : [[label, scores]])));
}

/** With no routes there is nothing to compare with. */
export function embeddingLearns({ routes }: EmbeddingOptions): boolean {
  return routes.length > 0;
}

/**
 * Reads what the newest human turn is like. A reading for each label whose probability reaches its threshold, the
 * likeliest first: `score` and `confidence` are that probability. The likeliest one that has a pin gives it. Abstains
 * where nothing is near. Examples are embedded, and what they teach is learned, before the promise resolves.
 * @throws EncoderError where the examples cannot be embedded
 */
export async function createEmbedding(options: EmbeddingOptions, { encoded }: Tools): Promise<Signal> {
  const { routes, deadline_ms: deadlineMs } = options;
  if (!encoded || !embeddingLearns(options)) return { name: "embedding", deadlineMs, fast: () => ({ readings: [] }) };
  const turnOf = encoded.turnWithin(deadlineMs);
  const spaces = await learnSpaces(routes, encoded);
  const look = ({ stage, vector }: Encoding): Look => {
    const { of, thresholds } = spaces[stage]!;
    return { readings: readingsOf(routes, of(vector), thresholds), stage };
  };
  return {
    name: "embedding",
    deadlineMs,
    fast(prompt: Prompt, pace: Pace): Look | Promise<Look> {
      if (prompt.turn.trim() === "") return { readings: [] };
      if (pace.spent()) return { readings: [], unread: true };
      return after(turnOf(prompt), look);
    },
    ...(spaces.full && {
      refine: async (prompt, abort) => look(await encoded.again(prompt, abort)),
      alternatives(prompt) {
        const encoding = encoded.turnNow(prompt);
        return encoding ? alternativesOf(routes, spaces.static.of(encoding.vector), spaces.static.thresholds) : [];
      },
    }),
  };
}

type Spaces = { readonly static: Likeness } & Readonly<Partial<Record<Stage, Likeness>>>;

async function learnSpaces(routes: readonly Route[], { encoder, looksAgain }: EncodedPrompts): Promise<Spaces> {
  return {
    static: await learnSpace(encoder, "static", routes),
    ...(looksAgain && { full: await learnSpace(encoder, "full", routes) }),
  };
}

function readingsOf(
  routes: readonly Route[],
  probabilities: readonly number[],
  thresholds: readonly number[],
): Reading[] {
  const read = [...routes.entries()]
    .filter(([index]) => probabilities[index]! >= thresholds[index]!)
    .sort(([a], [b]) => probabilities[b]! - probabilities[a]! || a - b);
  const pinning = read.find(([, { pin }]) => pin !== undefined)?.[1];
  return read.map(([index, route]) => {
    const { label, pin } = route;
    const reading = { label, score: probabilities[index]!, confidence: probabilities[index]! };
    return pin !== undefined && route === pinning ? { ...reading, pin } : reading;
  });
}

/** Routes that are this sure, either way, are not in doubt; of those in doubt the likeliest matter. */
const CLEAR = 0.05;
const MOST_DOUBTS = 3;
/** What a second look would say of a route that it found. */
const FOUND = 0.9;

/** The readings with one route in doubt found, or no longer found. */
function alternativesOf(
  routes: readonly Route[],
  probabilities: readonly number[],
  thresholds: readonly number[],
): Alternative[] {
  return [...probabilities.entries()]
    .filter(([, probability]) => probability > CLEAR && probability < 1 - CLEAR)
    .sort(([, a], [, b]) => b - a)
    .slice(0, MOST_DOUBTS)
    .map(([index, probability]) => {
      const isRead = probability >= thresholds[index]!;
      const other = probabilities.with(index, isRead ? -1 : Math.max(FOUND, thresholds[index]!));
      return { probability: isRead ? 1 - probability : probability, readings: readingsOf(routes, other, thresholds) };
    });
}

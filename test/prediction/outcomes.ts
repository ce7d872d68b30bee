import type { OutcomeRow } from "../../src/outcomes/outcome.ts";
import type { EncodedRow } from "../../src/prediction/fit.ts";
import { seeded } from "../../src/statistics/sample.ts";
import { memoryEncoder } from "../rig/encoder.ts";

const encoder = memoryEncoder();
export const ENCODER_VERSION = encoder.version;

/** The vector of a short text, by an encoder without weights. */
export function vectorOf(text: string): Float32Array {
  const encoding = encoder.encode(text, 1000);
  if (encoding instanceof Promise) throw new Error("the text is too long to be read at once");
  return encoding.vector;
}

const TOPICS = {
  algebra: ["equation", "matrix", "polynomial", "root", "integer", "factor"],
  verse: ["poem", "rhyme", "stanza", "sonnet", "metre", "ballad"],
} as const;
const FILLER = ["please", "give", "the", "best", "answer", "about", "some", "other", "thing", "here", "today", "now"];

export type Topic = keyof typeof TOPICS;

/** Two models: each is right nine times in ten on its own topic, and three times in ten on the other's. */
export const MODELS = ["algebraist", "poet"] as const;
const GOOD = { algebra: [0.9, 0.3], verse: [0.3, 0.9] } as const;
const TOKENS = { algebra: [400, 50], verse: [60, 300] } as const;

export function textOn(topic: Topic, random: () => number): string {
  const pick = (words: readonly string[]) => words[Math.floor(random() * words.length)]!;
  return Array.from({ length: 14 }, (_, at) => (at % 4 === 2 ? pick(TOPICS[topic]) : pick(FILLER))).join(" ");
}

/** Rows that follow the rule, half of each topic. */
export function rowsOf(count: number, seed = 1): OutcomeRow[] {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, at) => {
    const topic: Topic = at % 2 === 0 ? "algebra" : "verse";
    return {
      id: String(at),
      text: textOn(topic, random),
      scores: Float64Array.from(GOOD[topic], (chance) => Number(random() < chance)),
      inputTokens: 20,
      outputTokens: Float64Array.from(TOKENS[topic], (tokens) => tokens * (0.8 + 0.4 * random())),
      category: topic,
    };
  });
}

export const encodedOf = (rows: readonly OutcomeRow[]): EncodedRow[] =>
  rows.map((row) => ({ row, vector: vectorOf(row.text) }));

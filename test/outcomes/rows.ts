import { seeded } from "../../src/statistics/sample.ts";
import type { Pool } from "../../src/outcomes/table.ts";
import { lessonOf } from "../../src/outcomes/policies/lesson.ts";
import type { Lesson, Shown } from "../../src/outcomes/policies/policy.ts";

export const pool = (models: readonly string[]): Pool => ({
  models,
  at: Int32Array.from(models, (_, at) => at),
  prices: models.map((_, at) => ({ input: at + 1, output: at + 1 })),
  speeds: models.map(() => ({ ttftMs: 100, msPerToken: 10 })),
  lengths: "recorded",
});

export interface Told {
  readonly scores: readonly number[];
  readonly costs?: readonly number[];
  readonly vector?: readonly number[];
  readonly domain?: readonly number[];
  readonly text?: string;
  readonly category?: string;
}

export function shown({ scores, costs, vector = [1, 0], domain = [1, 0], text = "text", category }: Told): Shown {
  return {
    seen: {
      text,
      inputTokens: text.length / 4,
      vector: Float32Array.from(vector),
      features: Float32Array.from(vector),
      domain: Float32Array.from(domain),
    },
    outcomes: {
      inputTokens: text.length / 4,
      scores: Float32Array.from(scores),
      costs: Float32Array.from(costs ?? scores.map((_, at) => at + 1)),
      tokens: new Float32Array(scores.length).fill(10),
      latencies: new Float32Array(scores.length).fill(100),
      isLatencyRecorded: false,
    },
    ...(category !== undefined && { category }),
  };
}

export const lesson = (models: readonly string[], rows: readonly Shown[]): Lesson => lessonOf(pool(models), rows, 1);

/** Two subjects: the cheap model is right in the first, the dear one in the second. The vector tells which, with noise. */
export function twoSubjects(count: number, seed = 3): Shown[] {
  const draw = seeded(seed);
  return Array.from({ length: count }, () => {
    const second = draw() < 0.5;
    const angle = (second ? Math.PI / 2 : 0) + (draw() - 0.5) / 2;
    return shown({
      scores: [second ? 0 : 1, second ? 1 : 0.5],
      vector: [Math.cos(angle), Math.sin(angle), draw() / 10],
      domain: second ? [0.1, 0.9] : [0.8, 0.2],
      text: second ? "x".repeat(90) : "x".repeat(20),
      category: second ? "second" : "first",
    });
  });
}

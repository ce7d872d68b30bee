import { seeded } from "../../src/statistics/sample.ts";

/** Words that tell rows apart, and nothing else. */
const FILLER = ["red", "green", "blue", "table", "river", "stone", "cloud", "paper", "glass", "train"];

export interface OutcomeLine {
  readonly id: string;
  readonly prompt: string;
  readonly scores: Readonly<Record<string, number>>;
  readonly input_tokens: number;
  readonly output_tokens: Readonly<Record<string, number>>;
  readonly category: string;
}

/**
 * Rows of two subjects that the tests' encoder can tell: the small model is right about mathematics and seldom about
 * law, the large one about both, and it says more.
 */
export function outcomeLines(count: number, seed = 7): OutcomeLine[] {
  const draw = seeded(seed);
  const word = () => FILLER[Math.floor(draw() * FILLER.length)]!;
  return Array.from({ length: count }, (_, at) => {
    const category = draw() < 0.5 ? "math" : "law";
    const prompt = `${category === "math" ? "an equation, an integral" : "a contract, a lawsuit"} ${word()} ${word()} ${word()}`;
    const right = (odds: number) => Number(draw() < odds);
    return {
      id: `row-${at}`,
      prompt,
      scores: { small: right(category === "math" ? 0.9 : 0.2), large: right(0.9) },
      input_tokens: 20,
      output_tokens: { small: 50, large: 100 },
      category,
    };
  });
}

export const asText = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** USD per million tokens. */
export const PRICES = { small: { input: 1, output: 1 }, large: { input: 10, output: 10 } };

import type { Answer, Asked } from "../../src/cascade/answer.ts";
import { type Case, createCase } from "../../src/cascade/case.ts";
import { cascadeRow, type CascadeRow } from "../../src/cascade/rows.ts";
import type { GateTools } from "../../src/cascade/gate.ts";
import { seeded } from "../../src/statistics/sample.ts";

/** An answer to be judged, with others to the same. */
export const judged = (
  text: string,
  about: Partial<Asked> & { answer?: Partial<Answer>; others?: readonly string[] } = {},
): Case => {
  const { answer, others = [], ...asked } = about;
  return createCase(
    { turn: "What is 6 times 7?", ...asked },
    { text, ...answer },
    others.map((other) => ({ text: other })),
  );
};

/** Asks nobody: whatever is asked, these are the replies, one after the other; then nothing. */
export function replying(
  ...replies: readonly (string | ((mark: string) => string))[]
): GateTools & { readonly asked: string[] } {
  const left = [...replies];
  const asked: string[] = [];
  return {
    asked,
    mark: () => "k7f3q",
    ask: async ({ system, user }) => {
      asked.push(`${system}\n${user}`);
      const reply = left.shift();
      return reply === undefined ? {} : { text: typeof reply === "string" ? reply : reply("k7f3q") };
    },
  };
}

/**
 * Recorded rows of two cheap models and a strong one: a cheap model that is wrong takes much back and says another
 * number than the other one.
 */
export function recordedRows(count: number, seed = 7): CascadeRow[] {
  const draw = seeded(seed);
  return Array.from({ length: count }, (_, at) => {
    const right = [draw() < 0.6, draw() < 0.75, draw() < 0.9].map(Number);
    const answers = [0, 1].map((model) => {
      const says = right[model] === 1 ? 42 : 40 - model - Math.floor(draw() * 9);
      const way = right[model] === 1 || draw() < 0.2 ? "It follows" : "However, wait, there was a mistake, so it seems";
      return { text: `${way} {"reasoning":"6 groups of 7","answer":"${says}"}` };
    });
    return cascadeRow(
      `row-${at}`,
      { asked: { turn: `What is ${at} of 7?` }, answers },
      { right: Uint8Array.from(right), costs: Float64Array.of(0.01, 0.05, 1) },
    );
  });
}

import type { Case } from "./case.ts";
import { dot } from "./features.ts";
import { isSame } from "./final-answer.ts";
import type { Gate, Verdict } from "./gate.ts";

/** Where two models come to the same, it is seldom wrong; where they do not, one of them is. */
const AGREED = 0.95;
const DISAGREED = 0.3;
/** Cosine from which texts mean the same, and below which they have little to do with each other. */
const ALIKE = 0.95;
const UNLIKE = 0.5;

/**
 * Compares with the other answers: by what they come to, where each comes to something that can be told, and by their
 * meaning elsewhere.
 */
export const agreement: Gate = { name: "agreement", judge: compared };

function compared({ answer, others, final, finalsOfOthers }: Case): Verdict | undefined {
  const stated = finalsOfOthers.filter(({ value }) => value !== "");
  if (final.value !== "" && stated.length > 0) {
    return stated.some((other) => isSame(final, other))
      ? { good: AGREED, says: "another model comes to the same" }
      : { good: DISAGREED, says: "other models come to something else" };
  }
  const likeness = others.flatMap(({ vector }) => (vector && answer.vector ? [dot(answer.vector, vector)] : []));
  if (likeness.length === 0) return undefined;
  const most = Math.max(...likeness);
  const share = Math.min(1, Math.max(0, (most - UNLIKE) / (ALIKE - UNLIKE)));
  return { good: DISAGREED + share * (AGREED - DISAGREED), says: `another model means the same to ${most.toFixed(2)}` };
}

import { finalAnswer, isSame } from "./final-answer.ts";
import { readable } from "./case.ts";
import type { Gate } from "./gate.ts";

export interface ConsistencyOptions {
  /** The model that is asked again: the one that answered. */
  readonly model: string;
  /** How often. */
  readonly samples: number;
  readonly maxOutputTokens: number;
  readonly deadlineMs: number;
  readonly internalOnly: boolean;
}

/** Asks the same model again, `samples` times side by side: what it is sure of, it says each time. */
export function createConsistency({ samples, ...question }: ConsistencyOptions): Gate {
  return {
    name: "consistency",
    async judge({ asked, final }, { ask }) {
      if (final.value === "") return undefined;
      const again = { ...question, system: "", user: asked.turn };
      const replies = await Promise.all(Array.from({ length: samples }, () => ask(again)));
      const finals = replies.flatMap(({ text }) => (text === undefined ? [] : [finalAnswer(readable(text))]));
      if (finals.length === 0) return undefined;
      const same = finals.filter((other) => isSame(final, other)).length;
      // As if one more sample had agreed and one had not: a few samples prove little.
      return {
        good: (same + 1) / (finals.length + 2),
        says: `asked again, the model came to the same ${same} of ${finals.length} times`,
      };
    },
  };
}

import type { Ask } from "../contracts.ts";
import type { Case } from "./case.ts";

/** What a gate thinks of an answer. `says` is a sentence without a word of the answer or of what was asked. */
export interface Verdict {
  /** In [0,1]: probability that the answer is good enough. */
  readonly good: number;
  readonly says: string;
}

/** What a gate that asks models does it with. */
export interface GateTools {
  readonly ask: Ask;
  /** A word that nobody can guess, another one each time. */
  readonly mark: () => string;
}

/**
 * One way of judging an answer. Undefined where it has nothing to tell by: no log-probabilities, no second answer, no
 * word from the model that was asked. Those that ask nobody answer at once, in well under a millisecond for 2 KB.
 */
export interface Gate {
  readonly name: string;
  judge(matter: Case, tools: GateTools): Verdict | undefined | Promise<Verdict | undefined>;
}

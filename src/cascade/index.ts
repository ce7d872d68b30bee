import { agreement } from "./agreement.ts";
import { type ConsistencyOptions, createConsistency } from "./consistency.ts";
import type { Gate } from "./gate.ts";
import { heuristics } from "./heuristics.ts";
import { createLearned } from "./learned.ts";
import type { Chance } from "./linear.ts";
import { logprobs } from "./logprobs.ts";
import { createVerifier, type VerifierOptions } from "./verifier.ts";

/** The gates there are, and what each is made with. Adding one: its file, a line here, its test. */
export const GATES = {
  heuristics: () => heuristics,
  logprobs: () => logprobs,
  agreement: () => agreement,
  consistency: (options: ConsistencyOptions) => createConsistency(options),
  verifier: (options: VerifierOptions) => createVerifier(options),
  learned: (chance: Chance) => createLearned(chance),
} satisfies Readonly<Record<string, (options: never) => Gate>>;

import type { Case } from "./case.ts";
import { sureness } from "./features.ts";
import type { Gate, Verdict } from "./gate.ts";

/** How sure the model was of what it said: the probability of its least sure tenth of tokens, in the geometric mean. */
export const logprobs: Gate = { name: "logprobs", judge: told };

function told({ answer }: Case): Verdict | undefined {
  const known = answer.logprobs?.filter((value) => value <= 0);
  if (known === undefined || known.length === 0) return undefined;
  const { "log.mean": mean, "log.least": least, "log.tail": tail } = sureness(known);
  const [all, one, tenth] = [mean, least, tail].map((value) => Math.exp(value).toFixed(2));
  return {
    good: Math.exp(tail),
    says: `its tokens have probability ${all}, the least sure tenth of them ${tenth}, the least sure one ${one}`,
  };
}

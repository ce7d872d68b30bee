import { CONTRASTS } from "./contrasts.ts";
import type { Guard } from "./guard.ts";
import { once } from "./once.ts";
import type { Turn } from "./turn.ts";

/** "Sweeter than" says more of it: "less sweet than" does not. */
const RISEN = /^\p{L}{2,}er$/u;
/** "Less bitter than": the word itself says nothing of a degree. */
const DEGREES = new Set(["less", "fewer", "more"]);
const MORE = CONTRASTS.get("more") ?? [];

/** By line of contrasts, which of its words the turn has, as bits. */
const sidesOf = once(({ tokens }: Turn): ReadonlyMap<number, number> => {
  const sides = new Map<number, number>();
  for (const [at, { text }] of tokens.entries()) {
    const isMore = RISEN.test(text) && tokens[at + 1]?.text === "than" && !DEGREES.has(tokens[at - 1]?.text ?? "");
    for (const [line, side] of [...(CONTRASTS.get(text) ?? []), ...(isMore ? MORE : [])])
      sides.set(line, (sides.get(line) ?? 0) | (1 << side));
  }
  return sides;
});

/** "Largest" beside "smallest", "before" beside "after", "buy" beside "sell". One that has both is like one that has both. */
export const comparison: Guard = {
  name: "comparison",
  differ(a, b) {
    const theirs = sidesOf(b);
    // Words that only one of the two has are for others to judge: these differ where each has one that the other lacks.
    return [...sidesOf(a)].some(([line, ours]) => {
      const other = theirs.get(line) ?? 0;
      return (ours & ~other) !== 0 && (other & ~ours) !== 0;
    });
  },
};

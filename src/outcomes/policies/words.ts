import { choosing, type Lesson, type Policy, type Seen } from "./policy.ts";

/** What speaks for a harder prompt and what for a simpler one, each a list of words, with its share of the score. */
const SIGNS: readonly (readonly [share: number, words: RegExp])[] = [
  [0.25, /\b(?:prove|derive|deduce|justify|step by step|rigorous(?:ly)?|trade-?offs?|optimal|why does|root cause)\b/gu],
  [0.2, /```|\b(?:def|function|class|import|select|async|compile|debug|refactor|regex|stack trace)\b/gu],
  [0.2, /\b(?:theorem|integral|matrix|eigenvalue|algorithm|protocol|molecul\w*|enzyme|statute|kernel|tensor)\b/gu],
  [0.15, /\b(?:first|then|after that|finally|next|also|moreover)\b|^\s*\d+[.)]/gmu],
  [-0.2, /\b(?:what is|who is|define|meaning of|hello|hi|thanks|capital of|when was|translate)\b/gu],
];
/** So many hits of one list are as good as any more. */
const ENOUGH_HITS = 2;
const LENGTH_SHARE = 0.2;
const SHORT_TOKENS = 15;
const LONG_TOKENS = 400;
const MOST_CHARACTERS = 20_000;

/** Scores above which the next tier answers. */
const EDGES = [0.1, 0.25, 0.45];

/** In [-0.2,1]: how hard a prompt looks by its words and its length. */
function hardness({ text, inputTokens }: Seen): number {
  const words = text.slice(0, MOST_CHARACTERS).toLowerCase();
  const length = Math.min(1, Math.max(0, (inputTokens - SHORT_TOKENS) / (LONG_TOKENS - SHORT_TOKENS)));
  return SIGNS.reduce((sum, [share, pattern]) => {
    const hits = words.match(pattern)?.length ?? 0;
    return sum + share * Math.min(1, hits / ENOUGH_HITS);
  }, LENGTH_SHARE * length);
}

/** The tiers are the models by cost. */
function tierOf({ byCost }: Pick<Lesson, "byCost">, step: number, steps: number): number {
  return byCost[Math.round((step * (byCost.length - 1)) / steps)]!;
}

export const keywordTiers: Policy = {
  name: "keyword_tiers",
  says: "four tiers by words and length that make a prompt look hard (LiteLLM's complexity router's way)",
  rule: "choices",
  learn: (lesson) => choosing(({ seen }) => keywordTier(lesson, seen)),
};

export function keywordTier(lesson: Pick<Lesson, "byCost">, seen: Seen): number {
  const score = hardness(seen);
  return tierOf(lesson, EDGES.filter((edge) => score > edge).length, EDGES.length);
}

/** Models by cost, each for as many prompts, the shortest to the cheapest. */
export function lengthTier(lesson: Lesson): (seen: Seen) => number {
  const lengths = lesson.rows.map(({ seen }) => seen.text.length).sort((a, b) => a - b);
  const { byCost } = lesson;
  const edges = byCost.slice(1).map((_, at) => lengths[Math.floor(((at + 1) * lengths.length) / byCost.length)] ?? 0);
  return ({ text }) => byCost[edges.filter((edge) => text.length > edge).length]!;
}

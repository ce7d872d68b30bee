import { type Guard, wordsIn } from "./guard.ts";
import { once } from "./once.ts";
import type { Turn } from "./turn.ts";

/** Words that say how an answer shall be: as long as this, for such a reader, in that form. */
const MANNERS: Readonly<Record<string, string>> = {
  short: "brief briefly concise concisely summary summarize summarise summarized tldr",
  long: "detail details detailed thorough thoroughly depth comprehensive elaborate",
  simple: "simple simply easy easily plain layman beginner beginners child kid eli5 dummies",
  expert: "expert experts engineer professional advanced technical",
  counted: "sentence sentences paragraph paragraphs word words bullet bullets line lines",
  form: "table json yaml markdown code poem haiku joke story example examples analogy diagram",
  well: "well efficiently effectively",
};
const manners = new Map<string, string>();
for (const [manner, list] of Object.entries(MANNERS)) for (const word of wordsIn(list)) manners.set(word, manner);

const DOES = new Set(wordsIn("do does did"));
const HOW = "how";

interface Manner {
  /** Of the answer that is wished for. */
  readonly wished: string;
  /** How something is done, why, or whether at all: "how does", "why does", "does". Undefined for any other question. */
  readonly asks: string | undefined;
}

const mannerOf = once(({ tokens, text }: Turn): Manner => {
  const wished = [...new Set(tokens.flatMap((token) => manners.get(token.text) ?? []))].toSorted().join(" ");
  return { wished, asks: asksFor(text) };
});

/** Of a question's first words. */
function asksFor(text: string): string | undefined {
  const words =
    text
      .slice(0, LOOKED_AT)
      .toLowerCase()
      .match(/[a-z']+/gu)
      ?.slice(0, 12) ?? [];
  if (words[0] === "where" || words[0] === "when") return words[0];
  if (words.includes("why") || words.join(" ").includes("how come")) return "why";
  if (words.some((word, at) => word === HOW && DOES.has(words[at + 1] ?? ""))) return HOW;
  return DOES.has(words[0] ?? "") && words[1] !== "you" && !words.includes(HOW) ? "whether" : undefined;
}
const LOOKED_AT = 200;

/** Whether the answers are to be of another kind: in one sentence, for a child, why instead of how. */
export const manner: Guard = {
  name: "manner",
  isDoubt: true,
  differ(a, b) {
    const [ours, theirs] = [mannerOf(a), mannerOf(b)];
    if (ours.wished !== theirs.wished) return true;
    return ours.asks !== undefined && theirs.asks !== undefined && ours.asks !== theirs.asks;
  },
};

import { type Guard, isSameSet } from "./guard.ts";
import { once } from "./once.ts";
import type { Turn } from "./turn.ts";

const SIGNS = new Set(["+", "-", "*", "×", "÷", "/", "=", "<", ">", "≤", "≥", "≠", "^", "√"]);
const SPOKEN: Readonly<Record<string, string>> = { plus: "+", minus: "-", "−": "-", "–": "-", "×": "*" };

const signsOf = once(({ tokens }: Turn): ReadonlySet<string> => {
  return new Set(
    tokens.flatMap(({ text }) => {
      const sign = Object.hasOwn(SPOKEN, text) ? SPOKEN[text]! : text;
      return SIGNS.has(sign) ? [sign] : [];
    }),
  );
});

/** An identifier: what no word of a language looks like. Its case counts. */
const IDENTIFIER = /_|\p{Ll}\p{Lu}|[\p{L}]\p{N}|[+#]$/u;

const identifiersOf = once(({ tokens }: Turn): ReadonlySet<string> => {
  return new Set(tokens.flatMap(({ raw, kind }) => (kind === "word" && IDENTIFIER.test(raw) ? [raw] : [])));
});

/** The same code between backticks, the same identifiers but for their case, and the same signs of sums. */
export const code: Guard = {
  name: "code",
  differ(a, b) {
    const isApart = (own: readonly string[], text: string) =>
      own.some((piece) => !text.replaceAll(/\s+/gu, " ").includes(piece));
    if (isApart(a.code, b.text) || isApart(b.code, a.text)) return true;
    if (!isSameSet(signsOf(a), signsOf(b))) return true;
    return lacks(identifiersOf(a), b) || lacks(identifiersOf(b), a);
  },
};

/** Fetch_Rows and fetch_rows are two; "iphone" and "iPhone" are one thing. */
function lacks(identifiers: ReadonlySet<string>, { tokens }: Turn): boolean {
  if (identifiers.size === 0) return false;
  const written = new Set(tokens.map(({ raw }) => raw));
  const folded = new Set(tokens.map(({ raw }) => raw.toLowerCase()));
  return [...identifiers].some((name) => !(name.includes("_") ? written.has(name) : folded.has(name.toLowerCase())));
}

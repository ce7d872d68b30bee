import { CONTRASTS } from "./contrasts.ts";
import { timeAt } from "./dates.ts";
import { amountsOf } from "./numbers.ts";
import { once } from "./once.ts";
import type { Thesaurus } from "./synonyms.ts";
import type { Token } from "./token.ts";
import type { Turn } from "./turn.ts";
import { unitNamed } from "./units.ts";

/** Words of two turns, matched. Positions are those of `tokens`. */
export interface Alignment {
  /** Of each token of the one that says something, where the other says it. */
  readonly pairs: readonly (readonly [ours: number, theirs: number])[];
  /** Tokens that say something and have no counterpart. */
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
  /** Pairs that are the same only by meaning, not by form. */
  readonly byMeaning: number;
}

/** More words than these are compared by form alone: meanings are looked up for each pair of what is left. */
const MOST_LOOKED_UP = 40;

/** Words that say something: not those that only hold a question together, nor signs. */
export const telling = once(({ tokens }: Turn): readonly number[] =>
  tokens.flatMap((token, at) => (isTelling(token) ? [at] : [])),
);

const isTelling = ({ isPlain, kind }: Token): boolean => kind !== "sign" && !isPlain;

export function align(a: Turn, b: Turn, words: Thesaurus): Alignment {
  const known = latest.get(a);
  if (known?.other === b) return known.alignment;
  const alignment = aligned(a, b, words);
  latest.set(a, { other: b, alignment });
  return alignment;
}

/** Several guards, and then the model, look at the same two one after the other. */
const latest = new WeakMap<Turn, { readonly other: Turn; readonly alignment: Alignment }>();

function aligned(a: Turn, b: Turn, words: Thesaurus): Alignment {
  const [left, right] = [telling(a), telling(b)];
  const pairs: (readonly [number, number])[] = [];
  const byForm = matched(a, b, left, right);
  pairs.push(...byForm.pairs);
  let { ours, theirs } = byForm;
  let byMeaning = 0;
  if (ours.length <= MOST_LOOKED_UP && theirs.length <= MOST_LOOKED_UP) {
    const taken = new Set<number>();
    ours = ours.filter((at) => {
      const found = theirs.find((other) => !taken.has(other) && isAlike(a.tokens[at]!, b.tokens[other]!, words));
      if (found === undefined) return true;
      taken.add(found);
      pairs.push([at, found]);
      byMeaning += 1;
      return false;
    });
    theirs = theirs.filter((at) => !taken.has(at));
  }
  const [saidHere, saidThere] = [said(a), said(b)];
  return {
    pairs,
    // What was said already may be left out, and numbers, units and dates are compared as such.
    ours: withoutRepeats(a, ours, saidThere),
    theirs: withoutRepeats(b, theirs, saidHere),
    byMeaning,
  };
}

/** Words by their stems, units and dates by their names. */
const said = once(
  ({ tokens }: Turn): ReadonlySet<string> =>
    new Set(tokens.flatMap(({ stem, text }, at) => [stem, unitNamed(text) ?? timeAt(tokens, at) ?? stem])),
);

function withoutRepeats(turn: Turn, left: readonly number[], there: ReadonlySet<string>): number[] {
  if (left.length === 0) return [];
  const numbers = new Set(
    amountsOf(turn).flatMap(({ from, to }) => Array.from({ length: to - from }, (_, at) => from + at)),
  );
  return left.filter((at) => {
    const { stem, text } = turn.tokens[at]!;
    const name = unitNamed(text) ?? timeAt(turn.tokens, at);
    return !numbers.has(at) && !there.has(stem) && (name === undefined || !there.has(name));
  });
}

/** Words of one stem, in the order in which they come. */
function matched(a: Turn, b: Turn, left: readonly number[], right: readonly number[]) {
  const places = new Map<string, number[]>();
  for (const at of right) {
    const { stem } = b.tokens[at]!;
    const own = places.get(stem);
    if (own) own.push(at);
    else places.set(stem, [at]);
  }
  const pairs: (readonly [number, number])[] = [];
  const next = new Map<string, number>();
  const ours = left.filter((at) => {
    const { stem } = a.tokens[at]!;
    const turn = next.get(stem) ?? 0;
    const place = places.get(stem)?.[turn];
    if (place === undefined) return true;
    next.set(stem, turn + 1);
    pairs.push([at, place]);
    return false;
  });
  const taken = new Set(pairs.map(([, place]) => place));
  return { pairs, ours, theirs: right.filter((at) => !taken.has(at)) };
}

/** Letters that two forms of one word share at least: "populated" and "population". */
const ROOT = 5;
/** What forms of one word end in; names of places that begin alike do not: Austria and Australia. */
const ENDINGS = new Set(
  `e ed er or ing ion ions ation ations ition ment ments al ally ly y ity ive ful ness ous ic ical ance ence ant ent able ible
  ist ism ers ors ar ary ory ize ise izing ising ization isation ened en ies ied age ure at ating ator s es
  ung ungen en t te ten lich er ig heit keit ción ciones ar ado ada ando ment ement tion er é ée és ant`.split(/\s+/),
);

function isAlike({ stem, text }: Token, other: Token, words: Thesaurus): boolean {
  if (words.isOpposite(stem, other.stem)) return false;
  if (words.isSame(stem, other.stem)) return true;
  // Degrees and directions have roots in common and are not the same.
  if (CONTRASTS.has(text) || CONTRASTS.has(other.text)) return false;
  let shared = 0;
  while (shared < stem.length && stem[shared] === other.stem[shared]) shared += 1;
  if (shared < ROOT) return false;
  const isForm = (word: string) => word.length === shared || ENDINGS.has(word.slice(shared));
  return isForm(stem) && isForm(other.stem);
}

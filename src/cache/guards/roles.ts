import { changesSides, isComparedRound, isPassive } from "./actors.ts";
import { type Guard, wordsIn } from "./guard.ts";
import { amountsOf } from "./numbers.ts";
import { contextOf, MARKERS } from "./context.ts";
import { isCapital, type Token } from "./token.ts";
import { once } from "./once.ts";
import type { Turn } from "./turn.ts";
import { unitNamed } from "./units.ts";

/** Words that make no order: what they join may change places. */
const JOINING = new Set(wordsIn("and or vs versus und oder y o et ou between compared same both nor e"));
/** With these an order is meant after all. */
const ORDERED = new Set(wordsIn("respectively minus divided subtract divide"));
/** Pairs are compared: their number grows with the square. */
const MOST_COMPARED = 48;

interface Place {
  readonly key: string;
  readonly kind: "number" | "unit" | "name" | "word";
  readonly at: number;
  /** The preposition before it, past articles and other parts of the same name; empty where there is none. */
  readonly marker: string;
  readonly before: string;
  /** Of a number, the unit that it counts, if one; and the stem of the last word of what it stands before. */
  readonly counted: string;
  readonly counts: string;
}

/**
 * Whether the same words stand in other roles: "A beats B" beside "B beats A", "from X to Y" beside "from Y to X", "who
 * did A see" beside "who saw A". A clause that moved with its preposition has not changed its role, nor have names that
 * only "and" joins, nor who acts where "by" names him.
 */
export const roles: Guard = {
  name: "roles",
  differ(a, b) {
    if (asksForActor(a) !== asksForActor(b)) return true;
    const [ours, theirs] = [placesOf(a), placesOf(b)];
    const shared = [...ours.values()].filter(({ key }) => theirs.has(key));
    if (shared.length > MOST_COMPARED) return false;
    if (shared.some(({ key, counted }) => isRecounted(counted, theirs.get(key)!.counted))) return true;
    if (shared.some((place) => isCountedRound(place, theirs.get(place.key)!, { ours, theirs }))) return true;
    if (shared.some(({ key, marker }) => isTurnedRound(marker, theirs.get(key)!.marker))) return true;
    const named = shared.filter(({ kind }) => kind === "word" || kind === "name");
    const both = named.map((place) => [place, theirs.get(place.key)!] as const);
    if (isComparedRound(both) || changesSides(a, b, both)) return true;
    const passive = [isPassive(a), isPassive(b)] as const;
    if (shared.length <= MOST_TURNED && !passive[0] && !passive[1] && isTurned(shared, theirs)) return true;
    return shared.some((first, at) => {
      const one = theirs.get(first.key)!;
      for (let next = at + 1; next < shared.length; next++) {
        const second = shared[next]!;
        const two = theirs.get(second.key)!;
        // Most pairs stand in the same order, which is all there is to see unless one of the two turns is passive.
        if (passive[0] === passive[1] && first.at < second.at === one.at < two.at) continue;
        const kind = kindOfBoth(first, one);
        if (kind !== kindOfBoth(second, two)) continue;
        const ours = { turn: a, two: [first, second], isPassive: passive[0] } as const;
        if (isExchanged(kind, ours, { turn: b, two: [one, two], isPassive: passive[1] })) return true;
      }
      return false;
    });
  },
};

/** For each two, what stands between them is looked through. */
const MOST_TURNED = 20;

/** "Owls hunt frogs" beside "frogs hunt owls", whatever else is said: two that nothing marks, turned about what they share. */
function isTurned(shared: readonly Place[], theirs: ReadonlyMap<string, Place>): boolean {
  const bare = shared.filter(
    ({ key, kind, marker }) =>
      (kind === "word" || theirs.get(key)!.kind === "word") && marker === "" && theirs.get(key)!.marker === "",
  );
  const between = (middle: Place, one: Place, other: Place) =>
    (one.at < middle.at && middle.at < other.at) || (other.at < middle.at && middle.at < one.at);
  return bare.some((x, at) =>
    bare.slice(at + 1).some((y) => {
      const [u, v] = [theirs.get(x.key)!, theirs.get(y.key)!];
      if (x.at < y.at === u.at < v.at) return false;
      return shared.some((middle) => between(middle, x, y) && between(theirs.get(middle.key)!, u, v));
    }),
  );
}

/** Where one goes from, the other goes to. */
const isTurnedRound = (ours: string, theirs: string): boolean =>
  (ours === "from" && theirs === "to") || (ours === "to" && theirs === "from");

/** Words that stand once in the turn, by stem; of a name of several words the last. */
const placesOf = once((turn: Turn): ReadonlyMap<string, Place> => {
  const { tokens } = turn;
  const places = new Map<string, Place>();
  const twice = new Set<string>();
  const numbers = new Map(amountsOf(turn).map((amount) => [amount.from, amount]));
  for (const [at, token] of tokens.entries()) {
    const amount = numbers.get(at);
    if (token.isPlain && amount === undefined) continue;
    const key = amount === undefined ? token.stem : `#${amount.value}`;
    if (places.has(key)) twice.add(key);
    places.set(key, {
      key,
      kind: amount !== undefined ? "number" : kindOf(turn, token),
      at,
      ...contextOf(tokens, at),
      counted: amount === undefined ? "" : (unitNamed(tokens[amount.to]?.text ?? "") ?? ""),
      counts: amount === undefined ? "" : headAt(tokens, amount.to),
    });
  }
  for (const key of twice) places.delete(key);
  return places;
});

/** Past the first words of a name: of "Swiss francs worth" it is the francs. */
function headAt(tokens: readonly Token[], from: number): string {
  const first = tokens[from];
  if (!first || first.isPlain || first.kind !== "word") return "";
  const second = tokens[from + 1];
  return second && !second.isPlain && second.kind === "word" && ADJECTIVES.has(first.text) ? second.stem : first.stem;
}
const ADJECTIVES = new Set(
  wordsIn("swiss us american canadian australian british danish swedish norwegian czech hong new"),
);

function kindOf({ hasNames }: Turn, { text, raw, opens }: Token): Place["kind"] {
  if (unitNamed(text) !== undefined) return "unit";
  return hasNames && !opens && isCapital(raw) ? "name" : "word";
}

/** A number that counts kilometres here and miles there. Where it counts nothing that is a unit, others judge. */
const isRecounted = (ours: string, theirs: string): boolean => ours !== theirs && ours !== "" && theirs !== "";

/** "600 francs in kroner" beside "600 kroner in francs": what the number stands before, the other turn has elsewhere. */
function isCountedRound(
  one: Place,
  other: Place,
  { ours, theirs }: Record<"ours" | "theirs", ReadonlyMap<string, Place>>,
): boolean {
  if (one.kind !== "number" || one.counts === "" || other.counts === "" || one.counts === other.counts) return false;
  return ours.has(other.counts) && theirs.has(one.counts);
}

interface Side {
  readonly turn: Turn;
  readonly two: readonly [Place, Place];
  readonly isPassive: boolean;
}

/** A name that is written small elsewhere is still one. */
const kindOfBoth = ({ kind }: Place, other: Place): Place["kind"] => (other.kind === "name" ? "name" : kind);

function isExchanged(kind: Place["kind"], ours: Side, theirs: Side): boolean {
  const [x, y] = ours.two;
  const [u, v] = theirs.two;
  if (kind === "unit") return false;
  if (ours.isPassive !== theirs.isPassive && kind !== "number") {
    const [agent, other] = [agentOf(ours), agentOf(theirs)];
    if (agent !== undefined && other !== undefined) return agent !== other;
  }
  if (x.at < y.at === u.at < v.at) return false;
  // Between the two nothing but "and" or a comma, on both sides: no order was meant.
  if (isJoined(ours.turn, x.at, y.at) && isJoined(theirs.turn, u.at, v.at)) return false;
  // Each stands where the other stood: behind the same word, or the same preposition.
  const isSwapped = x.before === v.before && y.before === u.before && x.before !== y.before;
  const isMarked = x.marker !== y.marker && x.marker === v.marker && y.marker === u.marker;
  // "In A ... in B": two names behind the same preposition.
  const isAlike = kind === "name" && x.marker !== "" && [y, u, v].every(({ marker }) => marker === x.marker);
  // Two names that nothing marks, one before and one behind a verb.
  const isBare = kind === "name" && [x, y, u, v].every(({ marker }) => marker === "") && !ours.isPassive;
  return isSwapped || isMarked || isAlike || isBare;
}

/** Who acts: the one behind "by", or of two in an active sentence the first. */
function agentOf({ two: [x, y], isPassive: passive }: Side): string | undefined {
  if (!passive) return x.marker === "" || y.marker === "" ? (x.at < y.at ? x.key : y.key) : undefined;
  if (x.marker === "by") return y.marker === "by" ? undefined : x.key;
  return y.marker === "by" ? y.key : undefined;
}

function isJoined({ tokens }: Turn, one: number, other: number): boolean {
  if (tokens.some(({ text }) => ORDERED.has(text))) return false;
  const [from, to] = one < other ? [one, other] : [other, one];
  const middle = tokens.slice(from + 1, to);
  if (middle.length > LONGEST_JOINT || middle.some(({ text }) => MARKERS.has(text) && text !== "with")) return false;
  return (
    middle.some(({ text }) => JOINING.has(text)) ||
    (middle.length === 1 && middle[0]!.text === "with" && compares(tokens))
  );
}

const LONGEST_JOINT = 4;
const compares = (tokens: readonly Token[]) => tokens.some(({ stem }) => stem === "compar");

const DO = new Set(wordsIn("did does do"));

/** "Who saw A" asks for the one who acts, "who did A see" for the other. */
function asksForActor({ tokens }: Turn): boolean {
  const who = tokens.findIndex(({ text }) => text === "who" || text === "whom");
  return who >= 0 && who <= 3 && DO.has(tokens[who + 1]?.text ?? "");
}

import { isMeanBelow } from "../statistics/bound.ts";
import { type Study, study, UnfitRows } from "./fit.ts";
import { isLost, type Leaks, leaksOf } from "./leaks.ts";
import type { CascadeRow, PlainKind } from "./rows.ts";
import { learnedWay, plainWays, type Setting, type Way } from "./ways.ts";

/** What a cascade is to be held to. */
export interface Wish {
  /** Share of all requests that may get a wrong answer which the strong model would have got right, in (0,1). */
  readonly mostLoss: number;
  /** How probable it may be that any of the promises is wrong, in (0,1). */
  readonly delta: number;
  /** The only gate that is looked at; all of them unless given, which share the error. */
  readonly gate?: Way["gate"] | undefined;
}

/** A way of judging whose loss is bounded, at its most generous setting, and what that did with rows that taught it nothing. */
export interface Kept extends Setting {
  readonly leaks: Leaks;
}

export interface Tested extends Pick<Way, "gate" | "asks" | "kept"> {
  /** Absent where no setting keeps the wish, or none that does costs less than the strong model. */
  readonly promised?: Kept;
}

export interface Promised {
  /** Rows that were learned from, and rows that were tested on. */
  readonly learned: number;
  readonly rows: number;
  /** In [0,1]: how surely each single promise holds. */
  readonly confidence: number;
  readonly ways: readonly Tested[];
  /** The cheapest way that is promised; absent where none is. */
  readonly best?: Tested & { readonly promised: Kept };
  /** The least loss that something could be promised of, where nothing is promised of the wish. */
  readonly offer?: number;
}

/** Losses that are offered where the wish cannot be kept. */
const OFFERS = [0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5];

/**
 * Learns from the first half of the rows and tests settings on the other, from the most careful one on; the last one
 * before the first that fails is taken, so that all settings of a way together are wrong with its share of `delta` at
 * most.
 * @param models one or two cheap ones, then the strong one
 * @param rows in an order that has nothing to do with their outcomes
 * Errors: UnfitRows, also where so few rows could not carry the promise whatever stood in them.
 */
export function promise(models: readonly string[], rows: readonly CascadeRow[], wish: Wish): Promised {
  const half = Math.ceil(rows.length / 2);
  const [learn, test] = [rows.slice(0, half), rows.slice(half)];
  const needed = fewestRows(wish);
  if (test.length < needed) throw new UnfitRows(tooFew(rows.length, needed, wish));
  const isLearning = wish.gate === undefined || wish.gate === "learned";
  const learned = isLearning ? study(models, learn) : undefined;
  const plain = plainWays(learn);
  const tested = (mostLoss: number) => testedWays({ learned, plain }, test, { ...wish, mostLoss });
  const found = tested(wish.mostLoss);
  const best = cheapestOf(found.ways);
  const offer = best
    ? undefined
    : OFFERS.find((mostLoss) => mostLoss > wish.mostLoss && cheapestOf(tested(mostLoss).ways) !== undefined);
  return {
    learned: learn.length,
    rows: test.length,
    ...found,
    ...(best && { best }),
    ...(offer !== undefined && { offer }),
  };
}

interface Learned {
  readonly learned: Study | undefined;
  readonly plain: readonly Way[];
}

function testedWays({ learned, plain }: Learned, test: readonly CascadeRow[], { gate, mostLoss, delta }: Wish) {
  const own = learned && learnedWay(learned, mostLoss);
  const ways = [...(own ? [own] : []), ...plain].filter((way) => gate === undefined || way.gate === gate);
  if (ways.length === 0) throw new UnfitRows(nothingFor(gate));
  const error = delta / ways.length;
  return {
    confidence: 1 - error,
    ways: ways.map((way): Tested => {
      const { gate: kind, asks, kept } = way;
      const setting = lastThatHolds(way.settings, test, mostLoss, error);
      const leaks = setting && leaksOf(test, setting.run, kept);
      const isCheaper = leaks !== undefined && leaks.cost < leaks.strongCost;
      return { gate: kind, asks, kept, ...(isCheaper && { promised: { ...setting!, leaks } }) };
    }),
  };
}

function lastThatHolds(settings: readonly Setting[], rows: readonly CascadeRow[], most: number, error: number) {
  let found: Setting | undefined;
  for (const setting of settings) {
    const losses = Float64Array.from(rows, (row) => Number(isLost(row, setting.run(row))));
    if (!isMeanBelow(losses, most, error)) break;
    found = setting;
  }
  return found;
}

function cheapestOf(ways: readonly Tested[]): Promised["best"] {
  const promised = ways.flatMap(({ promised: own, ...way }) => (own ? [{ ...way, promised: own }] : []));
  return promised.toSorted((a, b) => a.promised.leaks.cost - b.promised.leaks.cost)[0];
}

const NOTHING: Readonly<Record<PlainKind, string>> = {
  heuristics: "the rows have no replies",
  logprobs: "no reply has log-probabilities",
  agreement: "there is one cheap model only, which has nobody to agree with",
};

const nothingFor = (gate: Way["gate"] | undefined) =>
  gate === undefined || gate === "learned"
    ? "no cascade costs less than always asking the strong model"
    : NOTHING[gate];

const MOST_ROWS = 1_000_000;

/** How many rows without a single loss it takes to show this much of one way; doubled until it is enough. */
function fewestRows({ mostLoss, delta }: Wish): number {
  const isEnough = (rows: number) => isMeanBelow(new Float64Array(rows), mostLoss, delta);
  let enough = 1;
  while (!isEnough(enough) && enough < MOST_ROWS) enough *= 2;
  let few = enough / 2;
  while (enough - few > 1) {
    const middle = Math.ceil((few + enough) / 2);
    if (isEnough(middle)) enough = middle;
    else few = middle;
  }
  return enough;
}

const percent = (share: number) => `${Number((share * 100).toPrecision(3))}%`;

const tooFew = (rows: number, needed: number, { mostLoss, delta }: Wish) =>
  `${rows} rows cannot show that the loss is below ${percent(mostLoss)} with ${percent(1 - delta)} confidence: even without a loss it takes ${2 * needed}, half of them to learn from`;

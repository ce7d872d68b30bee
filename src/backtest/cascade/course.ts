import { createSquares, type Fitted, type Squares } from "./squares.ts";

/** One recorded question of a pool, with what every model of it said. */
export interface PoolRow {
  readonly id: string;
  /** 1 where the model's answer was right. */
  readonly right: Uint8Array;
  /** USD of each model's answer. */
  readonly costs: Float64Array;
  /** Numbers that are known before anybody was asked; and of each model's answer. */
  readonly before: Float64Array;
  readonly said: readonly Said[];
}

export interface Said {
  /** What the answer comes to; empty where that cannot be told. */
  readonly final: string;
  readonly numbers: Float64Array;
}

/** Models that have been asked, and those of them whose answer may be given out now. */
export interface Stand {
  readonly asked: readonly number[];
  readonly gives: readonly number[];
}

/** What becomes of a row. */
export interface Course {
  readonly answered: number;
  readonly cost: number;
}

/** Decides after each answer whether to give one out or whom to ask next, at one price of a right answer. */
export interface Plan {
  /** In the mean over the rows that were learned from, each decided by what the other parts of them taught. */
  readonly held: { readonly quality: number; readonly cost: number };
  run(row: PoolRow): Course;
}

/** The number of rows that the pull towards knowing nothing weighs as much as. */
const PULL_ROWS = 500;

interface Place {
  readonly stand: Stand;
  readonly inputs: (row: PoolRow) => Float64Array;
  readonly squares: Squares;
  readonly rights: readonly Fitted[];
  /** Places that can come next, by their position, and who is asked on the way. */
  readonly moves: readonly { readonly to: number; readonly asks: readonly number[] }[];
}

/**
 * Learns what being at each stand tells. Where one goes from a stand: to those that hold all of its models and more,
 * with no other such stand between.
 * @param rows in an order that has nothing to do with their outcomes
 * @param stands the first one with nobody asked
 * @returns the plan at a price: what a right answer may cost, as 1 / (share of `usd` that one is worth)
 */
export function learnCourses(rows: readonly PoolRow[], stands: readonly Stand[], usd: number): (price: number) => Plan {
  const places = stands.map((stand): Place => {
    const inputs = (row: PoolRow) => inputsOf(row, stand);
    const squares = createSquares(rows.map(inputs), PULL_ROWS);
    const rights = stand.gives.map((model) => squares(Float64Array.from(rows, ({ right }) => right[model]!)));
    return { stand, inputs, squares, rights, moves: movesFrom(stand, stands) };
  });
  return (price) => planAt(rows, places, price / usd);
}

/** What is known at a stand: what was known before, of each answer, and of each two of them whether they agree. */
function inputsOf({ before, said }: PoolRow, { asked }: Stand): Float64Array {
  const agreements = asked.flatMap((model, at) =>
    asked.slice(0, at).map((other) => {
      const [own, its] = [said[model]!.final, said[other]!.final];
      return own !== "" && own === its ? 0.5 : -0.5;
    }),
  );
  const together = agreements.flatMap((one, at) => agreements.slice(0, at).map((other) => one * other));
  return Float64Array.from([
    ...before,
    ...asked.flatMap((model) => [...said[model]!.numbers]),
    ...agreements.flatMap((one) => [one, ...before.map((own) => one * own)]),
    ...together,
  ]);
}

function movesFrom(stand: Stand, stands: readonly Stand[]): Place["moves"] {
  const holds = (one: Stand, other: Stand) =>
    one.asked.length > other.asked.length && other.asked.every((model) => one.asked.includes(model));
  const above = stands.filter((other) => holds(other, stand));
  return above
    .filter((other) => !above.some((between) => holds(other, between)))
    .map((other) => ({
      to: stands.indexOf(other),
      asks: other.asked.filter((model) => !stand.asked.includes(model)),
    }));
}

/** What can be done at a place, and what it is worth: first the answers that can be given out, then the moves. */
type Options = readonly Fitted[];

function planAt(rows: readonly PoolRow[], places: readonly Place[], usdWorth: number): Plan {
  const options: Options[] = [];
  const values: Float64Array[] = [];
  const order = [...places.keys()].toSorted((a, b) => places[b]!.stand.asked.length - places[a]!.stand.asked.length);
  for (const at of order) {
    const { stand, squares, rights, moves } = places[at]!;
    const gained = moves.map(({ to, asks }) =>
      Float64Array.from(rows, ({ costs }, row) => values[to]![row]! - usdWorth * sumOf(asks, costs)),
    );
    const own = [...rights, ...gained.map(squares)];
    options[at] = own;
    values[at] = Float64Array.from(rows, ({ right }, row) => {
      const best = bestOf(own.map(({ held }) => held[row]!));
      const came = best < rights.length ? right[stand.gives[best]!]! : gained[best - rights.length]![row]!;
      // Half of what came and half of what was to be expected: the first is noise, the second too hopeful.
      return (came + own[best]!.held[row]!) / 2;
    });
  }
  const through = (row: PoolRow, worth: (at: number) => readonly number[]): Course => {
    let cost = 0;
    for (let at = 0; ;) {
      const { stand, rights, moves } = places[at]!;
      const best = bestOf(worth(at));
      if (best < rights.length) return { answered: stand.gives[best]!, cost };
      const move = moves[best - rights.length]!;
      cost += sumOf(move.asks, row.costs);
      at = move.to;
    }
  };
  const heldRuns = rows.map((row, at) => ({
    row,
    ...through(row, (place) => options[place]!.map(({ held }) => held[at]!)),
  }));
  return {
    held: {
      quality: heldRuns.reduce((sum, { row, answered }) => sum + row.right[answered]!, 0) / rows.length,
      cost: heldRuns.reduce((sum, { cost }) => sum + cost, 0) / rows.length,
    },
    run: (row) =>
      through(row, (at) => {
        const inputs = places[at]!.inputs(row);
        return options[at]!.map((own) => own.at(inputs));
      }),
  };
}

const sumOf = (models: readonly number[], costs: Float64Array) => models.reduce((sum, model) => sum + costs[model]!, 0);
const bestOf = (worths: readonly number[]) => worths.indexOf(Math.max(...worths));

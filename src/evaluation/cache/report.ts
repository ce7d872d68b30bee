import { wilson } from "../../statistics/proportion.ts";
import { short } from "../measure.ts";
import type { BadLine } from "../report.ts";
import type { Judged } from "./judge.ts";

/** One way to decide, over all rows. Rates are null where there is nothing to divide by. */
export interface PolicyFigures {
  readonly served: number;
  readonly wrong_hits: number;
  /** Of the pairs that were served, those that should not have been. */
  readonly wrong_hit_rate: number | null;
  readonly wrong_hit_interval: readonly [number, number];
  readonly paraphrases: number;
  /** Of the pairs that are one question in one language, those that were served. */
  readonly paraphrase_hit_rate: number | null;
  readonly paraphrase_hit_interval: readonly [number, number];
}

export interface TypeFigures {
  readonly rows: number;
  /** Rows of the type that are one question. */
  readonly paraphrases: number;
  readonly served: number;
  readonly wrong_hits: number;
  /** Of those that should be refused, what was; null where there are none. */
  readonly refused_rate: number | null;
  readonly refused_interval: readonly [number, number];
  /** Of those that should be served, what was; null where there are none. */
  readonly hit_rate: number | null;
  readonly hit_interval: readonly [number, number];
}

export interface PairReport extends PolicyFigures {
  readonly rows: number;
  readonly encoder: string;
  readonly threshold: number;
  readonly complete: boolean;
  readonly by_type: Readonly<Record<string, TypeFigures>>;
  /** What refused, by guard or stage, in rows. */
  readonly refused_by: Readonly<Record<string, number>>;
  /** The same rows by what is common elsewhere. */
  readonly others: Readonly<Record<string, PolicyFigures>>;
  readonly bad_lines: number;
  readonly first_bad_lines: readonly BadLine[];
  readonly failed_rows: number;
}

/** The field's default for a cosine alone. */
const COSINE_ALONE = 0.95;

/** Counts rows as they are judged; no text is kept. */
export interface Tally {
  add(judged: Judged): void;
  figures(): Pick<PairReport, "rows" | "by_type" | "refused_by" | "others"> & PolicyFigures;
}

const OTHERS: Readonly<Record<string, (judged: Judged) => boolean>> = {
  [`cosine ${COSINE_ALONE}, static stage`]: ({ cosine }) => cosine >= COSINE_ALONE,
  [`cosine ${COSINE_ALONE}, full stage`]: ({ fullCosine = -1 }) => fullCosine >= COSINE_ALONE,
  "exact only": ({ isExact }) => isExact,
};

export function createTally(): Tally {
  const own = createCount();
  const others = Object.entries(OTHERS).map(([name, serves]) => ({ name, serves, count: createCount() }));
  const types = new Map<string, Count>();
  const refused = new Map<string, number>();
  return {
    add(judged) {
      const { pair, why, isServed } = judged;
      own.add(pair.isSame, isServed);
      for (const { serves, count } of others) count.add(pair.isSame, serves(judged));
      const type = types.get(pair.type) ?? createCount();
      types.set(pair.type, type);
      type.add(pair.isSame, isServed);
      if (!isServed) refused.set(why, (refused.get(why) ?? 0) + 1);
    },
    figures: () => ({
      rows: own.rows(),
      ...own.policy(),
      by_type: Object.fromEntries(
        [...types].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => [name, count.type()]),
      ),
      refused_by: Object.fromEntries([...refused].toSorted(([, a], [, b]) => b - a)),
      others: Object.fromEntries(others.map(({ name, count }) => [name, count.policy()])),
    }),
  };
}

type Count = ReturnType<typeof createCount>;

function createCount() {
  let [rows, same, served, right] = [0, 0, 0, 0];
  return {
    rows: () => rows,
    add(isSame: boolean, isServed: boolean) {
      rows += 1;
      if (isSame) same += 1;
      if (isServed) served += 1;
      if (isServed && isSame) right += 1;
    },
    policy: (): PolicyFigures => {
      const [wrong, hits] = [shareOf(served - right, served), shareOf(right, same)];
      return {
        served,
        wrong_hits: served - right,
        wrong_hit_rate: wrong.rate,
        wrong_hit_interval: wrong.interval,
        paraphrases: same,
        paraphrase_hit_rate: hits.rate,
        paraphrase_hit_interval: hits.interval,
      };
    },
    type: (): TypeFigures => {
      const [others, wrong] = [rows - same, served - right];
      const [refused, hits] = [shareOf(others - wrong, others), shareOf(right, same)];
      return {
        rows,
        paraphrases: same,
        served,
        wrong_hits: wrong,
        refused_rate: refused.rate,
        refused_interval: refused.interval,
        hit_rate: hits.rate,
        hit_interval: hits.interval,
      };
    },
  };
}

function shareOf(part: number, all: number): { rate: number | null; interval: readonly [number, number] } {
  const { low, high } = wilson(part, all);
  return { rate: all === 0 ? null : short(part / all), interval: [short(low), short(high)] };
}

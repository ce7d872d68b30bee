import { setTimeout as sleep } from "node:timers/promises";
import type { HouseProcess } from "./chaos-cast.ts";
import type { Failures } from "./story.ts";

/** Memory and open files of a process, second by second, and what is left of them at rest. */

interface Sample {
  readonly seconds: number;
  readonly mib: number;
  readonly handles: number;
}

interface Watched {
  readonly first: Sample;
  readonly samples: readonly Sample[];
  /** When idle connections have been closed. */
  readonly rest: Sample;
  /** MiB in use at the beginning, at half-time, when all that is remembered is full, at rest; without garbage. */
  readonly weights: readonly number[];
}

type House = Pick<HouseProcess, "residentMib" | "handles" | "weigh">;

const EVERY_MS = 1000;
/** Longer than connections to model servers are kept idle. */
const REST_MS = 5500;

/** @param seconds that the load will take */
export async function watchMemory(house: House, seconds: number) {
  const weights = [await house.weigh()];
  const started = performance.now();
  const sample = (): Sample => ({
    seconds: (performance.now() - started) / 1000,
    mib: house.residentMib(),
    handles: house.handles(),
  });
  const first = sample();
  const samples: Sample[] = [];
  const watching = setInterval(() => samples.push(sample()), EVERY_MS);
  const weigh = () => void house.weigh().then((mib) => weights.push(mib));
  const weighings = [setTimeout(weigh, seconds * 500), setTimeout(weigh, seconds * 1000 * FULL)];
  return {
    /** The load is over. */
    pause: () => {
      clearInterval(watching);
      for (const weighing of weighings) clearTimeout(weighing);
    },
    async stop(): Promise<Watched> {
      await sleep(REST_MS);
      const rest = sample();
      weights.push(await house.weigh());
      return { first, samples, rest, weights };
    },
  };
}

/** The house remembers 100,000 decisions: at this part of a run of ten minutes it forgets one for each new one. */
const FULL = 0.85;
/** A slope of a shorter run says more of the collector than of the house. */
const LONG_S = 300;
const MOST_MIB_A_MINUTE = 10;
/** More in use at rest than at half-time, while decisions are still being remembered, and than when all was full. */
const MOST_MIB_MORE = 24;
const MOST_MIB_BEYOND_FULL = 3;
/** A run in which everything fills. */
const FILLING_S = 600;
/** Clients that keep their connection, and files that a module opens when it is first needed. */
const MORE_HANDLES = 24;

/** Flat over the second half, and as many handles at rest as before the first request. */
export function judgeMemory(
  { first, samples, rest, weights }: Watched,
  seconds: number,
  failures: Failures,
): Readonly<Record<string, string | number>> {
  const second = samples.slice(Math.floor(samples.length / 2));
  const slope = slopeOf(second.map(({ seconds: at, mib }) => [at, mib])) * 60;
  const handles = slopeOf(second.map(({ seconds: at, handles: open }) => [at, open])) * 60;
  const last = samples.filter((sample) => sample.seconds >= seconds * FULL);
  const lastSlope = slopeOf(last.map(({ seconds: at, mib }) => [at, mib])) * 60;
  if (seconds >= LONG_S) failures.check(slope < MOST_MIB_A_MINUTE, `memory grew by ${slope.toFixed(1)} MiB a minute`);
  const more = weights.at(-1)! - weights[1]!;
  if (seconds >= LONG_S)
    failures.check(more < MOST_MIB_MORE, `${more.toFixed(0)} MiB more are in use than at half-time`);
  const beyond = weights.at(-1)! - weights[2]!;
  if (seconds >= FILLING_S)
    failures.check(beyond < MOST_MIB_BEYOND_FULL, `${beyond.toFixed(1)} MiB more are in use than when all was full`);
  const left = rest.handles - first.handles;
  failures.check(!(left > MORE_HANDLES), `${left} more files and sockets are open at rest than at the beginning`);
  const told = (part: (sample: Sample | undefined) => number | undefined) =>
    [first, second[0], second.at(-1), rest].map((sample) => part(sample)?.toFixed(0) ?? "-").join(", ");
  return {
    "resident MiB: begin, half, end, rest": told((sample) => sample?.mib),
    "resident MiB a minute, second half": slope.toFixed(2),
    "resident MiB a minute, once all is full": lastSlope.toFixed(2),
    "MiB in use: begin, half, full, rest": weights.map((mib) => mib.toFixed(1)).join(", "),
    "handles: begin, half, end, rest": told((sample) => sample?.handles),
    "handles a minute, second half": handles.toFixed(1),
  };
}

/** Least squares. */
function slopeOf(points: ReadonlyArray<readonly [x: number, y: number]>): number {
  const mean = (values: readonly number[]) => values.reduce((total, value) => total + value, 0) / values.length;
  const [mx, my] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const above = points.reduce((total, [x, y]) => total + (x - mx) * (y - my), 0);
  const below = points.reduce((total, [x]) => total + (x - mx) ** 2, 0);
  return below === 0 ? 0 : above / below;
}

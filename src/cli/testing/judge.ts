import { setImmediate } from "node:timers/promises";
import type { Plan, SignalReport } from "../../contracts.ts";
import { RouterError } from "../../errors.ts";
import { route } from "../../route/index.ts";
import type { Runtime } from "../../runtime.ts";
import { printable } from "../screen.ts";
import { inputOf, listed, type RoutingTest } from "./form.ts";

/** What came of a test's request. A request that is not decided has no model, and takes no route. */
export interface Came {
  readonly route: string;
  readonly model: string;
  readonly tier: string;
  readonly blocked: boolean;
  /** In a sentence, without prompt text. */
  readonly because: string;
  readonly reports: readonly SignalReport[];
  readonly micros: number;
}

/** One expectation that was not met. */
export interface Miss {
  /** Such as `route` or `label domain`. */
  readonly what: string;
  readonly expected: string;
  readonly came: string;
}

export interface Result {
  readonly test: RoutingTest;
  readonly came: Came;
  /** None where the test passed. */
  readonly misses: readonly Miss[];
}

const BLOCKED = "(blocked)";
const REFUSED = "(refused)";

/** How often a request is made where a signal did not come to its end: a busy machine must not fail a test. */
const TRIES = 3;
/** Others, Ctrl-C among them, have their turn between this many tests. */
const IN_A_ROW = 8;

/**
 * The tests' requests decided one after another, by each of the runtimes. Ends early, with what there is, when `abort` comes.
 * @returns for each runtime the results in the order of the tests
 */
export async function runTests(
  runtimes: readonly Runtime[],
  tests: readonly RoutingTest[],
  abort: AbortSignal,
  progress: (done: number) => void,
): Promise<readonly (readonly Result[])[]> {
  const results = runtimes.map((): Result[] => []);
  for (const [done, test] of tests.entries()) {
    if (done % IN_A_ROW === 0) await setImmediate();
    if (abort.aborted) break;
    for (const [at, runtime] of runtimes.entries()) {
      const came = await ask(runtime, test);
      results[at]!.push({ test, came, misses: missesOf(test, came) });
    }
    progress(done + 1);
  }
  return results;
}

async function ask(runtime: Runtime, test: RoutingTest): Promise<Came> {
  try {
    let plan = await decide(runtime, test);
    for (let tries = 1; tries < TRIES && plan.signals.some(isCutShort); tries++) plan = await decide(runtime, test);
    return cameOf(plan);
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    const nothing = { route: REFUSED, model: REFUSED, tier: REFUSED, blocked: false };
    return { ...nothing, because: `refused (${error.code}): ${error.message}`, reports: [], micros: 0 };
  }
}

const decide = (runtime: Runtime, test: RoutingTest): Promise<Plan> => route(runtime, inputOf(test, runtime.limits));

const isCutShort = ({ failure }: SignalReport): boolean => failure !== undefined && failure !== "error";

function cameOf({ decision, blocked, signals: reports, micros }: Plan): Came {
  if (decision) {
    const { route: way, model, tier, sentence: because } = decision;
    return { route: way, model, tier, blocked: false, because, reports, micros };
  }
  const nothing = { route: BLOCKED, model: BLOCKED, tier: BLOCKED, blocked: true };
  return { ...nothing, because: blocked?.message ?? "Blocked.", reports, micros };
}

function missesOf(test: RoutingTest, came: Came): Miss[] {
  const { model, not_model: others = [], blocked } = test;
  const names = model === undefined ? [came.model] : listed(model);
  const word = (isBlocked: boolean) => (isBlocked ? "blocked" : "not blocked");
  const misses: Miss[] = [
    { what: "blocked", expected: word(blocked ?? came.blocked), came: word(came.blocked) },
    { what: "route", expected: test.route ?? came.route, came: came.route },
    { what: "model", expected: names.includes(came.model) ? came.model : names.join(" or "), came: came.model },
    { what: "tier", expected: test.tier ?? came.tier, came: came.tier },
  ].filter(({ expected, came: got }) => expected !== got);
  if (listed(others).includes(came.model)) {
    misses.push({ what: "not_model", expected: `not ${came.model}`, came: came.model });
  }
  const labels = Object.entries(test.label ?? {}).flatMap(([signal, expected]) => labelMiss(came, signal, expected));
  return [...misses, ...labels];
}

/** From here on a reading counts, whatever else its signal read. */
const HALF = 0.5;
const NONE = "none";

/** A signal that finds several things may read any of them; one that chooses must choose the label. */
function labelMiss({ reports }: Came, signal: string, expected: string): Miss[] {
  const report = reports.find((one) => one.signal === signal);
  const readings = (report?.readings ?? []).toSorted((a, b) => b.score - a.score);
  const counting = readings.filter(({ score }) => score >= HALF || score === readings[0]!.score);
  const isMet =
    expected === NONE ? readings.every(({ score }) => score < HALF) : counting.some(({ label }) => label === expected);
  const what = `label ${signal}`;
  return isMet && report ? [] : [{ what, expected, came: report ? readingsText(report) : "not read" }];
}

const MOST_READINGS = 3;

function readingsText({ readings, failure, error }: SignalReport): string {
  const strongest = readings.toSorted((a, b) => b.score - a.score).slice(0, MOST_READINGS);
  const texts = strongest.map(({ label, score }) => `${printable(label)} ${score.toFixed(2)}`);
  const trouble = failure === undefined ? [] : [error === undefined ? failure : `${failure}: ${printable(error)}`];
  const all = [...texts, ...trouble];
  return all.length === 0 ? "nothing" : all.join(", ");
}

/** What every signal read, in a line: `domain law 0.71, business 0.12; pii nothing`. */
export const readLine = ({ reports }: Came): string =>
  reports.map((report) => `${report.signal} ${readingsText(report)}`).join("; ") || "no signal was read";

export const missText = ({ what, expected, came }: Miss): string => `${what}: expected ${expected}, came ${came}`;

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { exactKey, partitionOf } from "../../src/cache/canonical.ts";
import { createFlights } from "../../src/cache/flight.ts";
import { createMemoryStore } from "../../src/cache/memory.ts";
import { type Entry, nameOf, type Store } from "../../src/cache/store.ts";
import { seeded } from "../../src/statistics/sample.ts";
import { direction, storeOptions } from "../cache/entries.ts";
import { roomy, storeAt } from "../cache/numbered.ts";
import { startPostgres, withoutPostgres } from "../cache/postgres-server.ts";
import { type Pair, pairOf, SAME_KEY, SAME_PARTITION, type Whose } from "./isolation-requests.ts";
import { createFailures, type Failures, type Figures, type Story, type StoryOptions } from "./story.ts";

/** Of the number that stories are given, so that the usual 10,000 come to what is promised. */
const PAIRS_PER_INPUT = 10;
/** Pairs under way at once. */
const TOGETHER = 250;
export const isolation: Story = {
  name: "isolation",
  says: "of two requests that differ in one thing that shapes an answer, neither is ever given the other's from the cache, in any store, with many under way at once",
  run: runIsolation,
};

async function runIsolation(options: StoryOptions): Promise<Figures> {
  const failures = createFailures();
  const rows: Record<string, string | number> = {};
  const folder = mkdtempSync(join(tmpdir(), "signalbox-isolation-"));
  const server = withoutPostgres === false ? await startPostgres() : undefined;
  const made = storeOptions(roomy).options;
  const stores = [
    () => createMemoryStore(made),
    () => storeAt(join(folder, "cache.db"), made),
    ...(server ? [() => storeAt(server.url, made)] : []),
  ];
  try {
    for (const make of stores) {
      const store = make();
      await store.ready;
      try {
        Object.assign(rows, await runStore(store, options, failures));
      } finally {
        await store.close();
      }
    }
    if (withoutPostgres !== false) rows["postgres"] = `not tried: ${withoutPostgres}`;
    rows["flights: pairs, cross hits"] = await runFlights(options, failures);
  } finally {
    await server?.remove();
    rmSync(folder, { recursive: true, force: true });
  }
  return { rows, failures: failures.list() };
}

/** What one request is known by, and the entry that it leaves. */
interface Side {
  readonly label: string;
  readonly entry: Entry & { readonly vector: Float32Array };
}

/** @param vector the same for both of a pair: whatever keeps them apart, it is not that they are unlike each other */
function sideOf(label: string, whose: Whose, vector: Float32Array): Side {
  const key = exactKey(whose, whose.asked);
  const partition = partitionOf(whose, whose.asked);
  if (!key || !partition) throw new Error(`no key for ${label}`);
  const { tenant, route, asked } = whose;
  const now = storeOptions().clock.at;
  const entry = {
    key,
    partition: partition.key,
    tenant,
    route,
    question: label,
    vector,
    api: asked.api,
    answer: Buffer.from(label),
    storedAt: now,
    expiresAt: now + 1000,
  };
  return { label, entry };
}

function sidesOf({ field, one, other }: Pair, number: number): readonly [Side, Side] {
  const vector = direction(number);
  return [sideOf(`${number} one`, one, vector), sideOf(`${number} other (${field})`, other, vector)];
}

async function runStore(store: Store, options: StoryOptions, failures: Failures) {
  const random = seeded(options.seed);
  const pairs = options.inputs * PAIRS_PER_INPUT;
  const fields = new Set<string>();
  let [done, hits, cross] = [0, 0, 0];

  async function check({ label, entry }: Side, field: string): Promise<void> {
    const [found, near] = await Promise.all([
      store.lookup(entry.key),
      store.nearest({ partition: entry.partition, vector: entry.vector, most: 5, least: 0.5 }),
    ]);
    // What was put under one key last is right for both.
    if (found?.question === label) hits += 1;
    else if (found && !SAME_KEY.has(field)) {
      cross += 1;
      failures.add(`${store.kind}: ${label} was given the answer to ${found.question}`);
    }
    for (const { question } of SAME_PARTITION.has(field) ? [] : near) {
      if (question === label) continue;
      cross += 1;
      failures.add(`${store.kind}: ${label} is compared with ${question}`);
    }
  }

  async function runPair(number: number): Promise<void> {
    const pair = pairOf(number, random);
    fields.add(`${pair.one.asked.api} ${pair.field}`);
    const [one, other] = sidesOf(pair, number);
    store.put(one.entry);
    // The one is stored, or still waits, when the other asks; then both are there.
    await check(other, pair.field);
    await putUntilTaken(store, other.entry);
    await Promise.all([check(one, pair.field), check(other, pair.field)]);
  }

  while (done < pairs && !options.signal.aborted) {
    const count = Math.min(TOGETHER, pairs - done);
    await Promise.all(Array.from({ length: count }, (_, at) => runPair(done + at)));
    done += count;
    options.progress(done / pairs, `pairs in ${store.kind}`);
  }
  // A store that finds nothing mistakes nobody.
  failures.check(hits >= done * 1.5, `${store.kind}: only ${hits} of ${done * 2} own answers were found`);
  return {
    [`${store.kind}: pairs, cross hits`]: `${done}, ${cross}`,
    [`${store.kind}: own answers found, of ${done * 2}`]: hits,
    "fields that differ": fields.size,
  };
}

async function putUntilTaken(store: Store, entry: Entry): Promise<void> {
  while (!store.put(entry)) {
    await store.flush();
    // A store that is away for a moment comes back by itself, if it is given the time.
    await sleep(1);
  }
}

/** Both of a pair ask at the same time, twice each. */
async function runFlights({ inputs, seed, signal }: StoryOptions, failures: Failures): Promise<string> {
  const flights = createFlights<string>({ bytes: 10_000, sizeOf: (part) => part.length });
  const random = seeded(seed);
  const pairs = inputs * PAIRS_PER_INPUT;
  let [done, cross] = [0, 0];
  const fly = async ({ label, entry }: Side): Promise<void> => {
    const work = async function* () {
      await Promise.resolve();
      yield label;
    };
    for await (const part of flights.join(nameOf(entry.key), work)) {
      if (part === label) continue;
      cross += 1;
      failures.add(`flights: ${label} was given the answer to ${part}`);
    }
  };
  while (done < pairs && !signal.aborted) {
    const count = Math.min(TOGETHER, pairs - done);
    const sides = Array.from({ length: count }, (_, at) => {
      const pair = pairOf(done + at, random);
      return SAME_KEY.has(pair.field) ? [] : sidesOf(pair, done + at);
    }).flat();
    await Promise.all([...sides, ...sides].map(fly));
    done += count;
  }
  return `${done}, ${cross}`;
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Store, StoreEvent } from "../../src/cache/store.ts";
import { seeded } from "../../src/statistics/sample.ts";
import { digest, storeOptions } from "../cache/entries.ts";
import { isWhole, roomy, storeAt } from "../cache/numbered.ts";
import { type PostgresServer, startPostgres, withoutPostgres } from "../cache/postgres-server.ts";
import { createFailures, type Failures, type Figures, type Story, type StoryOptions } from "./story.ts";

const WRITER = join(import.meta.dirname, "../cache/numbered.ts");
const INPUTS_PER_ROUND = 1000;
const MOST_BACK_MS = 30_000;
/** A lookup that nothing is found by, while the server is away: what a request loses by it. */
const MOST_AWAY_MS = 1000;

export const cacheCrash: Story = {
  name: "cache-crash",
  says: "a process that stores answers is killed, and so is PostgreSQL: nothing half written is ever served, requests go on without the store, and it is used again by itself",
  run: runCrash,
};

async function runCrash(options: StoryOptions): Promise<Figures> {
  const failures = createFailures();
  const rounds = Math.max(1, Math.round(options.inputs / INPUTS_PER_ROUND));
  const folder = mkdtempSync(join(tmpdir(), "signalbox-crash-"));
  const rows: Record<string, string | number> = { rounds };
  try {
    rows["file: writers killed, entries looked at"] = await killWriters(
      join(folder, "cache.db"),
      rounds,
      options,
      failures,
    );
    if (withoutPostgres !== false) {
      rows["postgres"] = `not tried: ${withoutPostgres}`;
    } else {
      const server = await startPostgres();
      try {
        rows["postgres: writers killed, entries looked at"] = await killWriters(server.url, rounds, options, failures);
        Object.assign(rows, await killServer(server, rounds, options, failures));
      } finally {
        await server.remove();
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { rows, failures: failures.list() };
}

/** A writer begins, is killed somewhere in its work, and whatever it left is looked at. */
async function killWriters(where: string, rounds: number, options: StoryOptions, failures: Failures): Promise<string> {
  const random = seeded(options.seed);
  let seen = 0;
  for (let round = 0; round < rounds && !options.signal.aborted; round++) {
    options.progress(round / rounds, "killing writers");
    const writer = await writing(where);
    await sleep(random() * 300);
    await killed(writer);
    const { store, events } = open(where);
    try {
      await store.ready;
      const found = await lookThrough(store, failures);
      failures.check(found > 0, `round ${round}: nothing was left`);
      failures.check(events.length === 0, `round ${round}: ${events.map(({ kind }) => kind).join(", ")}`);
      seen += found;
    } finally {
      await store.close();
    }
  }
  return `${rounds}, ${seen}`;
}

/** The server is killed while one process writes and another looks up, and comes back. */
async function killServer(server: PostgresServer, rounds: number, options: StoryOptions, failures: Failures) {
  const { store, events } = open(server.url);
  let [longest, backMs, seen] = [0, 0, 0];
  await store.ready;
  try {
    for (let round = 0; round < rounds && !options.signal.aborted; round++) {
      options.progress(round / rounds, "killing PostgreSQL");
      const writer = await writing(server.url);
      await server.kill();
      await store.lookup(digest("0"));
      failures.check(store.stats().state === "away", `round ${round}: the store does not know that it is away`);
      for (let at = 0; at < 50; at++) {
        const started = performance.now();
        await store.lookup(digest(`${at}`));
        longest = Math.max(longest, performance.now() - started);
        await sleep(5);
      }
      await server.start();
      const started = performance.now();
      while (store.stats().state !== "ready" && performance.now() - started < MOST_BACK_MS) await sleep(10);
      backMs = Math.max(backMs, performance.now() - started);
      // The writer has come back by itself too.
      await once(writer.stdout!, "data");
      await killed(writer);
      seen += await lookThrough(store, failures);
      const kinds = events.splice(0).map(({ kind }) => kind);
      failures.check(kinds.join() === "away,back", `round ${round}: told ${kinds.join()}`);
    }
  } finally {
    await store.close();
  }
  failures.check(backMs < MOST_BACK_MS, `the store did not come back in ${MOST_BACK_MS / 1000} s`);
  failures.check(longest < MOST_AWAY_MS, `a lookup took ${longest.toFixed(0)} ms while the server was away`);
  return {
    "postgres: servers killed, entries looked at": `${rounds}, ${seen}`,
    "longest lookup while it was away, ms": longest.toFixed(2),
    "longest time until it was used again, ms": backMs.toFixed(0),
  };
}

function open(where: string): { store: Store; events: StoreEvent[] } {
  const { options, events } = storeOptions(roomy);
  return { store: storeAt(where, options), events };
}

/** Every entry that can be found from the first on is whole; answers how many there are. */
async function lookThrough(store: Store, failures: Failures): Promise<number> {
  let found = 0;
  // What was lost in a crash is a few entries in a row.
  for (let [at, missed] = [0, 0]; missed < 5000; at++) {
    const entry = await store.lookup(digest(`${at}`));
    missed = entry ? 0 : missed + 1;
    if (!entry) continue;
    found += 1;
    failures.check(isWhole(at, entry), `${store.kind}: entry ${at} is not what was written`);
  }
  failures.check(store.stats().damaged === 0, `${store.kind}: ${store.stats().damaged} damaged entries`);
  return found;
}

/** A process that has stored some entries, and goes on. */
async function writing(where: string): Promise<ChildProcess> {
  const writer = spawn(process.execPath, [WRITER, where], { stdio: ["ignore", "pipe", "inherit"] });
  await once(writer.stdout, "data");
  return writer;
}

async function killed(writer: ChildProcess): Promise<void> {
  const gone = once(writer, "exit");
  writer.kill("SIGKILL");
  await gone;
}

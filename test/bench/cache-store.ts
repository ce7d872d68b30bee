import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { createFlights } from "../../src/cache/flight.ts";
import { createMemoryStore } from "../../src/cache/memory.ts";
import { createPostgresStore } from "../../src/cache/postgres.ts";
import { createSqliteStore } from "../../src/cache/sqlite.ts";
import type { Store } from "../../src/cache/store.ts";
import { createEncoder } from "../../src/inference/create.ts";
import { encoderOptions } from "../../src/inference/options.ts";
import { openPostgres } from "../../src/storage/postgres.ts";
import { digest, entryOf, storeOptions } from "../cache/entries.ts";
import { startPostgres, withoutPostgres } from "../cache/postgres-server.ts";
import { type Bench, quantile, type Row } from "./bench.ts";
import { cacheGuards } from "./cache-guards.ts";

const ENTRIES = 100_000;
const QUESTIONS = 300;
const EXACT = 5000;
const ANSWER_BYTES = 1500;
const DIMENSIONS = 256;
const DEADLINE_MS = 10_000;
const TEXTS = join(import.meta.dirname, "../../models/data/text");
/** Two vectors as near as this are as good as each other. */
const TIE = 3e-4;
const DELAY_RESOLUTION_MS = 1;

export const cache: Bench = {
  name: "cache",
  says: `The stores of the response cache, ${ENTRIES} entries in one partition with answers of ${ANSWER_BYTES} bytes. Texts of models/data/text through the packaged encoder; asked are paraphrases (score at least 0.9, English) of ${QUESTIONS} of them; recall@1 against a scan of all vectors in 32-bit numbers.`,
  async run() {
    const material = await read();
    const folder = mkdtempSync(join(tmpdir(), "signalbox-bench-"));
    const { options } = storeOptions({ dimensions: DIMENSIONS, entries: 2 * ENTRIES, bytes: 4e9, share: 1 });
    const rows: Row[] = [];
    try {
      rows.push({ ...(await measure(() => createMemoryStore(options), material)), ...held("memory") });
      const file = { ...options, path: join(folder, "cache.db"), deadlineMs: DEADLINE_MS };
      const inFile = await measure(() => createSqliteStore(file), material);
      rows.push({ ...inFile, ...held("sqlite", join(folder, "filled.db"), statSync(file.path).size) });
      if (withoutPostgres === false) {
        const server = await startPostgres({ shared_buffers: "512MB", fsync: "on" });
        try {
          const shared = { ...options, url: server.url, connections: 4, deadlineMs: DEADLINE_MS };
          const row = await measure(() => createPostgresStore(shared), material);
          rows.push({ ...row, ...held("postgres", await server.database("filled"), await tableBytes(server.url)) });
        } finally {
          await server.remove();
        }
      } else {
        console.error(`Without PostgreSQL: ${withoutPostgres}.`);
      }
      console.error(`1,000 identical concurrent requests made ${await callsOfOneFlight()} call(s).`);
      return [...rows, { guards: "two turns", ...cacheGuards() }];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

interface Material {
  readonly vectors: Float32Array;
  readonly asked: readonly Float32Array[];
  /** Of each that is asked, the highest cosine there is. */
  readonly best: readonly number[];
}

const linesOf = (name: string) =>
  gunzipSync(readFileSync(join(TEXTS, name)))
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);

/** So many of them, from all over the list. */
const spread = <T>(list: readonly T[], count: number): T[] =>
  Array.from({ length: count }, (_, at) => list[Math.floor((at * list.length) / count)]!);

async function read(): Promise<Material> {
  const pairs = linesOf("pairs.jsonl.gz").filter(({ score, lang }) => Number(score) >= 0.9 && lang === "en");
  const chosen = spread(pairs, QUESTIONS);
  const plain = linesOf("plain_text.jsonl.gz").map(({ text }) => String(text));
  const texts = [...chosen.map(({ text_a }) => String(text_a)), ...spread(plain, ENTRIES - QUESTIONS)];
  const encoder = await createEncoder(encoderOptions.parse({ second_stage: "never" }), {
    clock: () => performance.now(),
  });
  try {
    const vectors = new Float32Array(ENTRIES * DIMENSIONS);
    for (const [at, text] of texts.entries()) vectors.set((await encoder.encode(text, 60_000)).vector, at * DIMENSIONS);
    const asked = [];
    for (const { text_b } of chosen) asked.push((await encoder.encode(String(text_b), 60_000)).vector);
    return { vectors, asked, best: asked.map((vector) => bestOf(vectors, vector)) };
  } finally {
    await encoder.close();
  }
}

function bestOf(vectors: Float32Array, asked: Float32Array): number {
  let best = -1;
  for (let from = 0; from < vectors.length; from += DIMENSIONS) {
    let sum = 0;
    for (let at = 0; at < DIMENSIONS; at++) sum += vectors[from + at]! * asked[at]!;
    best = Math.max(best, sum);
  }
  return best;
}

async function measure(make: () => Store, material: Material): Promise<Row> {
  const store = make();
  await store.ready;
  const fillMs = await fill(store, material);
  const exact = await timed(EXACT, async (at) => {
    if (!(await store.lookup(digest(`${(at * 7919) % ENTRIES}`)))) throw new Error("an entry is missing");
  });
  await ask(store, material);
  const semantic = await ask(store, material);
  await store.close();
  return {
    store: store.kind,
    "exact p50 ms": quantile(exact, 0.5),
    "exact p99 ms": quantile(exact, 0.99),
    "semantic p50 ms": quantile(semantic.ms, 0.5),
    "semantic p99 ms": quantile(semantic.ms, 0.99),
    "semantic CPU ms here": semantic.cpuMs,
    "recall@1": semantic.recall,
    "longest block ms": semantic.blockedMs,
    "stored/s": ENTRIES / (fillMs / 1000),
    ...(await openAgain(make, material)),
  };
}

async function fill(store: Store, { vectors }: Material): Promise<number> {
  const started = performance.now();
  const answer = Buffer.alloc(ANSWER_BYTES, "a");
  for (let at = 0; at < ENTRIES; at++) {
    const vector = vectors.subarray(at * DIMENSIONS, (at + 1) * DIMENSIONS);
    while (!store.put(entryOf(`${at}`, { vector, answer }))) {
      await store.flush();
      await sleep(1);
    }
  }
  await store.flush();
  return performance.now() - started;
}

async function ask(store: Store, { asked, best }: Material) {
  let right = 0;
  const partition = digest("partition");
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  delay.enable();
  const cpu = process.threadCpuUsage();
  const ms = await timed(QUESTIONS, async (at) => {
    const [near] = await store.nearest({ partition, vector: asked[at]!, most: 5, least: -1 });
    if (near && near.similarity >= best[at]! - TIE) right += 1;
  });
  const { user, system } = process.threadCpuUsage(cpu);
  delay.disable();
  // The histogram counts from one tick to the next, of which the resolution is meant.
  const blockedMs = Math.max(0, delay.max / 1e6 - DELAY_RESOLUTION_MS);
  return { ms, recall: right / QUESTIONS, cpuMs: (user + system) / 1000 / QUESTIONS, blockedMs };
}

/** What an earlier process stored, found by another. */
async function openAgain(make: () => Store, material: Material): Promise<Row> {
  const started = performance.now();
  const store = make();
  await store.ready;
  const seconds = (performance.now() - started) / 1000;
  const { recall } = await ask(store, material);
  const isLasting = store.kind !== "memory";
  await store.close();
  return { "opened again s": isLasting ? seconds : 0, "recall@1 again": isLasting ? recall : 0 };
}

async function timed(times: number, work: (at: number) => Promise<void>): Promise<number[]> {
  const ms: number[] = [];
  for (let at = 0; at < times; at++) {
    const started = performance.now();
    await work(at);
    ms.push(performance.now() - started);
    // Others have their turn, as in a server, and the delay of the loop is seen.
    if (at % 10 === 9) await new Promise((resolve) => setImmediate(resolve));
  }
  return ms;
}

/** Bytes of an entry in this process, measured in one of its own, and where it is stored. */
function held(kind: Store["kind"], where = "", stored = 0): Row {
  const fill = ["--expose-gc", join(import.meta.dirname, "cache-store-fill.ts"), kind, where];
  return {
    "resident bytes/entry": Number(execFileSync(process.execPath, fill)),
    "stored bytes/entry": Math.round(stored / ENTRIES),
  };
}

async function tableBytes(url: string): Promise<number> {
  const database = openPostgres({ url, connections: 1, statementMs: 10_000 });
  try {
    const sizes = ["signalbox_cache", "signalbox_cache_use", "signalbox_cache_gone"].map(
      (name) => `pg_total_relation_size('${name}')`,
    );
    const { rows } = await database.query(`select ${sizes.join(" + ")} as bytes`);
    return Number(rows[0]!["bytes"]);
  } finally {
    await database.close();
  }
}

async function callsOfOneFlight(): Promise<number> {
  let calls = 0;
  const flights = createFlights<string>({ bytes: 100_000, sizeOf: (part) => part.length });
  const work = async function* () {
    calls += 1;
    for (let at = 0; at < 100; at++) {
      await new Promise((resolve) => setImmediate(resolve));
      yield "part of an answer ";
    }
  };
  const ask = async () => {
    let text = "";
    for await (const part of flights.join("key", work)) text += part;
    if (text.length !== 1800) throw new Error("half an answer");
  };
  await Promise.all(Array.from({ length: 1000 }, ask));
  return calls;
}

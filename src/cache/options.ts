import { z } from "zod";
import type { Bounds } from "./store.ts";

/** Room for one entry, on average: an answer of a page or two, its question, its vectors. */
const BYTES_PER_ENTRY = 8192;
const MOST_MS = 365 * 24 * 3_600_000;

/** Part of the room from which on a tenant makes room for others before they make any for it. */
const SHARE = 0.5;

const ttl = z.int().min(1000).max(MOST_MS);
const temperature = z.number().min(0).max(2);
const MODE_TEXT =
  "exact: only the same request is answered from the cache. semantic: so is a question that means the same.";

const common = {
  mode: z.enum(["exact", "semantic"]).default("semantic").describe(MODE_TEXT),
  entries: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(10_000)
    .describe("Answers that are kept, of 8 KiB each on average; then those go that were used least."),
  window_ms: ttl
    .default(3_600_000)
    .describe("Time to live: how long an answer is kept, in milliseconds. A route may say otherwise."),
  temperature: temperature
    .default(1)
    .describe("Answers to requests that ask for a higher temperature are not kept. A route may say otherwise."),
  body_bytes: z
    .int()
    .min(1024)
    .max(16 * 2 ** 20)
    .default(2 ** 20)
    .describe("An answer that needs more bytes, with its question, is not kept."),
  threshold: z
    .number()
    .min(0.5)
    .max(1)
    .optional()
    .describe(
      "Probability from which on two questions count as the same; semantic only. The packaged model's own by default (0.93); `calibrate cache` finds one.",
    ),
  thresholds: z
    .record(z.string().min(1).max(128), z.number().min(0.5).max(1))
    .default({})
    .describe("The same by domain, in place of the one above."),
};

/** A lookup in what is not this process's memory. */
const deadline = z
  .int()
  .min(1)
  .max(10_000)
  .default(50)
  .describe("How long a lookup may take, in milliseconds; then the request goes on as if nothing was found.");

const memory = z.strictObject({
  kind: z.literal("memory").describe("In the memory of this process, until it ends."),
  ...common,
});

const sqlite = z.strictObject({
  kind: z.literal("sqlite").describe("In a file, which the next process finds again."),
  ...common,
  path: z
    .string()
    .min(1)
    .max(4096)
    .default(".signalbox/cache.db")
    .describe("The SQLite file. Counted from the working directory; several processes may share it."),
  deadline_ms: deadline,
});

const postgres = z.strictObject({
  kind: z
    .literal("postgres")
    .describe("In a PostgreSQL database (13 or newer), which replicas share. Each keeps the vectors in memory too."),
  ...common,
  url: z
    .string()
    .max(4096)
    .regex(/^postgres(?:ql)?:\/\/[^\s]+$/u, "begins with postgres://")
    .refine((url) => URL.canParse(url), "is no URL")
    .describe("postgres://USER:PASSWORD@HOST:PORT/DATABASE. Write ${NAME} or ${file:PATH} for what is secret."),
  connections: z.int().min(1).max(100).default(4).describe("Most connections to the database at once."),
  deadline_ms: deadline,
});

/** The `cache` part of the config. Without it nothing is kept. */
export const cacheOptions = z
  .discriminatedUnion("kind", [memory, sqlite, postgres])
  .describe("Answers that are given again to the same question. Off when absent.");

export type CacheOptions = z.output<typeof cacheOptions>;

/** The `cache` part of a route. */
export const routeCacheOptions = z
  .strictObject({
    mode: z
      .enum(["off", "exact", "semantic"])
      .optional()
      .describe(`off: nothing of it is looked up or kept. ${MODE_TEXT}`),
    window_ms: ttl.optional().describe("Overrides cache.window_ms."),
    temperature: temperature.optional().describe("Overrides cache.temperature."),
  })
  .describe("Overrides the cache for what goes this way. It means nothing without `cache`.");

export type RouteCacheOptions = z.output<typeof routeCacheOptions>;

/** The bounds of the store. */
export const boundsOf = (options: CacheOptions): Bounds => ({
  entries: options.entries,
  bytes: bytesFor(options),
  entryBytes: options.body_bytes,
  share: SHARE,
});

/** Of all entries together. */
const bytesFor = ({ entries, body_bytes }: Pick<CacheOptions, "entries" | "body_bytes">): number =>
  Math.max(entries * BYTES_PER_ENTRY, body_bytes);

import { z } from "zod";

/** Room for one entry, on average: an answer of a page or two, its question, its vectors. */
const BYTES_PER_ENTRY = 8192;
const MOST_MS = 365 * 24 * 3_600_000;

const common = {
  mode: z
    .enum(["exact", "semantic"])
    .default("semantic")
    .describe(
      "exact: only the same request is answered from the cache. semantic: so is a question that means the same.",
    ),
  entries: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(10_000)
    .describe("Answers that are kept, of 8 KiB each on average; then those go that were used least."),
  ttl_ms: z
    .int()
    .min(1000)
    .max(MOST_MS)
    .default(3_600_000)
    .describe("How long an answer is kept, in milliseconds. A route may say otherwise."),
  body_bytes: z
    .int()
    .min(1024)
    .max(16 * 2 ** 20)
    .default(2 ** 20)
    .describe("An answer that needs more bytes, with its question, is not kept."),
  share: z
    .number()
    .gt(0)
    .max(1)
    .default(0.5)
    .describe("Part of the room from which on a tenant makes room for others before they make any for it."),
  threshold: z
    .number()
    .min(0.5)
    .max(1)
    .default(0.95)
    .describe("How similar a question must be to one that was answered, as a cosine; semantic only."),
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
  kind: z.literal("postgres").describe("In a PostgreSQL database with pgvector 0.8 or newer, which replicas share."),
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

/** Of all entries together. */
export const bytesFor = ({ entries, body_bytes }: Pick<CacheOptions, "entries" | "body_bytes">): number =>
  Math.max(entries * BYTES_PER_ENTRY, body_bytes);

import type { Worker } from "node:worker_threads";
import type { Clock } from "../contracts.ts";
import { pairOf } from "./compare.ts";
import { createEmbeddings, type EmbeddingsOptions } from "./embeddings.ts";
import { type Encoder, EncoderError, type Encoding, type Scan, type Stage } from "./encoder.ts";
import type { EncoderEvent } from "./event.ts";
import type { RawReading } from "./full.ts";
import { createFullReads } from "./full-reads.ts";
import { type OwnHead, readHeads, withHeads } from "./heads.ts";
import { PACKAGED_MODELS } from "./manifest.ts";
import type { Compared, WorkerSetup } from "./message.ts";
import { ModelWorker } from "./model-worker.ts";
import type { EncoderOptions } from "./options.ts";
import { type OwnManifest, readOwnSource } from "./own-manifest.ts";
import { fullEncoding, isMixed, loadPackaged, type Packaged } from "./packaged.ts";
import { createPool, type Pool } from "./pool.ts";
import { predict } from "./prediction.ts";
import { createRescan } from "./rescan.ts";
import { nothingRead, type StaticAnswer } from "./scan.ts";
import { moduleUrl } from "./stage.ts";

/** Text up to here is read on the calling thread, in well under a millisecond; longer text by workers. In UTF-16 units. */
const SHORT_UNITS = 4096;
/** Long texts whose static answer is kept: their second look needs it, and to read them again would take its time. */
const LONG_KEPT = 8;
/** Texts that are scanned on the calling thread: each costs a window, however short. */
const FEW_TEXTS = 16;
const UNITS_PER_TOKEN = 4;
/** Texts that may wait for a worker, or be asked of an endpoint at once; more are refused. */
const MOST_WAITING = 256;

export interface EncoderDeps {
  readonly clock: Clock;
  onEvent?(event: EncoderEvent): void;
  /** Folder of the packaged models; the package's own by default. */
  readonly models?: string;
  /** Most texts that wait, in place of the usual. */
  readonly queue?: number;
  /** URL of the module that makes the static stage, for other tables than the packaged ones. */
  readonly stage?: string;
  /** Starts a worker thread on its entry. */
  startWorker?(entry: URL, setup: WorkerSetup): Worker;
}

/** An encoder with what its heads need to be judged by. */
export interface LoadedEncoder extends Encoder {
  /** By head and stage: the least `known` with which its answer counts. */
  readonly abstainBelow: Readonly<Record<string, Readonly<Partial<Record<Stage, number>>>>>;
}

/** Where encodings come from: what differs between the packaged model and one's own. */
interface Source {
  readonly version: string;
  readonly hasFullStage: boolean;
  readonly heads: Readonly<Record<string, SourceHead>>;
  /** Width of the features by stage, where it is known. */
  readonly features: Readonly<Partial<Record<Stage, number>>>;
  encode(text: string, deadlineMs: number): Encoding | Promise<Encoding>;
  refine(text: string, deadlineMs: number, abort?: AbortSignal): Promise<Encoding>;
  compare?: Encoder["compare"];
  rescan: Encoder["rescan"];
  close(): void;
}

interface SourceHead {
  readonly labels: readonly string[];
  readonly abstainBelow: Readonly<Partial<Record<Stage, number>>>;
}

/**
 * Loads the models and starts the workers; done when all of it is ready. Scans are the packaged static stage's,
 * wherever encodings come from.
 * @throws EncoderError `model` that names the file which is missing, damaged or does not fit, and what to do
 */
export async function createEncoder(options: EncoderOptions, deps: EncoderDeps): Promise<LoadedEncoder> {
  const isPackaged = options.onnx === undefined && options.embeddings === undefined;
  const own = options.onnx === undefined ? undefined : await readOwnSource(options.onnx);
  const packaged = await loadPackaged(
    deps.models ?? PACKAGED_MODELS,
    deps.stage ?? moduleUrl("static"),
    isPackaged && options.second_stage !== "never",
  );
  const pool = startPool(options, deps, {
    static: { source: packaged.source, vocabulary: packaged.vocabulary },
    ...(packaged.full && { full: packaged.full }),
    ...(packaged.compare && { compare: packaged.compare }),
    ...(own && { own }),
  });
  const house: House = { options, queue: queueOf(deps), clock: deps.clock, packaged, pool };
  const source = sourceOf(house, own?.manifest);
  try {
    const [heads] = await Promise.all([ownHeads(options, source), pool.started]);
    return compose(house, source, heads);
  } catch (error) {
    source.close();
    await pool.close();
    throw error;
  }
}

const queueOf = ({ queue = MOST_WAITING }: EncoderDeps): number => queue;

function startPool({ workers }: EncoderOptions, deps: EncoderDeps, setup: WorkerSetup): Pool {
  const entry = new URL(moduleUrl("worker"));
  const start = deps.startWorker ?? ((url, given) => new ModelWorker(url, given));
  return createPool({
    workers,
    queue: queueOf(deps),
    clock: deps.clock,
    start: () => start(entry, setup),
    onEvent: (event) => deps.onEvent?.(event),
  });
}

async function ownHeads({ heads: path }: EncoderOptions, { version, features }: Source): Promise<readonly OwnHead[]> {
  return path === undefined ? [] : await readHeads(path, { version, features });
}

/** What a source works with. */
interface House {
  readonly options: EncoderOptions;
  readonly queue: number;
  readonly clock: Clock;
  readonly packaged: Packaged;
  readonly pool: Pool;
}

function sourceOf(house: House, own: OwnManifest | undefined): Source {
  const { embeddings } = house.options;
  if (own !== undefined) return ownSource(house, own);
  return embeddings === undefined ? packagedSource(house) : embeddingsSource(house, embeddings);
}

function packagedSource({ options, clock, packaged, pool }: House): Source {
  const { manifest, full } = packaged;
  const most = Math.min(options.max_tokens, manifest.full?.maxTokens ?? 0);
  const readFull = createFullReads(pool);
  const heads = Object.entries(manifest.heads).map(([name, { labels, static: fast, full: slow }]) => {
    const abstainBelow = { static: fast.abstainBelow, ...(slow && { full: slow.abstainBelow }) };
    return [name, { labels, abstainBelow }] as const;
  });
  const long = new Map<string, StaticAnswer>();
  const encode = (text: string, endsAt: number, abort?: AbortSignal): StaticAnswer | Promise<StaticAnswer> => {
    if (text.length <= SHORT_UNITS) return packaged.encode(text);
    const known = long.get(text);
    if (known) return known;
    return pool.run({ kind: "encode", text }, 0, { endsAt, ...(abort && { abort }) }).then((value) => {
      long.set(text, value as StaticAnswer);
      if (long.size > LONG_KEPT) long.delete(long.keys().next().value!);
      return value as StaticAnswer;
    });
  };
  return {
    version: manifest.version,
    hasFullStage: full !== undefined,
    heads: Object.fromEntries(heads),
    features: { static: manifest.static.features, ...(manifest.full && { full: manifest.full.features }) },
    encode: (text, deadlineMs) => encode(text, clock() + deadlineMs),
    async refine(text, deadlineMs, abort) {
      if (full === undefined) throw new EncoderError("model", "This encoder has no full stage.");
      const endsAt = clock() + deadlineMs;
      const input = packaged.tokensFor(text, most);
      const slow = readFull(input, { endsAt, ...(abort && { abort }) });
      const [reading, fast] = await Promise.all([slow, isMixed(manifest) ? encode(text, endsAt, abort) : undefined]);
      return fullEncoding(reading, manifest, fast?.heads);
    },
    ...(packaged.compare && { compare: comparer({ packaged, pool, clock }) }),
    rescan: full === undefined ? unchanged : createRescan({ packaged, readFull, clock, most }),
    close: () => undefined,
  };
}

function comparer({
  packaged,
  pool,
  clock,
}: Pick<House, "packaged" | "pool" | "clock">): NonNullable<Source["compare"]> {
  const most = packaged.manifest.compare!.maxTokens;
  return async (a, b, deadlineMs, abort) => {
    const [one, other] = [packaged.tokensFor(a, most), packaged.tokensFor(b, most)];
    const pair = pairOf(one, other);
    const size = pair[0].ids.length;
    if (size > most || one.cut || other.cut) return undefined;
    const wait = { endsAt: clock() + deadlineMs, ...(abort && { abort }) };
    const found = await pool.run({ kind: "compare", pair }, 2 * size, wait);
    return (found as Compared).logit;
  };
}

/** A model of one's own stands where the static stage does, and is all there is. */
function ownSource({ clock, pool }: House, { version, dimensions, maxTokens, heads }: OwnManifest): Source {
  const told = Object.entries(heads).map(([name, { labels, abstainBelow }]) => {
    return [name, { labels, abstainBelow: { static: abstainBelow } }] as const;
  });
  return {
    version,
    ...onlyStage,
    heads: Object.fromEntries(told),
    features: { static: dimensions },
    async encode(text, deadlineMs) {
      const size = Math.min(maxTokens, Math.ceil(text.length / UNITS_PER_TOKEN) + 2);
      const value = await pool.run({ kind: "own", text }, size, { endsAt: clock() + deadlineMs });
      const { logits, ...found } = value as RawReading;
      const predictions = Object.entries(logits).map(
        ([name, values]) => [name, predict(values, heads[name]!)] as const,
      );
      return { stage: "static", ...found, heads: Object.fromEntries(predictions) };
    },
    close: () => undefined,
  };
}

function embeddingsSource({ queue }: House, endpoint: EmbeddingsOptions): Source {
  const embeddings = createEmbeddings(endpoint, queue);
  const { model, dimensions } = endpoint;
  return {
    version: `embeddings:${model}${dimensions === undefined ? "" : `:${dimensions}`}`,
    ...onlyStage,
    heads: {},
    features: dimensions === undefined ? {} : { static: dimensions },
    async encode(text, deadlineMs) {
      const { vector, tokens, cut } = await embeddings.encode(text, deadlineMs);
      return { stage: "static", vector, features: vector, heads: {}, tokens, cut };
    },
    close: () => embeddings.close(),
  };
}

const unchanged: Encoder["rescan"] = (_texts, scan) => Promise.resolve(scan);

const onlyStage = {
  hasFullStage: false,
  rescan: unchanged,
  refine: () => Promise.reject(new EncoderError("model", "This encoder has no full stage.")),
};

function compose({ clock, packaged, pool }: House, source: Source, own: readonly OwnHead[]): LoadedEncoder {
  const { version, hasFullStage } = source;
  const isShort = (texts: readonly string[]) =>
    texts.length <= FEW_TEXTS && texts.reduce((sum, text) => sum + text.length, 0) <= SHORT_UNITS;
  return {
    version,
    hasFullStage,
    ...judged(source, own),
    encode(text, deadlineMs) {
      const encoding = source.encode(text, deadlineMs);
      return encoding instanceof Promise ? encoding.then((late) => withHeads(late, own)) : withHeads(encoding, own);
    },
    ...(source.compare && { compare: source.compare }),
    refine: async (text, deadlineMs, abort) => withHeads(await source.refine(text, deadlineMs, abort), own),
    scan(texts, { safety, entities, deadlineMs }) {
      const wants = { safety, entities };
      if (isShort(texts)) return packaged.scan(texts, wants);
      const scan = pool.run({ kind: "scan", texts, wants }, 0, { endsAt: clock() + deadlineMs });
      return scan.then(
        (value) => value as Scan,
        (error: unknown) => {
          // Out of time is an answer too: of what was not read, somebody else decides.
          if (error instanceof EncoderError && error.fault === "deadline") {
            return nothingRead(packaged.manifest, texts, wants);
          }
          throw error;
        },
      );
    },
    rescan: source.rescan,
    async close() {
      source.close();
      await pool.close();
    },
  };
}

/** Labels and thresholds by head, one's own before the model's. */
function judged({ heads }: Source, own: readonly OwnHead[]): Pick<LoadedEncoder, "labels" | "abstainBelow"> {
  const labels: Record<string, readonly string[]> = {};
  const abstainBelow: Record<string, Partial<Record<Stage, number>>> = {};
  for (const [name, head] of Object.entries(heads)) {
    labels[name] = head.labels;
    abstainBelow[name] = head.abstainBelow;
  }
  for (const { name } of own) delete abstainBelow[name];
  for (const { name, labels: names, stage, abstainBelow: least } of own) {
    labels[name] = names;
    abstainBelow[name] = { ...abstainBelow[name], [stage]: least };
  }
  return { labels, abstainBelow };
}

import { createStream, type RotatingFileStream } from "rotating-file-stream";
import type { Attempt, Decision, DecisionInputs, Outcome, SignalReport, Usage } from "../contracts.ts";
import type { CacheResult, Channel, RequestRecord } from "../events.ts";

/** The store of records: JSON lines in a file that is set aside when it is full. */
export interface Records {
  /** Resolves when everything told so far is written, or has failed to be. */
  flush(): Promise<void>;
  /** Stops listening, writes what is left, closes the file. */
  stop(): Promise<void>;
}

export interface RecordsOptions {
  readonly path: string;
  /** Files set aside that are kept: `PATH.1` is the newest. */
  readonly keep: number;
  /** Store the text that events carry. */
  readonly text: boolean;
  /** Size at which the file is set aside and a new one begun. */
  readonly rotateBytes?: number;
  /** Most bytes that wait to be written; what comes above is dropped and counted. */
  readonly bufferBytes?: number;
  /** Milliseconds between two tries to open a file that could not be written. */
  readonly retryMs?: number;
  /** Milliseconds between two fault events. */
  readonly faultMs?: number;
  readonly now?: () => number;
}

const ROTATE_BYTES = 100 * 1024 * 1024;
const BUFFER_BYTES = 16 * 1024 * 1024;
const RETRY_MS = 5_000;
const FAULT_MS = 60_000;
const WRITE_BYTES = 256 * 1024;
const LONGEST_TEXT = 65_536;
const MOST_FIELDS = 64;
/** Of one signal: as many as a config can name. */
const MOST_LABELS = 1000;
/** Of a pool, for a line of some kilobytes. */
const MOST_MODELS = 64;
const LONGEST_WORD = 64;

/**
 * Writes one line for each request and each outcome. A disk that is full or a path that cannot be written never
 * touches a request: records are dropped, and a fault event tells how many, at most once a minute.
 */
export function createRecords(channel: Channel, options: RecordsOptions): Records {
  const now = options.now ?? Date.now;
  const limit = options.bufferBytes ?? BUFFER_BYTES;
  const rotateBytes = options.rotateBytes ?? ROTATE_BYTES;
  let waiting: string[] = [];
  let waitingBytes = 0;
  let dropped = 0;
  let closed = false;
  let writing: Promise<void> | undefined;
  let file: RotatingFileStream | undefined;
  let brokenUntil = -Infinity;
  let toldAt = -Infinity;
  /** The last write failed and may have left half a line. */
  let torn = false;

  const unsubscribe = channel.subscribe((event) => {
    if (event.kind === "request") store(requestLine(event, options.text));
    else if (event.kind === "outcome") store(outcomeLine(event.outcome, event.model, event.target, now()));
  });

  function store(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (waitingBytes + bytes > limit || now() < brokenUntil) return drop(1);
    waiting.push(line);
    waitingBytes += bytes;
    writing ??= drain();
  }

  function drop(count: number, error?: unknown): void {
    dropped += count;
    if (now() - toldAt < (options.faultMs ?? FAULT_MS)) return;
    toldAt = now();
    channel.publish({ kind: "fault", where: "records", error: new RecordsFault(dropped, error) });
  }

  async function drain(): Promise<void> {
    // Events of one turn of the loop go out in one write.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const batch = take();
      try {
        file ??= open();
        await write(file, (torn ? "\n" : "") + batch.join(""));
        torn = false;
      } catch (error) {
        broken(batch.length, error);
      }
    }
    writing = undefined;
  }

  /** So many lines that a file grows by little over its size before it is set aside. */
  function take(): string[] {
    const most = Math.min(WRITE_BYTES, rotateBytes);
    let bytes = 0;
    let count = 0;
    for (const line of waiting) {
      bytes += Buffer.byteLength(line);
      if (count > 0 && bytes > most) break;
      count += 1;
      waitingBytes -= Buffer.byteLength(line);
    }
    const batch = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return batch;
  }

  function open(): RotatingFileStream {
    const stream = createStream(options.path, {
      size: `${rotateBytes}B`,
      rotate: options.keep,
      mode: 0o600,
    });
    // Each write learns of its own failure; without a listener the same error would end the process.
    stream.on("error", () => undefined);
    return stream;
  }

  function broken(lost: number, error: unknown): void {
    file?.destroy();
    file = undefined;
    torn = true;
    brokenUntil = now() + (options.retryMs ?? RETRY_MS);
    const all = lost + waiting.length;
    waiting = [];
    waitingBytes = 0;
    drop(all, error);
  }

  async function flush(): Promise<void> {
    if (writing === undefined) return;
    await writing;
    // What came in meanwhile has a writing of its own.
    await flush();
  }

  return {
    flush,
    async stop() {
      if (closed) return;
      closed = true;
      unsubscribe();
      await flush();
      const last = file;
      file = undefined;
      if (last) await close(last);
    },
  };
}

/** Says how many records are lost since the start. `code` is that of the system, such as ENOSPC. */
class RecordsFault extends Error {
  override readonly name = "RecordsFault";
  readonly code: string;

  constructor(dropped: number, cause: unknown) {
    super(`${dropped} records dropped since the start`, { cause });
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    this.code = typeof code === "string" ? code : cause === undefined ? "TOO_SLOW" : "UNKNOWN";
  }
}

function write(file: RotatingFileStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(file.errored ?? new Error("the file was closed"));
    file.once("close", gone);
    file.write(text, (error) => {
      file.off("close", gone);
      if (error) reject(file.errored ?? error);
      else resolve();
    });
  });
}

function close(file: RotatingFileStream): Promise<void> {
  return new Promise((resolve) => {
    file.once("close", () => resolve());
    file.once("error", () => resolve());
    file.end(() => file.destroy());
  });
}

/** One request as a line. Names are a contract: replay and reports read them. Absent is null or left out. */
function requestLine(record: RequestRecord, text: boolean): string {
  const { plan } = record;
  return lineOf({
    type: "request",
    at: new Date(record.at).toISOString(),
    decision_id: plan?.decisionId,
    config_hash: plan?.configHash,
    door: record.door,
    api: record.api,
    tenant: record.tenant,
    stream: record.stream,
    status: record.status,
    error: record.error,
    ...(plan?.decision && decisionFields(plan.decision)),
    inputs: plan?.inputs && inputFields(plan.inputs),
    signals: plan?.signals.map(signalFields),
    safety: plan && { action: plan.safety.action, classes: plan.safety.classes },
    rules: plan?.rules,
    blocked: plan?.blocked?.code,
    asked: record.asked?.map((asked) => ({ purpose: asked.purpose, ...attemptFields(asked) })),
    attempts: record.attempts.map(attemptFields),
    cascade: record.cascade && cascadeFields(record.cascade),
    cache: record.cache && cacheFields(record.cache),
    input_tokens: record.inputTokens,
    usage: record.usage && usageFields(record.usage),
    cost_usd: record.costUsd,
    baseline_usd: record.baselineUsd,
    decision_ms: plan && plan.micros / 1000,
    overhead_ms: record.overheadMs,
    total_ms: record.totalMs,
    text: text ? record.text?.slice(0, LONGEST_TEXT) : undefined,
  });
}

const cacheFields = ({ result, model, route, ageMs, similarity }: CacheResult): object => ({
  result,
  model,
  route,
  age_ms: ageMs,
  similarity,
});

function cascadeFields({
  models,
  verdicts,
  answered,
  escalated,
  books,
}: NonNullable<RequestRecord["cascade"]>): object {
  return {
    models,
    verdicts: verdicts.map(({ model, passes, good, gate }) => ({ model, gate, good, passes })),
    answered,
    escalated,
    escalation_rate: books.rate,
    break_even_rate: books.breakEvenRate,
    saved_usd: books.savedUsd,
    verdict: books.verdict,
  };
}

/** What the decision can be taken from again, with the config and the signals. Absent for a pool of more models. */
function inputFields({ inRollout, models, held, reasoning, ...rest }: DecisionInputs): object | undefined {
  if (models.length > MOST_MODELS) return undefined;
  return {
    ...rest,
    in_rollout: inRollout,
    held: held && { model: held.model, cost_usd: held.costUsd, in_tool_loop: held.inToolLoop },
    reasoning: reasoning && { effort: reasoning.effort, budget_tokens: reasoning.budgetTokens },
    models: models.map(({ model, costUsd, latencyMs, allowed }) => ({
      model,
      cost_usd: costUsd,
      latency_ms: latencyMs,
      refused: allowed === true ? undefined : allowed,
    })),
  };
}

function decisionFields(decision: Decision): object {
  return {
    model: decision.model,
    tier: decision.tier,
    route: decision.route,
    reason: decision.reason,
    confidence: decision.confidence,
    margin: decision.margin,
    runner_up: decision.runnerUp,
    instead_model: decision.instead?.model,
    reasoning: decision.reasoning?.effort,
    expected_cost_usd: decision.expectedCostUsd,
    expected_baseline_usd: decision.baselineCostUsd,
  };
}

/** The error's sentence stays out: only our own sentences are known to hold no text, and a signal may be a user's. */
function signalFields({ signal, readings, micros, stage, failure }: SignalReport): object {
  const labels = readings.slice(0, MOST_LABELS).map(({ label, score, confidence }) => ({ label, score, confidence }));
  return { name: signal, labels, ms: micros / 1000, stage, failure };
}

function attemptFields({
  model,
  target,
  result,
  continues,
  discarded,
  status,
  ttftMs,
  latencyMs,
  usage,
}: Attempt): object {
  return {
    model,
    target,
    result,
    continues,
    discarded,
    status,
    ttft_ms: ttftMs,
    latency_ms: latencyMs,
    usage: usage && usageFields(usage),
  };
}

function usageFields({ inputTokens, outputTokens, cachedInputTokens, estimated }: Usage): object {
  return {
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    cached_input_tokens: cachedInputTokens,
    estimated,
  };
}

function outcomeLine(outcome: Outcome, model: string, target: string, at: number): string {
  return lineOf({
    type: "outcome",
    at: new Date(at).toISOString(),
    decision_id: outcome.decisionId,
    model,
    target,
    status: outcome.status,
    finish: outcome.finish?.slice(0, LONGEST_WORD),
    usage: outcome.usage && usageFields(outcome.usage),
    ttft_ms: outcome.ttftMs,
    latency_ms: outcome.latencyMs,
    scores: Object.fromEntries(Object.entries(outcome.scores).slice(0, MOST_FIELDS)),
  });
}

const lineOf = (fields: object) => `${JSON.stringify(fields)}\n`;

import { pino } from "pino";
import type { Channel, RequestRecord, RouterEvent } from "../events.ts";

export type LogLevel = "silent" | "error" | "warn" | "info" | "debug";
type Fields = Readonly<Record<string, unknown>>;

/** Where sentences about the running process go. Fields hold facts; no prompt text, no keys. */
export interface Log {
  error(fields: Fields, sentence: string): void;
  warn(fields: Fields, sentence: string): void;
  info(fields: Fields, sentence: string): void;
  debug(fields: Fields, sentence: string): void;
}

export interface LogOptions {
  readonly level: LogLevel;
  /** One short line for people instead of JSON. */
  readonly pretty?: boolean;
  /** Takes whole lines; standard error by default. */
  readonly destination?: { write(line: string): unknown };
}

export function createLog({ level, pretty = false, destination }: LogOptions): Log {
  const out = destination ?? pino.destination({ dest: 2, sync: true });
  const stream = pretty ? { write: (line: string) => out.write(prettyLine(line)) } : out;
  return pino(
    {
      level,
      base: null,
      messageKey: "message",
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }), log: (fields) => clean(fields, 0) as Fields },
    },
    stream,
  );
}

const SECRET_FIELD = /(?:authorization|password|secret|cookie|token|key|credentials?)$/iu;
const SECRET_TEXT = /\b(?:(?:Bearer|Basic)\s+\S+|(?:sk|pk|rk)-[\w-]{12,}|AIza[\w-]{20,})/giu;
const REDACTED = "[redacted]";
const LONGEST_TEXT = 1000;
const DEEPEST = 6;
const MOST_ENTRIES = 50;

/** The fields without what must not be logged, and of bounded size. */
function clean(value: unknown, depth: number): unknown {
  if (typeof value === "string") return value.slice(0, LONGEST_TEXT).replace(SECRET_TEXT, REDACTED);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Error) return clean(errorFields(value), depth);
  if (depth >= DEEPEST) return "...";
  if (Array.isArray(value)) return value.slice(0, MOST_ENTRIES).map((item) => clean(item, depth + 1));
  const entries = Object.entries(value).slice(0, MOST_ENTRIES);
  return Object.fromEntries(
    entries.map(([name, inner]) => [name, SECRET_FIELD.test(name) ? REDACTED : clean(inner, depth + 1)]),
  );
}

/** Classes of ours, whose sentences are known to hold neither prompt text nor keys. */
const OURS = new Set(["RouterError", "UpstreamFailure", "RecordsFault", "StorageError"]);
const CODE = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/u;
const FRAME = /^\s+at .{1,300}$/u;
const MOST_FRAMES = 12;
const LONGEST_CHAIN = 3;

/**
 * An error as fields. Of an error that is not ours only class, codes and stack frames are told: its message may
 * quote what it failed on, as that of JSON.parse does.
 */
function errorFields(error: unknown, chain = 0): Fields {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  return {
    type: CODE.test(error.name) ? error.name : "Error",
    ...(OURS.has(error.name) && { message: error.message }),
    ...(typeof code === "string" && CODE.test(code) && { code }),
    ...(typeof syscall === "string" && CODE.test(syscall) && { syscall }),
    stack: framesOf(error),
    ...(error.cause !== undefined && chain < LONGEST_CHAIN && { cause: errorFields(error.cause, chain + 1) }),
  };
}

/** The stack begins with the message, over as many lines as that has: without finding it there, there is no stack. */
function framesOf({ message, stack = "" }: Error): string[] {
  const start = stack.indexOf(message);
  if (start < 0) return [];
  const lines = stack.slice(start + message.length).split("\n");
  return lines
    .filter((line) => FRAME.test(line))
    .slice(0, MOST_FRAMES)
    .map((line) => line.trim());
}

const FLOOD = 20;
const FLOOD_MS = 10_000;

/** Turns events into sentences. Of one kind of failure at most 20 lines are written in 10 seconds, the rest counted. */
export function logEvents(channel: Channel, log: Log, now: () => number = Date.now): () => void {
  const valve = createValve(now);
  return channel.subscribe((event) => {
    switch (event.kind) {
      case "request":
        return logRequest(event, log, valve);
      case "breaker":
        return logBreaker(event, log);
      case "probe":
        return event.state === "down"
          ? log.warn({ upstream: event.upstream }, `${event.upstream} does not answer probes: it gets no requests.`)
          : log.info({ upstream: event.upstream }, `${event.upstream} answers probes again.`);
      case "reload":
        return logReload(event, log);
      case "encoder":
        return event.worker === "died"
          ? valve("encoder", (more) => log.error(more, "A thread of the encoder died; what it read is read again."))
          : log.info({}, "Another thread of the encoder took its place.");
      case "cache":
        return event.state === "away"
          ? log.warn(
              { store: event.store, error: errorFields(event.error) },
              "The store of answers cannot be reached: requests go on without it.",
            )
          : log.info({ store: event.store }, "The store of answers can be reached again.");
      case "budget":
        return logBudget(event, log);
      case "cascade":
        return logCascade(event, log);
      case "fault":
        return valve(`fault ${event.where}`, (more) =>
          log.error({ where: event.where, error: errorFields(event.error), ...more }, `A part failed: ${event.where}.`),
        );
      case "outcome":
        return log.debug({ decision_id: event.outcome.decisionId, target: event.target }, "An outcome was reported.");
    }
  });
}

type Valve = (kind: string, write: (more: Fields) => void) => void;

function logRequest(record: RequestRecord, log: Log, valve: Valve): void {
  const fields = requestFields(record);
  if (record.status < 500) return log.debug(fields, "A request was answered.");
  valve(`request ${record.status} ${record.error ?? ""}`, (more) =>
    log.error({ ...fields, ...more }, `A request failed with status ${record.status}.`),
  );
}

function requestFields({ plan, attempts, ...record }: RequestRecord): Fields {
  return {
    decision_id: plan?.decisionId,
    door: record.door,
    status: record.status,
    error: record.error,
    model: plan?.decision?.model,
    reason: plan?.decision?.reason,
    attempts: attempts.map(({ target, result, status }) => ({ target, result, status })),
    total_ms: Math.round(record.totalMs),
  };
}

const STATES = { open: "opened: it gets no requests", half_open: "lets one request try", closed: "closed again" };

function logBreaker({ target, state }: Extract<RouterEvent, { kind: "breaker" }>, log: Log): void {
  const sentence = `The circuit breaker of ${target} ${STATES[state]}.`;
  if (state === "open") log.warn({ target, state }, sentence);
  else log.info({ target, state }, sentence);
}

function logReload({ result, hash, error, waiting }: Extract<RouterEvent, { kind: "reload" }>, log: Log): void {
  if (result === "refused") log.error({ hash, problem: error }, "The new config is wrong; the old one stays.");
  else if (result === "applied") log.info({ hash }, "The config is in force.");
  else log.info({ hash }, "The config file was read again; nothing changed.");
  if (waiting) log.warn({ hash, waiting }, `Restart to change ${waiting.join(", ")}: the rest is in force.`);
}

function logBudget(event: Extract<RouterEvent, { kind: "budget" }>, log: Log): void {
  const { tenant, state, period, spentUsd, limitUsd } = event;
  const sentence =
    state === "hard" ? "A budget is spent: its requests are refused." : "A budget is spent for the most part.";
  log.warn({ tenant, state, period, spent_usd: spentUsd, limit_usd: limitUsd }, sentence);
}

function logCascade(event: Extract<RouterEvent, { kind: "cascade" }>, log: Log): void {
  const { route, verdict, rate, breakEvenRate, savedUsd } = event;
  const fields = { route, escalation_rate: rate, break_even_rate: breakEvenRate, saved_usd: savedUsd };
  if (verdict === "loses") log.warn(fields, `The cascade of route ${route} costs more than its last model alone.`);
  else log.info(fields, `The cascade of route ${route} is not found to cost more than its last model alone any more.`);
}

function createValve(now: () => number): Valve {
  const windows = new Map<string, { start: number; count: number }>();
  return (kind, write) => {
    const known = windows.get(kind);
    const open = known !== undefined && now() - known.start < FLOOD_MS;
    const window = open ? known : { start: now(), count: 0 };
    window.count += 1;
    if (window.count > FLOOD) return;
    const left = open || !known ? 0 : Math.max(0, known.count - FLOOD);
    windows.set(kind, window);
    write(left > 0 ? { not_logged_before: left } : {});
  };
}

const CLOCK_START = 11;
const CLOCK_END = 19;

/** `12:00:01 info  The config is in force. hash=ab12` */
function prettyLine(line: string): string {
  const { time, level, message, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const clock = String(time).slice(CLOCK_START, CLOCK_END);
  const rest = Object.entries(fields).map(
    ([name, value]) => ` ${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return `${clock} ${String(level).padEnd(5)} ${String(message)}${rest.join("")}\n`;
}

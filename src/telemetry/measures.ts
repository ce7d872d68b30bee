import type { AttemptResult } from "../contracts.ts";
import type { RequestRecord, RouterEvent } from "../events.ts";

export type Kind = RouterEvent["kind"];
type EventOf<K extends Kind> = Extract<RouterEvent, { kind: K }>;
export type Labels = Readonly<Record<string, string | number>>;
/** Counts one event: adds to a counter, observes in a histogram, sets a gauge. */
export type Tell = (labels: Labels, value: number) => void;
/** An `info` is a gauge that shows one label set at a time, the last. */
type Form = "counter" | "gauge" | "info" | "histogram";

/** One line of the table: a metric, the event that moves it, and how. */
export interface Measure {
  readonly name: string;
  readonly help: string;
  readonly form: Form;
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
  readonly on: Kind;
  readonly read: (event: never, tell: Tell) => void;
}

/** Of values that are not told apart. */
export const OTHER = "other";

const MICROS = [0.00005, 0.0001, 0.0002, 0.0003, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5];
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
const TENTHS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1];
const DIFFERENCES = [0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1];
const BREAKER_STATES = { closed: 0, half_open: 1, open: 2 } as const;

/** Every metric there is. Names and labels are a contract, pinned by a test; no label holds a tenant, text or id. */
export const MEASURES: readonly Measure[] = [
  counter("decisions_total", "Decisions taken.", ["model", "tier", "route", "reason"], "request", ({ plan }, tell) => {
    if (!plan?.decision) return;
    const { model, tier, route, reason } = plan.decision;
    tell({ model, tier, route, reason }, 1);
  }),
  histogram("decision_duration_seconds", "Time from request to plan.", [], MICROS, ({ plan }, tell) => {
    if (plan) tell({}, plan.micros / 1e6);
  }),
  histogram("signal_duration_seconds", "Time one signal took.", ["signal"], MICROS, ({ plan }, tell) => {
    for (const { signal, micros } of plan?.signals ?? []) tell({ signal }, micros / 1e6);
  }),
  histogram("decision_confidence", "Probability that the chosen model is adequate.", [], TENTHS, ({ plan }, tell) => {
    if (plan?.decision) tell({}, plan.decision.confidence);
  }),
  histogram("decision_margin", "Best predicted quality minus the second.", [], DIFFERENCES, ({ plan }, tell) => {
    if (plan?.decision) tell({}, plan.decision.margin);
  }),
  counter(
    "signal_failures_total",
    "Signals that gave no, or not all, readings.",
    ["signal", "failure"],
    "request",
    ({ plan }, tell) => {
      for (const { signal, failure } of plan?.signals ?? []) if (failure) tell({ signal, failure }, 1);
    },
  ),
  counter(
    "signal_stages_total",
    "Readings that stand, by the stage of the encoder that gave them.",
    ["signal", "stage"],
    "request",
    ({ plan }, tell) => {
      for (const { signal, stage } of plan?.signals ?? []) if (stage) tell({ signal, stage }, 1);
    },
  ),
  counter("requests_total", "Requests answered, by HTTP status.", ["door", "status"], "request", (record, tell) => {
    tell({ door: record.door, status: record.status }, 1);
  }),
  histogram("request_duration_seconds", "Time from request to its end.", ["door"], SECONDS, (record, tell) => {
    tell({ door: record.door }, record.totalMs / 1000);
  }),
  histogram(
    "overhead_seconds",
    "Time that was ours, waiting for upstreams left out.",
    ["door"],
    MICROS,
    (record, tell) => {
      tell({ door: record.door }, record.overheadMs / 1000);
    },
  ),
  counter(
    "cost_usd_total",
    "What was paid, questions of ours included, in USD.",
    ["model"],
    "request",
    (record, tell) => {
      for (const { model, costUsd } of [...record.attempts, ...(record.asked ?? [])]) {
        if (costUsd !== undefined) tell({ model }, costUsd);
      }
    },
  ),
  counter(
    "asks_total",
    "Questions of ours to models, by what for and how they ended.",
    ["purpose", "result"],
    "request",
    ({ asked }, tell) => {
      for (const { purpose, result } of asked ?? []) tell({ purpose, result }, 1);
    },
  ),
  counter(
    "cost_baseline_usd_total",
    "What the answers whose cost is known would have cost with the baseline model, in USD.",
    [],
    "request",
    (record, tell) => {
      if (record.costUsd !== undefined && record.baselineUsd !== undefined) tell({}, record.baselineUsd);
    },
  ),
  // A counter cannot go down. This one leaves out the requests that cost more than the baseline; the balance
  // is cost_baseline_usd_total minus the sum of cost_usd_total.
  counter(
    "cost_saved_usd_total",
    "Savings against the baseline model, in USD; requests that cost more are not taken off.",
    [],
    "request",
    (record, tell) => {
      if (record.costUsd !== undefined && record.baselineUsd !== undefined) {
        tell({}, Math.max(0, record.baselineUsd - record.costUsd));
      }
    },
  ),
  counter("blocked_total", "Requests refused by safety or a rule.", ["class"], "request", ({ plan }, tell) => {
    if (!plan?.blocked) return;
    // A block that no safety class asked for comes from a rule.
    const classes = plan.safety.action === "block" ? plan.safety.classes : [];
    for (const name of classes.length > 0 ? classes : ["rule"]) tell({ class: name }, 1);
  }),
  counter(
    "failovers_total",
    "Tries that failed and were followed by another, by the target left.",
    ["target", "result"],
    "request",
    ({ attempts }, tell) => {
      for (const { target, result } of attempts.slice(0, -1)) if (result !== "ok") tell({ target, result }, 1);
    },
  ),
  counter(
    "cascade_requests_total",
    "Requests that went through a cascade, by who answered: a model before the last (passed), the last (escalated), nobody.",
    ["route", "result"],
    "request",
    ({ cascade, plan }, tell) => {
      const result = cascade?.escalated ? "escalated" : cascade?.answered === undefined ? "failed" : "passed";
      if (cascade) tell({ route: plan!.decision!.route, result }, 1);
    },
  ),
  counter(
    "cascade_verdicts_total",
    "Judgements of answers, by the gate that decided.",
    ["route", "model", "gate", "result"],
    "request",
    ({ cascade, plan }, tell) => {
      for (const { model, gate, passes } of cascade?.verdicts ?? [])
        tell({ route: plan!.decision!.route, model, gate, result: passes ? "passed" : "rejected" }, 1);
    },
  ),
  counter(
    "cascade_leaks_expected_total",
    "Wrong answers that passed, as far as the gates themselves expect: the sum of 1 minus what they gave each.",
    ["route"],
    "request",
    ({ cascade, plan }, tell) => {
      for (const { passes, good } of cascade?.verdicts ?? [])
        if (passes) tell({ route: plan!.decision!.route }, 1 - good);
    },
  ),
  gauge(
    "cascade_escalation_rate",
    "Share of a route's last requests for which the last model had to be asked.",
    ["route"],
    "request",
    ({ cascade, plan }, tell) => {
      if (cascade && !Number.isNaN(cascade.books.rate)) tell({ route: plan!.decision!.route }, cascade.books.rate);
    },
  ),
  gauge(
    "cascade_break_even_rate",
    "Escalation rate at which a route's cascade costs as much as its last model alone.",
    ["route"],
    "request",
    ({ cascade, plan }, tell) => {
      if (cascade && !Number.isNaN(cascade.books.rate))
        tell({ route: plan!.decision!.route }, cascade.books.breakEvenRate);
    },
  ),
  gauge(
    "cascade_losing",
    "1 where a route's cascade costs more than its last model alone.",
    ["route"],
    "request",
    ({ cascade, plan }, tell) => {
      if (cascade) tell({ route: plan!.decision!.route }, Number(cascade.books.verdict === "loses"));
    },
  ),
  counter("attempts_total", "Tries at targets.", ["target", "result"], "request", ({ attempts }, tell) => {
    for (const { target, result } of attempts) tell({ target, result }, 1);
  }),
  counter(
    "tokens_total",
    "Tokens; cached_input is a part of input.",
    ["model", "direction"],
    "request",
    (record, tell) => {
      // What was given again was used before.
      if (!record.usage || record.cache?.model !== undefined) return;
      const model = modelOf(record);
      tell({ model, direction: "input" }, record.usage.inputTokens);
      tell({ model, direction: "output" }, record.usage.outputTokens);
      tell({ model, direction: "cached_input" }, record.usage.cachedInputTokens);
    },
  ),
  counter(
    "cache_lookups_total",
    "Answers looked up, by what was found: the same request (exact), one that means the same (semantic), one on its way to somebody else (shared), none (miss).",
    ["result"],
    "request",
    ({ cache }, tell) => {
      if (cache) tell({ result: cache.result }, 1);
    },
  ),
  gauge("cache_away", "1 where the store of answers cannot be reached.", ["store"], "cache", (event, tell) => {
    tell({ store: event.store }, Number(event.state === "away"));
  }),
  gauge("breaker_state", "Circuit breaker: 0 closed, 1 half open, 2 open.", ["target"], "breaker", (event, tell) => {
    tell({ target: event.target }, BREAKER_STATES[event.state]);
  }),
  counter("reloads_total", "Readings of the config.", ["result"], "reload", ({ result }, tell) => tell({ result }, 1)),
  info("config_info", "1 for the config that decides.", ["hash"], "reload", ({ result, hash }, tell) => {
    if (result !== "refused") tell({ hash }, 1);
  }),
  counter("budgets_reached_total", "Limits of budgets that spending reached.", ["state"], "budget", ({ state }, tell) =>
    tell({ state }, 1),
  ),
  counter("outcomes_total", "Outcomes reported.", ["model"], "outcome", ({ model }, tell) => tell({ model }, 1)),
];

/** The model that answered: the last one that was tried, else the one decided on. */
function modelOf({ attempts, plan }: RequestRecord): string {
  const ok: AttemptResult = "ok";
  const answered = attempts.findLast(({ result, discarded }) => result === ok && !discarded) ?? attempts.at(-1);
  return answered?.model ?? plan?.decision?.model ?? OTHER;
}

type Read<K extends Kind> = (event: EventOf<K>, tell: Tell) => void;

function counter<K extends Kind>(name: string, help: string, labels: readonly string[], on: K, read: Read<K>): Measure {
  return { name, help, form: "counter", labels, on, read };
}

function gauge<K extends Kind>(name: string, help: string, labels: readonly string[], on: K, read: Read<K>): Measure {
  return { name, help, form: "gauge", labels, on, read };
}

function info<K extends Kind>(name: string, help: string, labels: readonly string[], on: K, read: Read<K>): Measure {
  return { name, help, form: "info", labels, on, read };
}

function histogram(
  name: string,
  help: string,
  labels: readonly string[],
  buckets: readonly number[],
  read: Read<"request">,
): Measure {
  return { name, help, form: "histogram", labels, buckets, on: "request", read };
}

/**
 * The nouns of the house. Readonly data, no behaviour, no imports.
 * Units: money in USD, time in milliseconds unless the name says micros, positions in UTF-8 bytes,
 * scores, confidences, qualities and weights in [0,1].
 */

/** The API a request body is written in; `messages` is the plain list of RouteRequest. */
export type Api = "openai-chat" | "openai-responses" | "anthropic-messages" | "gemini" | "messages";

/** The APIs that a body on the wire is written in. */
export type WireApi = Exclude<Api, "messages">;

export type Role = "system" | "user" | "assistant" | "tool";
export type Modality = "text" | "image" | "audio" | "video" | "file";
/** Where bytes may go: a model server of our own, or somebody else's. */
export type Location = "internal" | "external";

/** One piece of text that a model would see. `document` is quoted matter inside a human turn. */
export interface Passage {
  readonly role: Role;
  readonly origin: "message" | "document" | "tool_call" | "tool_result" | "tool_definition";
  readonly text: string;
}

/** What a model must be able to do to answer. `parameters` are the body's optional top-level fields. */
export interface Needs {
  readonly modalities: readonly Modality[];
  readonly tools: readonly string[];
  readonly parameters: readonly string[];
}

/** What the client asked, whatever API it spoke. */
export interface Prompt {
  readonly api: Api;
  /** The model as the client named it; empty where it named none. */
  readonly model: string;
  /** Newest human turn, harness envelopes stripped: intent and difficulty are read from it. */
  readonly turn: string;
  /** First human turn, envelopes stripped: with tenant and system text it identifies a conversation. */
  readonly firstTurn: string;
  readonly system: string;
  /** Everything a model would see, oldest first: safety is read from it. */
  readonly everything: readonly Passage[];
  readonly needs: Needs;
  readonly stream: boolean;
  /** Estimated; nobody's tokenizer is at hand. */
  readonly inputTokens: number;
  readonly maxOutputTokens?: number;
  /** What the client calls the prefix that an upstream may have cached: its `prompt_cache_key`. */
  readonly cacheKey?: string;
  /** The body itself says how much the model is to think. */
  readonly saysReasoning?: true;
  /** The body's `metadata`, strings only. The client wrote it: never a proof of anything. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Replace `length` bytes at `offset` of the original body by `bytes`. Edits of one body never overlap and are sorted. */
export interface Edit {
  readonly offset: number;
  readonly length: number;
  readonly bytes: Uint8Array;
}

/** Who asks. `models` undefined means every model of the pool. */
export interface Caller {
  readonly tenant: string;
  readonly models?: readonly string[];
  /** True for a gateway that the config trusts: its headers may be matched by rules and may name the tenant. */
  readonly trusted: boolean;
}

/** What the request itself forbids or demands. Undefined means no limit. */
export interface Constraints {
  readonly models?: readonly string[];
  readonly maxCostUsd?: number;
  readonly maxTtftMs?: number;
  readonly maxLatencyMs?: number;
  readonly minContext?: number;
  readonly tools?: boolean;
  readonly modalities?: readonly Modality[];
  readonly location?: "internal";
}

/** A model or tier or route that something insists on. */
export type Pin = { readonly model: string } | { readonly tier: string } | { readonly route: string };

/** One reading of a prompt: how much of the label is there, and how sure the reader is. */
export interface Reading {
  readonly label: string;
  readonly score: number;
  readonly confidence: number;
  readonly pin?: Pin;
  /** Of a reading whose label is a model: tokens that its reply is expected to have. */
  readonly outputTokens?: number;
  /** The user asks for more than would be chosen: one tier up. */
  readonly escalates?: true;
}

/** What a better look at a prompt could read instead, and how likely that is. */
export interface Alternative {
  readonly probability: number;
  readonly readings: readonly Reading[];
}

/**
 * Why a signal has no, or not all, readings: out of time, broken, or part of the text was not read. Of `second_look`
 * the readings are whole: what was read once could not be read again by the better stage.
 */
export type SignalFailure = "deadline" | "error" | "unread" | "second_look";

/**
 * What became of one signal. `stage` is the stage of the encoder whose readings stand, for a signal that reads with
 * it; a `failure` beside readings says what they lack. `error` is a sentence without prompt text.
 */
export interface SignalReport {
  readonly signal: string;
  readonly readings: readonly Reading[];
  readonly micros: number;
  readonly stage?: "static" | "full";
  readonly failure?: SignalFailure;
  readonly error?: string;
}

/** USD per million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
  readonly cachedInput: number;
}

export interface Speed {
  readonly ttftMs: number;
  readonly msPerToken: number;
}

/** `firstTokenMs` counts from the sending of the request, `totalMs` too; `betweenTokensMs` bounds a stream's silences after it began. */
export interface Timeouts {
  readonly connectMs: number;
  readonly firstTokenMs: number;
  readonly betweenTokensMs?: number;
  readonly totalMs: number;
}

/** One upstream endpoint of a model. `id` is `upstream/upstreamModel`, unique in the pool. */
export interface Target {
  readonly id: string;
  readonly upstream: string;
  readonly upstreamModel: string;
  /** Where `upstreamModel` is an adapter: the model that answers while the server does not know the adapter. */
  readonly base?: string;
  readonly location: Location;
}

/** Tiers run from the cheapest (rank 0) to the strongest; `quality` is what a model of the tier gets where nothing better is known. */
export interface Tier {
  readonly name: string;
  readonly rank: number;
  readonly quality: number;
  readonly timeouts: Timeouts;
}

export interface Model {
  readonly name: string;
  readonly tier: Tier;
  readonly quality: number;
  readonly price: Price;
  readonly speed: Speed;
  /** Longest prompt plus reply, in tokens. */
  readonly context: number;
  readonly maxOutput?: number;
  readonly modalities: readonly Modality[];
  readonly tools: boolean;
  /** Optional body fields that it knows; undefined means all of them. */
  readonly parameters?: readonly string[];
  /** Whose way of being told how much to think it follows; undefined means that it cannot be told. */
  readonly reasoning?: ReasoningFamily;
  readonly targets: readonly Target[];
}

/**
 * How models are told how much to think. All of OpenAI's take low, medium and high; some take less than that too,
 * which is called minimal (GPT-5) or none (GPT-5.1 and later). gpt-oss takes OpenAI's three. Claude takes a budget of
 * tokens or, from 4.6 on, an effort; Gemini a budget or, from 3 on, a level. Qwen3 and DeepSeek have a switch in their
 * chat templates, under names of their own.
 */
export type ReasoningFamily =
  | "openai"
  | "openai-minimal"
  | "openai-none"
  | "gpt-oss"
  | "anthropic"
  | "gemini"
  | "qwen3"
  | "deepseek";

/** How much a model is to think before it speaks. */
export type Effort = "off" | "low" | "medium" | "high";

/** `budgetTokens`: what it may think with at most, for whoever can say so to it. */
export interface Reasoning {
  readonly effort: Effort;
  readonly budgetTokens: number;
}

/** A model of the pool as one decision sees it. `allowed` is true, or the constraint that it breaks. */
export interface Candidate {
  readonly model: string;
  readonly tier: string;
  readonly tierRank: number;
  readonly quality: number;
  readonly costUsd: number;
  readonly latencyMs: number;
  readonly allowed: true | string;
  /** Absent where it cannot be told how much to think. */
  readonly reasons?: true;
}

/** How much one signal counted. `weight` is its share among the signals that voted; 0 when it did not, `note` says why. */
export interface Vote {
  readonly signal: string;
  readonly weight: number;
  readonly note?: string;
}

export type Reason =
  | "blocked"
  | "guarded"
  | "requested"
  | "pinned"
  | "kill_switch"
  | "observed"
  | "not_in_rollout"
  | "escalated"
  | "held"
  | "low_confidence"
  | "llm_router"
  | "low_margin"
  | "best_value"
  | "cheapest_adequate"
  | "best_available";

export interface Decision {
  readonly model: string;
  readonly tier: string;
  readonly route: string;
  readonly reason: Reason;
  /** The reason as one sentence in ASCII, without prompt text. */
  readonly sentence: string;
  readonly confidence: number;
  readonly margin: number;
  readonly runnerUp?: string;
  /** Every other allowed model, in the order in which failover tries them. */
  readonly fallbacks: readonly string[];
  readonly candidates: readonly Candidate[];
  readonly votes: readonly Vote[];
  /** What would have been chosen, where a rollout sent the request to the default model instead. */
  readonly instead?: { readonly model: string; readonly reason: Reason };
  /** Absent where nothing is decided of it: the config is silent, the client says so itself, or the model cannot be told. */
  readonly reasoning?: Reasoning;
  readonly expectedCostUsd: number;
  readonly baselineCostUsd: number;
}

/**
 * Who answered this conversation last, and what this turn is expected to cost there, with what its upstream has
 * cached. `inToolLoop`: what comes now is the result of a tool that it called.
 */
export interface Held {
  readonly model: string;
  readonly costUsd: number;
  readonly inToolLoop: boolean;
}

/** Which model the router, a model itself, would let answer; or why it says nothing, in a few words. */
export type Advice =
  | { readonly router: string; readonly model: string }
  | { readonly router: string; readonly silence: string };

/**
 * What a decision depends on beside the config and what the signals read: with these three it can be taken again, to
 * the last bit. None of it is text of the prompt.
 */
export interface DecisionInputs {
  readonly route: string;
  readonly profile?: string;
  /** On which side of a rollout by percentage. */
  readonly inRollout: boolean;
  /** In the order of the pool. */
  readonly models: readonly Pick<Candidate, "model" | "costUsd" | "latencyMs" | "allowed">[];
  readonly pin?: Pin;
  readonly guarded?: string;
  readonly requested?: string;
  readonly visitor?: string;
  readonly escalates?: true;
  readonly held?: Held;
  readonly advice?: Advice;
  readonly reasoning?: Reasoning;
}

/** What safety found. `action` is the strictest that any class asked for. */
export type SafetyAction = "annotate" | "internal" | "guarded" | "block";

export interface SafetyVerdict {
  readonly action: SafetyAction | "none";
  /** Classes that spoke: jailbreak, injection, harmful, pii. */
  readonly classes: readonly string[];
  readonly sentence: string;
}

export interface HeaderChange {
  readonly name: string;
  readonly value: string;
}

/** One stop of the plan, ready to be sent. `edits` turn the client's body into this target's. */
export interface PlannedTarget {
  readonly model: string;
  readonly target: Target;
  readonly timeouts: Timeouts;
  readonly edits: readonly Edit[];
  /** A stream that breaks off may go on here, behind the words that the client has. */
  readonly mayContinue?: true;
  /** How its model is told how much to think, and what we decided of it, for a body that is translated. */
  readonly thinks?: { readonly family: ReasoningFamily; readonly budgetTokens?: number };
  /** What is sent instead where the target is an adapter that its server does not know. */
  readonly onBase?: Pick<PlannedTarget, "target" | "edits">;
}

/** Models that are asked one after the other until an answer passes. */
export interface PlannedCascade {
  /** In the order in which they are asked; the answer of the last one is not judged. */
  readonly models: readonly string[];
  readonly gates: readonly string[];
  /** How a streamed answer waits for its judgement: until it is whole, or its first tokens alone. */
  readonly mode: "buffer" | "hold";
  /** Gates may show the request to our own model servers alone. */
  readonly internalOnly: boolean;
  /** Why it is not gone through, where it is not. */
  readonly off?: string;
}

/** What a gate said of an answer; of a judgement of several, the one that decided. */
export interface GateVerdict {
  readonly model: string;
  readonly passes: boolean;
  /** In [0,1]: probability that the answer is good. */
  readonly good: number;
  readonly gate: string;
  /** A sentence without a word of the answer or of what was asked. */
  readonly says: string;
}

/** What became of a cascade. */
export interface CascadeRun {
  readonly models: readonly string[];
  readonly verdicts: readonly GateVerdict[];
  /** Whose answer was given out; absent where none was. */
  readonly answered?: string;
  /** The last model had to be asked. */
  readonly escalated: boolean;
}

/** What models are shown instead of a value. */
export interface Placeholder {
  readonly placeholder: string;
  readonly value: string;
  readonly entity: string;
}

/** The map of a request: the way back from placeholders to values. Printed, logged or put into JSON it shows its size alone. */
export interface Placeholders {
  readonly size: number;
  /** The values, first to last. */
  reveal(): readonly Placeholder[];
  toString(): string;
}

/** Personal data that models do not see. */
export interface PlannedRedaction {
  readonly placeholders: Placeholders;
  /** How many places of each entity were changed. */
  readonly counts: Readonly<Record<string, number>>;
  /** The newest human turn as models may see it. */
  turn(): string;
}

/** An answer that was given before to the same question, or to one that means the same. */
export interface CacheHit {
  readonly kind: "exact" | "semantic";
  /** What it can be purged by; it says nothing of what is in it. */
  readonly id: string;
  /** The model that gave it, and the route it was asked by. */
  readonly model: string;
  readonly route: string;
  readonly ageMs: number;
  /** Cosine of the two questions' vectors; 1 for exact. */
  readonly similarity: number;
  /** A whole body in the request's own API, its usage told as cached; with placeholders where the request was redacted. */
  readonly answer: Uint8Array;
}

/** What it takes to keep the answer of a request, and to share it with those who ask the same meanwhile. */
export interface CacheTicket {
  /** 32 bytes: of everything that shapes the answer. */
  readonly key: Uint8Array;
  readonly api: Api;
  readonly tenant: string;
  readonly route: string;
  readonly ttlMs: number;
  /** False where the client wants an answer of its own. */
  readonly shared: boolean;
  /** Who asks, and how urgently, as far as an answer on its way may show it: it is shared among equals alone. */
  readonly standing: string;
  /** What others may be asked the same as; absent where only the same request is. */
  readonly like?: {
    readonly partition: Uint8Array;
    readonly question: string;
    readonly vector: Float32Array;
  };
}

/** The end of the first act. */
export interface Plan {
  readonly decisionId: string;
  readonly configHash: string;
  /** Absent when a rule or safety ended the trip before a decision. */
  readonly decision?: Decision;
  /** What it was taken from; absent where the model is not of the pool. */
  readonly inputs?: DecisionInputs;
  readonly signals: readonly SignalReport[];
  readonly safety: SafetyVerdict;
  readonly rules: readonly string[];
  readonly targets: readonly PlannedTarget[];
  /** What models were asked before this could be decided; absent where none was. */
  readonly asked?: readonly AskedModel[];
  readonly cascade?: PlannedCascade;
  readonly redaction?: PlannedRedaction;
  /** The answer itself: there are no targets then, and without a likeness no decision. */
  readonly cached?: CacheHit;
  /** The answer may be kept. */
  readonly keep?: CacheTicket;
  readonly setHeaders: readonly HeaderChange[];
  readonly removeHeaders: readonly string[];
  readonly blocked?: { readonly status: number; readonly code: string; readonly message: string };
  readonly preview: boolean;
  readonly micros: number;
}

/** Tokens as the upstream counted them, or as we did (`estimated`). `inputTokens` holds the cached ones too. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
  /** Of the output tokens, those that the model thought with, where the upstream says. */
  readonly reasoningTokens?: number;
  readonly estimated: boolean;
}

/** How one try at one target ended; `outrun`: another answered first; `cut`: we ended it ourselves, before the client saw a word of it; `busy`: the target has as much to do as it can, and the wait was in vain; `unsupported`: the request cannot be said in its API, so nothing was sent. */
export type AttemptResult =
  | "ok"
  | "refused"
  | "unsupported"
  | "connect_failed"
  | "no_socket"
  | "busy"
  | "timeout"
  | "upstream_error"
  | "broken_stream"
  | "circuit_open"
  | "outrun"
  | "cut"
  | "client_gone";

export interface Attempt {
  readonly model: string;
  readonly target: string;
  readonly result: AttemptResult;
  /** It went on with an answer that broke off before. */
  readonly continues?: true;
  /** It answered, and another answer was given out. */
  readonly discarded?: true;
  readonly status?: number;
  readonly ttftMs?: number;
  readonly latencyMs: number;
  readonly usage?: Usage;
  /** What the usage costs at its model's price. */
  readonly costUsd?: number;
}

/** What a model is asked for, beside answering clients. */
export type Purpose = "router" | "preference" | "gate";

/** A question of our own to a model of the pool. */
export interface Question {
  readonly model: string;
  readonly system: string;
  readonly user: string;
  readonly maxOutputTokens: number;
  /** All of it, waiting included. */
  readonly deadlineMs: number;
  /** The text may not leave our own model servers. */
  readonly internalOnly: boolean;
}

/**
 * Asks one target once. No `text` where no whole answer came in time, and no `attempt` where nobody could be asked.
 * It never rejects but for faults of our own.
 */
export type Ask = (question: Question) => Promise<{ readonly text?: string; readonly attempt?: Attempt }>;

/** A question that was asked, and what it took. */
export interface AskedModel extends Attempt {
  readonly purpose: Purpose;
}

/** What a gateway, or our own answering door, says became of a decision. */
export interface Outcome {
  readonly decisionId: string;
  readonly target?: string;
  /** HTTP status of the answer; 0 when none came. */
  readonly status: number;
  readonly usage?: Usage;
  readonly ttftMs?: number;
  readonly latencyMs?: number;
  readonly finish?: string;
  readonly scores: Readonly<Record<string, number>>;
}

/** Milliseconds that only go forward. */
export type Clock = () => number;

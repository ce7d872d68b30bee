/**
 * The form between the APIs: what a request asks and what an answer says, whichever API it was written in. It is used
 * only where the client and the model server speak different APIs; where both speak the same, the bytes pass.
 * What an API has and another lacks is named by an `unsupported_feature` error, or stands in a list of `Hints`.
 */

/** Where something that is no text is: in the body, or somewhere else. */
export type Source =
  | { readonly kind: "base64"; readonly mime: string; readonly data: string }
  | { readonly kind: "url"; readonly url: string; readonly mime?: string }
  /** Known to one upstream account alone: no other API can read it. */
  | { readonly kind: "file_id"; readonly id: string }
  /** A document that is plain text. */
  | { readonly kind: "text"; readonly text: string };

/** A piece of a turn, or of an answer. */
export type Block =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "refusal"; readonly text: string }
  | {
      readonly kind: "media";
      readonly modality: "image" | "audio" | "video" | "file";
      readonly source: Source;
      readonly name?: string;
      readonly detail?: string;
    }
  /** `signature`: what the model's own server wants back unread; `redacted`: it holds nothing that anybody can read. */
  | { readonly kind: "thinking"; readonly text: string; readonly signature?: string; readonly redacted?: string }
  /** `arguments` is JSON as text: it may be empty where there are none. `signature` as in thinking. */
  | {
      readonly kind: "tool_call";
      readonly id: string;
      readonly name: string;
      readonly arguments: string;
      readonly signature?: string;
    }
  /** `content` holds text and media only. */
  | {
      readonly kind: "tool_result";
      readonly id: string;
      /** The called tool's name, where the API tells it; elsewhere the call with the same id has it. */
      readonly name?: string;
      readonly content: readonly Block[];
      readonly isError: boolean;
    };

/**
 * One turn of the conversation. Neighbours may have the same role; a writer for an API where they alternate joins them.
 * `system` here stands between other turns: leading system texts are in `Inquiry.system`. An API that has no such
 * turn carries its text as a user turn in the same place.
 */
export interface Turn {
  readonly role: "system" | "user" | "assistant";
  readonly blocks: readonly Block[];
}

/** A tool of the client's own: it answers the calls itself. Tools that a server runs are unsupported across APIs. */
export interface Tool {
  readonly name: string;
  readonly description?: string;
  /** JSON schema of an object; absent where the tool takes nothing. */
  readonly schema?: Readonly<Record<string, unknown>>;
  readonly strict?: boolean;
}

export type ToolChoice = "auto" | "none" | "required" | { readonly name: string };

/** How the answer must be formed. */
export type Format =
  | { readonly kind: "json" }
  | {
      readonly kind: "schema";
      readonly name: string;
      readonly schema: Readonly<Record<string, unknown>>;
      readonly strict?: boolean;
      readonly description?: string;
    };

export type Effort = "none" | "minimal" | "low" | "medium" | "high" | "xhigh";

/** How much the model may think. `budget` in tokens; both where the client gave both. `show`: it wants to read the thoughts. */
export interface Reasoning {
  readonly effort?: Effort;
  readonly budget?: number | "dynamic";
  readonly show?: boolean;
}

/** Numbers that shape the sampling. A field is there only where the client set it to something that has an effect. */
export interface Sampling {
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
}

/** What a client asks. */
export interface Inquiry {
  readonly model: string;
  readonly stream: boolean;
  /** Leading system (developer) texts in order. */
  readonly system: readonly string[];
  readonly turns: readonly Turn[];
  readonly tools: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  /** False: at most one call in an answer. */
  readonly parallelTools?: boolean;
  /** Of text and thoughts together. */
  readonly maxOutputTokens?: number;
  readonly sampling: Sampling;
  readonly format?: Format;
  readonly reasoning?: Reasoning;
  /** What an upstream may use and an answer does not depend on: each API takes what it knows of it and leaves the rest. */
  readonly hints: Hints;
}

/** Not part of what is asked: who asks, and how an upstream may keep its books and caches. */
export interface Hints {
  readonly user?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly cacheKey?: string;
  readonly serviceTier?: string;
}

export type Finish = "stop" | "stop_sequence" | "length" | "tool_calls" | "content_filter";

/** Tokens of one answer. `input` and `output` are all of them; the others say how many of these. */
export interface Tokens {
  readonly input: number;
  readonly output: number;
  readonly cachedInput: number;
  /** Written to a cache for later, where the API bills that. */
  readonly cacheWrite: number;
  readonly reasoning: number;
}

/** A whole answer. */
export interface Reply {
  readonly id: string;
  readonly model: string;
  readonly blocks: readonly Block[];
  readonly finish: Finish;
  readonly stopSequence?: string;
  readonly tokens?: Tokens;
}

/** How a block of a streamed answer begins. */
export type BlockStart =
  | { readonly kind: "text" }
  | { readonly kind: "refusal" }
  | { readonly kind: "thinking" }
  | { readonly kind: "tool_call"; readonly id: string; readonly name: string; readonly signature?: string };

/**
 * One step of a streamed answer. Blocks are numbered from 0 in the order in which they begin; deltas of blocks that
 * are open at the same time may interleave (parallel tool calls). Each block that began ends; a reader closes what its
 * API leaves open before `finish`. `finish` comes once, `tokens` may come several times, the last one counting, and
 * either may come last.
 */
export type Step =
  | { readonly kind: "start"; readonly id: string; readonly model: string }
  | { readonly kind: "block"; readonly index: number; readonly block: BlockStart }
  /** Text of a text, refusal or thinking block; a piece of the arguments of a call. Never empty. */
  | { readonly kind: "delta"; readonly index: number; readonly text: string }
  | { readonly kind: "signature"; readonly index: number; readonly signature: string }
  | { readonly kind: "redacted"; readonly index: number; readonly data: string }
  | { readonly kind: "block_end"; readonly index: number }
  | { readonly kind: "tokens"; readonly tokens: Tokens }
  | { readonly kind: "finish"; readonly finish: Finish; readonly stopSequence?: string }
  /** The upstream says that it failed. `message` is its own words and stays inside. */
  | { readonly kind: "error"; readonly message: string };

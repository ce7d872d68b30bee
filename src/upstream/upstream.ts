import type { Attempt, Location, Timeouts, WireApi } from "../contracts.ts";
import type { ResumingApi } from "../dialect/resume.ts";

/**
 * A model server. One file a kind implements this; whoever sends knows no kind.
 * `send` resolves when the status line and headers are in, and rejects with an UpstreamFailure when they never come.
 * Any status but a redirect is an answer, 429 and 500 too: what to make of it is the sender's business.
 */
export interface Upstream {
  readonly name: string;
  readonly kind: string;
  readonly baseUrl: string;
  readonly location: Location;
  /** The APIs that it takes, the one to prefer first. */
  readonly speaks: readonly WireApi[];
  /** Its chat completions take a model's earlier thoughts back (`reasoning_content`), which OpenAI's own refuse. */
  readonly takesThoughts: boolean;
  /** The API in which it goes on with words that an assistant has begun; undefined where it has none. */
  readonly resumes?: ResumingApi;
  send(request: UpstreamRequest): Promise<UpstreamResponse>;
  /**
   * The models that it serves, by the ids that targets name them by: `GET /models`. Undefined where it answers, but has
   * no list of them: Azure lists models, and is asked for deployments.
   */
  listModels(abort: AbortSignal): Promise<readonly Listed[] | undefined>;
  /** Whether it answers at all, and not with a failure of its own; undefined where it could not be asked. Never rejects. */
  isWell(abort: AbortSignal): Promise<boolean | undefined>;
}

/** A model as its server lists it: what it is called there, and the rest as far as the server says. */
export interface Listed {
  readonly id: string;
  /** Longest prompt plus reply, in tokens. */
  readonly context?: number;
  /** Longest reply, in tokens. */
  readonly maxOutput?: number;
  /** Of a LoRA adapter, the model that it belongs to. */
  readonly base?: string;
  readonly owner?: string;
}

export interface UpstreamRequest {
  /** Path below the base URL, such as `/chat/completions`. */
  readonly path: string;
  /** What the upstream calls the model. */
  readonly model: string;
  readonly body: Uint8Array;
  /**
   * Extra headers. The key, content-type and encoding are the upstream's own business; credentials and
   * cookies of the client, hop-by-hop headers and `x-signalbox-*` are left out even when they stand here.
   */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * All three count from when the request has a socket for itself; the wait for one is as long as `connectMs` at
   * most, and ends in `no_socket`, which is no fault of the model server's. `firstTokenMs` bounds the wait for the first byte of the body, so a whole answer
   * that is not streamed must fit in it too: where that is not meant, give `totalMs` for it.
   */
  readonly timeouts: Timeouts;
  /** Aborting cancels the request at the upstream at once. */
  readonly abort: AbortSignal;
}

export interface UpstreamResponse {
  readonly status: number;
  /** Lower-case names; repeated headers joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds for which it asks to be left alone, at most five minutes; absent where it does not, or answers well. */
  readonly retryAfterMs?: number;
  /** Milliseconds that it waited for a free socket before its timeouts began to count. */
  readonly queuedMs: number;
  /**
   * Raw bytes as they arrive, for one reader. Destroying it cancels the request, and so does leaving its loop early.
   * Fails with an UpstreamFailure, after the bytes that came before the failure. Read it to the end or destroy it:
   * what is left unread holds its socket until the total timeout.
   */
  readonly body: UpstreamBody;
}

export interface UpstreamBody extends AsyncIterable<Uint8Array> {
  destroy(error?: Error): void;
}

/** Why an upstream gave no, or no whole, answer. `message` names no secrets and no prompt text. */
export class UpstreamFailure extends Error {
  override readonly name = "UpstreamFailure";
  readonly result: Attempt["result"];
  /** HTTP status, where one came. */
  readonly status?: number;
  /** When to come again, where that is known. */
  readonly retryAfterMs?: number;
  /** Nothing was sent, so that it says nothing of the upstream. */
  readonly unsent: boolean;

  constructor(
    result: Attempt["result"],
    message: string,
    details: { status?: number; retryAfterMs?: number; unsent?: boolean; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.result = result;
    this.unsent = details.unsent ?? result === "no_socket";
    if (details.status !== undefined) this.status = details.status;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
  }
}

import type { Attempt, Timeouts } from "../contracts.ts";

/**
 * A model server. One file a kind implements this; whoever sends knows no kind.
 * `send` resolves when the status line and headers are in, and rejects with an UpstreamFailure when they never come.
 */
export interface Upstream {
  readonly name: string;
  readonly kind: string;
  readonly baseUrl: string;
  readonly location: "internal" | "external";
  send(request: UpstreamRequest): Promise<UpstreamResponse>;
  /** Ids of the models that it serves: `GET /models`. */
  listModels(abort: AbortSignal): Promise<readonly string[]>;
}

export interface UpstreamRequest {
  /** Path below the base URL, such as `/chat/completions`. */
  readonly path: string;
  readonly body: Uint8Array;
  /** Extra headers; authorization and content-type are the upstream's own business. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeouts: Timeouts;
  /** Aborting cancels the request at the upstream at once. */
  readonly abort: AbortSignal;
}

export interface UpstreamResponse {
  readonly status: number;
  /** Lower-case names; repeated headers joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** Raw bytes as they arrive. Destroying it cancels the request. Fails with an UpstreamFailure. */
  readonly body: AsyncIterable<Uint8Array> & { destroy(error?: Error): void };
}

/** Why an upstream gave no, or no whole, answer. `message` names no secrets and no prompt text. */
export class UpstreamFailure extends Error {
  override readonly name = "UpstreamFailure";
  readonly result: Attempt["result"];

  constructor(result: Attempt["result"], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.result = result;
  }
}

import type { CacheHit, Usage } from "../contracts.ts";
import { replayed } from "../dialect/replay.ts";
import type { Answer, Call } from "./attempt.ts";

/** What the client gets, whoever gave it. */
export interface Given extends Pick<Answer, "status" | "headers" | "waitedMs"> {
  /** Whose answer it is. */
  readonly model: string;
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
}

/** An answer that somebody else paid for. */
export interface Shared {
  readonly model: string;
  /** Spent waiting for it. */
  readonly waitedMs: number;
  /** As far as it is known when the answer is over. */
  usage?: Usage;
}

export const givenBy = ({ planned, status, headers, body, waitedMs }: Answer): Given => ({
  model: planned.model,
  status,
  headers,
  body,
  waitedMs,
});

/** An answer that was kept, whole or as a stream, as it is wanted now. */
export function givenAgain({ api, stream, usage }: Call, { model, answer }: CacheHit): Given {
  return {
    model,
    status: 200,
    headers: { "content-type": stream ? "text/event-stream; charset=utf-8" : "application/json" },
    body: stream ? piecesOf(replayed(api, answer, { usage })) : answer,
    waitedMs: 0,
  };
}

async function* piecesOf(pieces: Iterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  yield* pieces;
}

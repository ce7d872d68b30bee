import type { ServerHttp2Stream } from "node:http2";
import type { Runtime } from "../../runtime.ts";
import { createFrameReader } from "./frames.ts";
import { readMessage } from "./messages.ts";
import type { Reply } from "./replies.ts";
import type { Exchange } from "./story.ts";

const HEAD = { ":status": 200, "content-type": "application/grpc" } as const;

/**
 * Takes one message after the other and sends what is said to it, until the stream is over. Whatever needs no wait is
 * answered in the turn it came in. False where the stream ended within a message.
 * Errors: those of the frames, of the messages and of the exchange.
 */
export function converse(
  exchange: Exchange,
  stream: ServerHttp2Stream,
  { limits, most }: { readonly limits: Runtime["limits"]; readonly most: number },
): Promise<boolean> {
  const frames = createFrameReader(most);
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const chunks: Buffer[] = [];
  let due: Uint8Array[] = [];
  let isBusy = false;
  let isOver = false;

  function go(): void {
    try {
      while (step());
      if (isOver && !isBusy) resolve(stream.destroyed || !frames.isWithin);
    } catch (caught) {
      fail(caught);
    }
  }

  /** False where there is nothing to do for now. */
  function step(): boolean {
    if (isBusy) return false;
    const frame = due.shift();
    if (frame) take(frame);
    else if (chunks.length > 0) due = frames.push(chunks.shift()!);
    else return false;
    return true;
  }

  function take(frame: Uint8Array): void {
    const taken = exchange.take(readMessage(frame, limits.items));
    if (taken instanceof Promise) wait(taken.then(async (replies) => send(stream, replies) || (await drained(stream))));
    else if (!send(stream, taken)) wait(drained(stream));
  }

  function wait(until: Promise<unknown>): void {
    isBusy = true;
    until.then(() => {
      isBusy = false;
      stream.resume();
      go();
    }, fail);
  }

  function hear(chunk: Buffer): void {
    chunks.push(chunk);
    // What comes meanwhile is left where it is bounded.
    if (isBusy) stream.pause();
    else go();
  }

  /** What is wrong is told behind the answers: the stream goes on, and nobody listens. */
  function fail(caught: unknown): void {
    isBusy = true;
    stream.off("data", hear);
    reject(caught);
  }

  function end(): void {
    isOver = true;
    go();
  }

  stream.on("data", hear).once("end", end).once("close", end);
  return promise;
}

/** False where the gateway takes no more for now. */
function send(stream: ServerHttp2Stream, replies: readonly Reply[]): boolean {
  if (replies.length === 0 || stream.destroyed || stream.closed) return true;
  begin(stream);
  return stream.write(replies.length === 1 ? replies[0]! : Buffer.concat(replies));
}

/** The head of the answer, which comes before anything is known of it. */
export function begin(stream: ServerHttp2Stream): void {
  if (!stream.headersSent) stream.respond(HEAD, { waitForTrailers: true });
}

/** Resolves when the gateway takes bytes again, or never will. */
function drained(stream: ServerHttp2Stream): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      stream.off("drain", settle).off("close", settle);
      resolve();
    };
    stream.on("drain", settle).on("close", settle);
    if (stream.destroyed) settle();
  });
}

import { type UpstreamBody, UpstreamFailure } from "./upstream.ts";

/** Bytes held for a slow reader before the socket is told to wait. */
const HELD_BYTES = 65_536;

/** A body that is arriving. The socket's side pushes, one reader pulls. */
export interface Arrival {
  readonly body: UpstreamBody;
  /** False when enough is held: pause until `resume` is called. */
  push(chunk: Uint8Array): boolean;
  end(): void;
  /** What was pushed before is still read; then reading fails. */
  fail(failure: Error): void;
}

interface Source {
  resume(): void;
  /** Nobody wants the rest. Called at most once, never after `end` or `fail`; it answers with `fail`. */
  cancel(failure: Error): void;
}

/**
 * Nothing is thrown or rejected unless somebody reads: a failure waits for its reader, so a body that nobody
 * reads cannot bring the process down.
 */
export function createArrival(source: Source): Arrival {
  let chunks: Uint8Array[] = [];
  let held = 0;
  let paused = false;
  let over: { readonly failure?: Error } | undefined;
  let reader: PromiseWithResolvers<IteratorResult<Uint8Array, undefined>> | undefined;

  function finish(failure?: Error): void {
    if (over) return;
    over = failure === undefined ? {} : { failure };
    if (failure === undefined) reader?.resolve({ done: true, value: undefined });
    else reader?.reject(failure);
    reader = undefined;
  }

  function destroy(error?: Error): void {
    const failure = error ?? new UpstreamFailure("client_gone", "the answer was not read to its end");
    if (over === undefined) source.cancel(failure);
    // Bytes thrown away must not look like an end.
    else if (chunks.length > 0) over = { failure };
    chunks = [];
    held = 0;
  }

  function take(): Uint8Array | undefined {
    const chunk = chunks.shift();
    if (chunk === undefined) return undefined;
    held -= chunk.byteLength;
    if (paused && held < HELD_BYTES && over === undefined) {
      paused = false;
      source.resume();
    }
    return chunk;
  }

  const iterator: AsyncIterator<Uint8Array, undefined> = {
    next() {
      const chunk = take();
      if (chunk !== undefined) return Promise.resolve({ done: false, value: chunk });
      if (over?.failure !== undefined) return Promise.reject(over.failure);
      if (over !== undefined) return Promise.resolve({ done: true, value: undefined });
      reader = Promise.withResolvers();
      return reader.promise;
    },
    return() {
      destroy();
      return Promise.resolve({ done: true, value: undefined });
    },
  };

  return {
    body: { [Symbol.asyncIterator]: () => iterator, destroy },
    push(chunk) {
      if (reader !== undefined) {
        reader.resolve({ done: false, value: chunk });
        reader = undefined;
        return true;
      }
      chunks.push(chunk);
      held += chunk.byteLength;
      paused = held >= HELD_BYTES;
      return !paused;
    },
    end: () => finish(),
    fail: finish,
  };
}

/**
 * Reads a body until `most` bytes are there, or all, and gives them beside a body that still holds everything.
 * @throws UpstreamFailure (as a rejection) where it breaks before
 */
export async function beginningOf(
  body: UpstreamBody,
  most: number,
): Promise<{ readonly beginning: Uint8Array; readonly body: UpstreamBody }> {
  const chunks: Uint8Array[] = [];
  const rest = body[Symbol.asyncIterator]();
  let bytes = 0;
  while (bytes < most) {
    const next = await rest.next();
    if (next.done === true) break;
    chunks.push(next.value);
    bytes += next.value.byteLength;
  }
  async function* whole(): AsyncGenerator<Uint8Array, undefined> {
    try {
      yield* chunks;
      yield* { [Symbol.asyncIterator]: () => rest };
    } finally {
      await rest.return?.();
    }
  }
  return {
    beginning: Buffer.concat(chunks),
    body: { [Symbol.asyncIterator]: whole, destroy: (error) => body.destroy(error) },
  };
}

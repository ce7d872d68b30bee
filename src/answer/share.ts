import { FlightError } from "../cache/flight.ts";
import type { Attempt, CacheTicket } from "../contracts.ts";
import { RouterError } from "../errors.ts";
import type { Runtime } from "../runtime.ts";
import type { AnswerPart } from "../stores.ts";
import type { Call } from "./attempt.ts";
import type { Given, Shared } from "./given.ts";

/** Where it is noted who paid. */
interface Notes {
  readonly attempts: readonly Attempt[];
  shared?: Shared;
  over?: Promise<void>;
}

/**
 * One answer for all who ask the same at the same time: the first to ask has it made, the others are given it as it
 * comes. It goes on as long as anybody waits for it; `over` is done when nothing more will be noted of it.
 * Errors: those of `make`; client_gone.
 */
export async function shared(
  runtime: Runtime,
  ticket: CacheTicket,
  call: Call,
  notes: Notes,
  make: (abort: AbortSignal) => Promise<Given>,
): Promise<Given> {
  const began = runtime.clock();
  let made: Given | undefined;
  async function* work(abort: AbortSignal): AsyncGenerator<AnswerPart, void, void> {
    const over = Promise.withResolvers<void>();
    notes.over = over.promise;
    try {
      made = await make(abort);
      const { model, status, headers, body } = made;
      const isWhole = body instanceof Uint8Array;
      yield { kind: "head", model, status, headers, isWhole };
      if (isWhole) yield { kind: "bytes", bytes: body };
      else for await (const bytes of body) yield { kind: "bytes", bytes };
      yield { kind: "attempts", attempts: notes.attempts };
    } finally {
      over.resolve();
    }
  }

  const passenger = runtime.cache!.flights.join(keyOf(ticket, call), work, call.abort);
  const parts = passenger[Symbol.asyncIterator]();
  const next = () => nextOf(parts, call.abort);
  const head = await next();
  if (head?.kind !== "head") throw new RouterError("upstream_failed", "The answer ended before it began.");
  const { model, status, headers, isWhole } = head;
  const waitedMs = runtime.clock() - began;
  if (!passenger.leads) notes.shared = { model, waitedMs };
  const onEnd = (attempts: readonly Attempt[]) => {
    const usage = attempts.findLast(({ result, discarded }) => result === "ok" && !discarded)?.usage;
    if (notes.shared && usage) notes.shared.usage = usage;
  };
  const given = { model, status, headers, waitedMs: passenger.leads ? made!.waitedMs : waitedMs };
  const body = bytesOf(next, onEnd);
  if (!isWhole) return { ...given, body };
  const pieces: Uint8Array[] = [];
  for await (const bytes of body) pieces.push(bytes);
  return { ...given, body: pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces) };
}

/** What is asked the same, wanted in the same form. */
const keyOf = ({ key, standing }: CacheTicket, { stream, usage }: Call): string =>
  `${Buffer.from(key).toString("base64url")} ${stream ? "stream" : "whole"} ${usage} ${standing}`;

/** Undefined after the last part. Errors: client_gone. */
async function nextOf(parts: AsyncIterator<AnswerPart>, abort: AbortSignal): Promise<AnswerPart | undefined> {
  try {
    const next = await parts.next();
    return next.done ? undefined : next.value;
  } catch (caught) {
    if (abort.aborted || caught instanceof FlightError)
      throw new RouterError(
        "client_gone",
        "The client left, or did not take its answer while others were given theirs.",
      );
    throw caught;
  }
}

async function* bytesOf(
  next: () => Promise<AnswerPart | undefined>,
  onEnd: (attempts: readonly Attempt[]) => void,
): AsyncGenerator<Uint8Array, void, void> {
  for (let part = await next(); part; part = await next()) {
    if (part.kind === "bytes") yield part.bytes;
    else if (part.kind === "attempts") onEnd(part.attempts);
  }
}

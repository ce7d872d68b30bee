import { createHmac, randomBytes } from "node:crypto";
import type { Clock } from "../contracts.ts";
import { beginningOf } from "./body.ts";
import { refusesKey } from "./fault.ts";
import { UpstreamFailure, type UpstreamResponse } from "./upstream.ts";

/** What a server that gives no time to wait is left alone for, doubled with each answer of the kind. */
const FIRST_REST_MS = 1000;
const LONGEST_DOUBLED_MS = 60_000;
/** A key that is refused may be made good at the other end. */
const REFUSED_MS = 300_000;
/** So long after its rest a key is like any other again. */
const REMEMBERED_MS = 300_000;
const MOST_ENTRIES = 4096;
/** Errors are short; what is longer is no refusal of a key. */
const READ_BYTES = 65_536;

/**
 * Which keys are left alone, and until when. Limits are counted by key and model, as model servers do; a key that is
 * refused is refused for all. Keys are held as fingerprints that mean nothing outside this book.
 */
export interface KeyBook {
  fingerprint(key: string): string;
  rest(id: string, model: string): Rest;
  /** @param waitMs as the server asked for; where it did not, a second, then twice as long each time, up to a minute */
  limited(id: string, model: string, waitMs: number | undefined): void;
  refused(id: string): void;
  worked(id: string, model: string): void;
}

interface Rest {
  /** How long it must be left alone yet; 0 for a key that may be used. */
  readonly leftMs: number;
  readonly isRefused: boolean;
  /** When it was limited last, by the clock of the book; undefined where that is no longer of interest. */
  readonly limitedAt: number | undefined;
}

interface Entry {
  until: number;
  limitedAt: number;
  strikes: number;
}

export function createKeyBook(clock: Clock): KeyBook {
  const secret = randomBytes(32);
  const entries = new Map<string, Entry>();

  function find(name: string): Entry | undefined {
    const entry = entries.get(name);
    if (entry === undefined || clock() <= entry.until + REMEMBERED_MS) return entry;
    entries.delete(name);
    return undefined;
  }

  function put(name: string, restMs: number, strikes: number): void {
    const now = clock();
    entries.delete(name);
    entries.set(name, { until: now + restMs, limitedAt: now, strikes });
    if (entries.size > MOST_ENTRIES) entries.delete(entries.keys().next().value!);
  }

  const left = (entry: Entry | undefined) => Math.max(0, (entry?.until ?? 0) - clock());
  const ofModel = (id: string, model: string) => `${id} ${model}`;

  return {
    fingerprint: (key) => createHmac("sha256", secret).update(key).digest("base64url").slice(0, 22),
    rest(id, model) {
      const refused = left(find(id));
      const entry = find(ofModel(id, model));
      return { leftMs: Math.max(refused, left(entry)), isRefused: refused > 0, limitedAt: entry?.limitedAt };
    },
    limited(id, model, waitMs) {
      const entry = find(ofModel(id, model));
      const strikes = entry?.strikes ?? 0;
      const isResting = left(entry) > 0;
      if (waitMs !== undefined) {
        if (!isResting || waitMs > left(entry)) put(ofModel(id, model), waitMs, strikes);
        // Answers to requests that were under way together are one strike.
      } else if (!isResting) {
        put(ofModel(id, model), Math.min(FIRST_REST_MS * 2 ** strikes, LONGEST_DOUBLED_MS), strikes + 1);
      }
    },
    refused: (id) => put(id, REFUSED_MS, 0),
    worked(id, model) {
      const entry = find(ofModel(id, model));
      // It may answer a request from before its limit.
      if (entry !== undefined && left(entry) === 0) entry.strikes = 0;
    },
  };
}

/** The keys of one upstream, used in turn. */
export interface KeyRing {
  /**
   * Sends with a key that need not be left alone, those first whose last limit is longest ago. An answer that it is
   * over its limit, or refused, sends with the next one, at most once with each; without a next one it is the answer.
   * @throws UpstreamFailure (as a rejection) upstream_error, without sending, while every key must be left alone: with
   * status 429, or 401 where all were refused, and `retryAfterMs`
   */
  ask(model: string, send: (key: string) => Promise<UpstreamResponse>): Promise<UpstreamResponse>;
}

/** @param keys at least one */
export function createKeyRing(keys: readonly string[], book: KeyBook): KeyRing {
  const held = keys.map((key) => ({ key, id: book.fingerprint(key) }));
  let turn = 0;

  function order(model: string) {
    const first = turn % held.length;
    turn = first + 1;
    const age = (id: string) => book.rest(id, model).limitedAt ?? Number.MIN_SAFE_INTEGER;
    return [...held.slice(first), ...held.slice(0, first)].toSorted((a, b) => age(a.id) - age(b.id));
  }

  return {
    async ask(model, send) {
      let last: UpstreamResponse | undefined;
      for (const { key, id } of order(model)) {
        // Asked anew each time: it may have been limited while the one before was asked.
        if (book.rest(id, model).leftMs > 0) continue;
        last?.body.destroy();
        const { response, isUseless } = await judged(await send(key), id, model, book);
        if (!isUseless) return response;
        last = response;
      }
      if (last === undefined) throw allRest(held.map(({ id }) => book.rest(id, model)));
      return last;
    },
  };
}

async function judged(response: UpstreamResponse, id: string, model: string, book: KeyBook) {
  const { status, retryAfterMs } = response;
  if (status === 429) {
    book.limited(id, model, retryAfterMs);
    return { response, isUseless: true };
  }
  const { beginning, body } =
    status === 400 || status === 403
      ? await beginningOf(response.body, READ_BYTES)
      : { beginning: new Uint8Array(0), body: response.body };
  const isUseless = refusesKey(status, beginning);
  if (isUseless) book.refused(id);
  else if (status < 400) book.worked(id, model);
  return { response: { ...response, body }, isUseless };
}

function allRest(rests: readonly Rest[]): UpstreamFailure {
  const next = rests.reduce((a, b) => (b.leftMs < a.leftMs ? b : a));
  const isRefused = rests.every((rest) => rest.isRefused);
  const message = isRefused ? "every key was refused" : "every key is over its limit";
  const retryAfterMs = Math.ceil(next.leftMs);
  return new UpstreamFailure("upstream_error", `not asked: ${message}`, {
    status: isRefused ? 401 : 429,
    unsent: true,
    retryAfterMs,
  });
}

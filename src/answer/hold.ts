import type { Attempt } from "../contracts.ts";
import { createEar, type Said, saidIn } from "../dialect/said.ts";
import { RouterError } from "../errors.ts";
import type { Runtime } from "../runtime.ts";
import type { Answer, Call } from "./attempt.ts";
import { CUT } from "./ends.ts";

/** An answer that has begun and that the client has seen nothing of. */
export interface HeldAnswer {
  readonly answer: Answer;
  readonly said: Said;
  /** Its attempt, where that is over: the answer is whole. */
  readonly attempt?: number;
  /** Gives it out: what was held back, then the rest as it comes. */
  release(): Answer;
  /** Ends it. */
  drop(): Promise<void>;
}

/** How much is held back. */
export interface HoldOptions {
  /** Of text and calls, in UTF-16 units; all of it by default. */
  readonly length?: number;
  /** Of thoughts before the first word, in UTF-16 units, and for how long. */
  readonly mostThoughts: number;
  readonly thoughtMs: number;
  /** Ends the attempt. */
  readonly cut: AbortController;
}

/** Far above any answer: what is longer is given out as it comes. */
const MOST_HELD_BYTES = 8 * 1024 * 1024;
const MAX_EVENT_BYTES = 4 * 1024 * 1024;

/** Undefined where the answer broke off, was cut off while it thought, or cannot be read. */
export async function holdBack(
  runtime: Runtime,
  { api }: Call,
  attempts: readonly Attempt[],
  answer: Answer,
  options: HoldOptions,
): Promise<HeldAnswer | undefined> {
  const { body } = answer;
  if (body instanceof Uint8Array) {
    const drop = () => Promise.resolve();
    return { answer, said: saidIn(api, body), attempt: attemptOf(attempts, answer), release: () => answer, drop };
  }
  const { cut, length = Infinity, mostThoughts, thoughtMs } = options;
  const began = runtime.clock() - answer.waitedMs;
  const chunks = body[Symbol.asyncIterator]();
  const ear = createEar(api, { maxEventBytes: MAX_EVENT_BYTES });
  const drop = async () => {
    cut.abort(CUT);
    await chunks.return?.();
  };
  const held: Uint8Array[] = [];
  let size = 0;
  let isOver = false;
  const late = Number.isFinite(thoughtMs) ? setTimeout(() => ear.length > 0 || cut.abort(CUT), thoughtMs) : undefined;
  try {
    while (ear.length < length && size < MOST_HELD_BYTES) {
      const next = await chunks.next();
      isOver = next.done === true;
      if (next.done) break;
      held.push(next.value);
      size += next.value.length;
      ear.push(next.value);
      if (ear.length === 0 && ear.thoughts > mostThoughts) cut.abort(CUT);
    }
  } catch (caught) {
    await drop();
    if (!(caught instanceof RouterError)) throw caught;
  } finally {
    clearTimeout(late);
  }
  if (cut.signal.aborted) {
    await drop();
    return undefined;
  }
  const waitedMs = runtime.clock() - began;
  const begun = { ...answer, waitedMs, body: afterwards(held, chunks) };
  if (!isOver) return { answer, said: ear.said, release: () => begun, drop };
  const attempt = attemptOf(attempts, answer);
  const isWhole = attempts[attempt]?.result === "ok";
  return isWhole ? { answer, said: ear.said, attempt, release: () => begun, drop } : undefined;
}

/** The attempt at its target that ended last. */
const attemptOf = (attempts: readonly Attempt[], { planned }: Answer): number =>
  attempts.findLastIndex(({ target }) => target === planned.target.id);

async function* afterwards(
  held: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield Buffer.concat(held);
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

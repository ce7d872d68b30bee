import type { Clock } from "../contracts.ts";
import { type Encoder, EncoderError, type Encoding, type Scan, type Stage } from "../inference/encoder.ts";
import { doubtsOf } from "../signals/jailbreak-learned.ts";

/** Long enough for any text: what is measured is the reading, not the deadline. */
const PATIENCE_MS = 60_000;

/** One text as the encoder answered it. */
export interface Read<T> {
  readonly answer: T;
  readonly ms: number;
  /** The full stage gave the answer. */
  readonly second: boolean;
}

/** An encoder, and where it was loaded with them the least `known` with which a head's answer counts, by head and stage. */
export type MeasuredEncoder = Encoder & {
  readonly abstainBelow?: Readonly<Record<string, Readonly<Partial<Record<Stage, number>>>>>;
};

/** Asks the encoder with all the patience there is, and takes the time. */
export interface Reader {
  readonly encoder: MeasuredEncoder;
  readonly stage: Stage;
  /**
   * The full stage where that is asked for; where it cannot, or has no answer of the head, the static one, as in a
   * server. Errors: EncoderError.
   */
  encoding(text: string, head?: string): Promise<Read<Encoding>>;
  /** Of the static stage, whatever was asked for. Errors: EncoderError. */
  encoded(text: string): Promise<Read<Encoding>>;
  /**
   * Everything, window by window: by the static stage, and where the full one is asked for, again by that as in a
   * server. A second reading that does not come to its end, or fails, is no error. Errors: EncoderError.
   */
  scan(text: string, what: "safety" | "entities"): Promise<Read<Scan>>;
}

export function createReader(encoder: MeasuredEncoder, stage: Stage, clock: Clock): Reader {
  const timed = async <T>(second: boolean, ask: () => T | Promise<T>): Promise<Read<T>> => {
    const start = clock();
    const answered = ask();
    // Awaiting what is there already would count the turn of others.
    const answer = answered instanceof Promise ? await answered : answered;
    return { answer, ms: clock() - start, second };
  };
  const encode = (text: string) => timed(false, () => encoder.encode(text, PATIENCE_MS));
  return {
    encoder,
    stage,
    encoded: encode,
    async encoding(text, head) {
      if (stage === "static") return encode(text);
      try {
        const read = await timed(true, () => encoder.refine(text, PATIENCE_MS));
        if (head === undefined || read.answer.heads[head] !== undefined) return read;
      } catch (error) {
        if (!isPassing(error)) throw error;
      }
      return encode(text);
    },
    async scan(text, what) {
      const options = { safety: what === "safety", entities: what === "entities", deadlineMs: PATIENCE_MS };
      const read = await timed(false, () => encoder.scan([text], options));
      if (read.answer.unreadUnits > 0) throw new EncoderError("deadline", "The text was not read to its end.");
      const worthy = what === "safety" ? doubtsOf(read.answer, [1]) : read.answer;
      if (stage === "static" || worthy === undefined) return read;
      const again = await timed(true, () => encoder.rescan([text], worthy, options));
      return { answer: again.answer, ms: read.ms + again.ms, second: (again.answer.second?.read ?? 0) > 0 };
    },
  };
}

/** Faults that cost one text, not the whole file. */
export function isPassing(error: unknown): error is EncoderError {
  return error instanceof EncoderError && error.fault !== "model" && error.fault !== "cancelled";
}

import type { Usage } from "../contracts.ts";
import type { RouterError } from "../errors.ts";

/** How an upstream's answers become the client's: as they came but for the model's name, or translated. */
export interface AnswerForm {
  /** Errors: upstream_failed where the bytes are no answer. */
  whole(bytes: Uint8Array): WholeAnswer;
  stream(): AnswerStream;
}

/** A whole answer, ready for the client, and what it says about itself; each is missing where it does not say it. */
export interface WholeAnswer {
  readonly bytes: Uint8Array;
  /** Its id, where later requests may refer to it. */
  readonly id?: string;
  readonly usage?: Usage;
  readonly finish?: string;
  /** Length of what was said, in UTF-16 units, where anything was: embeddings say nothing. */
  readonly outputChars?: number;
}

/** A streamed answer on its way to the client. */
export interface AnswerStream {
  /** The bytes for the client: whole events only. Throws upstream_failed for an event beyond the limit. */
  push(chunk: Uint8Array): Uint8Array;
  /** What is left when the upstream has ended. A piece of an event that was cut off is not handed on. */
  end(): Uint8Array;
  /** An error that ends a stream which has begun, in the client's form. */
  errorEvent(error: RouterError): Uint8Array;
  /** True once an event carried a piece of the answer: text, thoughts, refusal, or a tool call. */
  readonly firstToken: boolean;
  /** The answer's id, where later requests may refer to it; known with the first token. */
  readonly id?: string | undefined;
  readonly usage: Usage | undefined;
  readonly finish: string | undefined;
  /** True once the API's last event came. A stream with neither `done` nor `finish` was cut off. */
  readonly done: boolean;
  /** The message of an error event. The event itself has been handed on, in the client's form. */
  readonly error: string | undefined;
  /** Length of all that was answered, in UTF-16 units: what usage is estimated from where none came. */
  readonly outputChars: number;
}

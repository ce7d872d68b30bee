import type { ReasoningFamily } from "../contracts.ts";
import type { Inquiry, Reply, Step } from "./form.ts";
import type { Fields } from "./shape.ts";
import type { SseEvent } from "./sse.ts";
import type { RouterError } from "../errors.ts";

/** The client's side of an API: its requests read, its answers written. */
export interface ClientSide {
  /**
   * A body, already JSON, as what it asks. Errors: unsupported_feature, with the field as `param`, for what has no
   * place in the form between the APIs; invalid_request for what the API itself would refuse.
   */
  readRequest(body: Fields): Inquiry;
  /** True where clients expect a signature on every thought, and send it back. */
  readonly signsThoughts: boolean;
  writeReply(reply: Reply, options: WriteOptions): Fields;
  writeStream(options: WriteOptions): StreamWriter;
  /** Hears what a client is told in a stream, whoever wrote it. */
  listen(options: WriteOptions): StreamListener;
}

/**
 * What an event adds to an answer: words of its text, nothing, or an error. `ending`: the text is closed, which may wait
 * until something follows. `beyond`: there is more to the answer than one text whose end is open.
 */
export type Heard = { readonly words: string } | "nothing" | "ending" | "error" | "beyond";

export interface StreamListener {
  /** @param type of the event, as it says itself or as its frame does */
  hear(event: Fields, type: string): Heard;
  /** A writer in the state in which the answer was left: the text that it holds so far is block 0, and open. */
  resume(said: string): StreamWriter;
}

export interface WriteOptions {
  /** The name that the client is told. */
  readonly model: string;
  /** The client asked for usage in its stream; only OpenAI chat lets it choose. */
  readonly usage: boolean;
  /** Unix seconds, for the APIs that say when an answer was made. */
  readonly created: number;
}

/** Steps in, events of the client's API out, whole events only. */
export interface StreamWriter {
  push(step: Step): Uint8Array;
  /** What the API sends last, after a whole answer. */
  end(): Uint8Array;
  /** An error that ends a stream which has begun, in the client's form. */
  error(error: RouterError): Uint8Array;
}

/** The model server's side of an API: requests written, answers read. */
export interface ServerSide {
  /**
   * The body that asks this of `model`, and the path below the upstream's base URL that takes it.
   * `family` is how the model is told how much to think, where that is known and its name does not say it.
   * Errors: unsupported_feature, with the name of the feature, for what this API cannot be asked.
   */
  writeRequest(
    inquiry: Inquiry,
    model: string,
    family?: ReasoningFamily,
  ): { readonly path: string; readonly body: Fields };
  /** A whole answer. Errors: upstream_failed where it is none. */
  readReply(body: Fields): Reply;
  readStream(): StreamReader;
}

/** Events of an upstream in, steps out. What cannot be read is left out; an error event is a step. */
export interface StreamReader {
  push(event: SseEvent): readonly Step[];
  /** What is left to say when the upstream has ended, such as the ends of open blocks after its finish. */
  end(): readonly Step[];
  /** True once nothing more is to come, whether or not the connection stays open. */
  readonly done: boolean;
}

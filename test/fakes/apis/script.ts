/** What a fake model server is to say, told without the words of any API; each API's file puts it into its own. */

export type Script = Answer | Fault;

export interface Answer {
  /** Shown only where the request asks to see thoughts and the API has a place for them. */
  readonly thinking?: Thinking;
  readonly text?: string;
  /** The model declines, in these words. */
  readonly refusal?: string;
  /** One call, or several in parallel. */
  readonly tools?: readonly Call[];
  readonly finish: "stop" | "length" | "tool_calls" | "content_filter";
  readonly usage: Usage;
  /** How a stream goes wrong half-way. A whole answer knows only `cut`. */
  readonly breaks?: Break;
}

interface Thinking {
  readonly text: string;
  /** Base64, as every API that signs has it. */
  readonly signature: string;
}

export interface Call {
  readonly id: string;
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Tokens. `input` and `output` are all of them; the others say how many of these. */
export interface Usage {
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
  readonly reasoning: number;
}

/**
 * server_error, overloaded  an error event in the API's form ends the stream
 * end                       the connection ends properly, without the API's last events
 * cut                       the connection is reset in the middle of an event
 */
export type Break = "server_error" | "overloaded" | "end" | "cut";

export interface Fault {
  readonly error: FaultKind;
  /** Instead of the status that the API gives to this kind. */
  readonly status?: number;
  /** Seconds, in the header `retry-after`. */
  readonly retryAfter?: number;
}

export type FaultKind = "rate_limit" | "overloaded" | "context_length" | "content_filter" | "bad_key" | "server_error";

export const isFault = (script: Script): script is Fault => "error" in script;

/** A text in the pieces in which it is streamed: a few characters each, none of them cut in two. */
export function piecesOf(text: string): string[] {
  const characters = Array.from(text);
  return Array.from({ length: Math.ceil(characters.length / 7) }, (_, index) =>
    characters.slice(index * 7, index * 7 + 7).join(""),
  );
}

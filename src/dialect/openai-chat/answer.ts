import type { Edit, Usage } from "../../contracts.ts";
import type { RouterError } from "../../errors.ts";
import { applyEdits, findSpans, insertMember, replaceSpans } from "../json.ts";
import { openaiErrorBody } from "../openai-error.ts";
import { isFields, listOf, type Fields } from "../shape.ts";
import { createSseReader, sseEvent, type SseEvent } from "../sse.ts";

/** What an answer says about itself; each is missing where the answer does not say it. */
export interface Answer {
  readonly usage?: Usage;
  readonly finish?: string;
  readonly model?: string;
  /** Length of what was said, in UTF-16 units, where anything was: embeddings say nothing. */
  readonly outputChars?: number;
}

/** The edits that make a streamed answer end with its usage. None where the body asks for that already, or not for a stream. */
export function usageEdits(bytes: Uint8Array, body: unknown): readonly Edit[] {
  if (!isFields(body) || body["stream"] !== true) return [];
  const options = body["stream_options"];
  if (isFields(options) && options["include_usage"] === true) return [];
  const places = findSpans(bytes, ["stream_options"]);
  if (places.length === 0) return [insertMember(bytes, "stream_options", '{"include_usage":true}')];
  return places.flatMap((place) => {
    if (bytes[place.offset] !== 0x7b) return replaceSpans([place], '{"include_usage":true}');
    const inner = bytes.subarray(place.offset, place.offset + place.length);
    const flags = findSpans(inner, ["include_usage"]);
    if (flags.length === 0) return [insertMember(bytes, "include_usage", "true", place)];
    return replaceSpans(
      flags.map((flag) => ({ offset: place.offset + flag.offset, length: flag.length })),
      "true",
    );
  });
}

/** Reads a whole answer. Anything that is not one says nothing. */
export function readAnswer(bytes: Uint8Array): Answer {
  const body = parse(textOf(bytes));
  if (!body) return {};
  const usage = usageOf(body["usage"]);
  const finish = finishOf(body);
  const model = body["model"];
  const outputChars = saidIn(body);
  return {
    ...(usage ? { usage } : {}),
    ...(finish === undefined ? {} : { finish }),
    ...(typeof model === "string" ? { model } : {}),
    ...(outputChars === 0 ? {} : { outputChars }),
  };
}

/** The answer with another name in its `model`; as it is where there is none, or where it is not JSON. */
export function stampModel(bytes: Uint8Array, model: string): Uint8Array {
  return parse(textOf(bytes)) ? stamp(bytes, model) : bytes;
}

function stamp(json: Uint8Array, model: string): Uint8Array {
  return applyEdits(json, replaceSpans(findSpans(json, ["model"]), JSON.stringify(model)));
}

/** An error that ends a stream which has begun. */
export function errorEvent(error: RouterError): Uint8Array {
  return sseEvent(openaiErrorBody(error));
}

/** A streamed answer on its way to the client. */
export interface AnswerStream {
  /** The bytes for the client: whole events only. Throws upstream_failed for an event beyond the limit. */
  push(chunk: Uint8Array): Uint8Array;
  /** What is left when the upstream has ended. A piece of an event that was cut off is not handed on. */
  end(): Uint8Array;
  /** True once an event carried a piece of the answer: text, content, reasoning, refusal, or a tool call. */
  readonly firstToken: boolean;
  readonly usage: Usage | undefined;
  readonly finish: string | undefined;
  /** True once `[DONE]` came. A stream with neither `done` nor `finish` was cut off. */
  readonly done: boolean;
  /** The message of an error event. */
  readonly error: string | undefined;
  /** Length of all that was answered, in UTF-16 units: what usage is estimated from where none came. */
  readonly outputChars: number;
}

/** `model` is the name that clients shall see; `stripUsage` drops the usage event of clients that did not ask for it. */
export function createAnswerStream(options: {
  readonly model: string;
  readonly stripUsage: boolean;
  readonly maxEventBytes: number;
}): AnswerStream {
  const reader = createSseReader(options);
  let usage: Usage | undefined;
  let finish: string | undefined;
  let error: string | undefined;
  let done = false;
  let outputChars = 0;

  function observe(chunk: Fields): void {
    if (chunk["error"] !== undefined && chunk["error"] !== null) error ??= messageOf(chunk["error"]);
    usage = usageOf(chunk["usage"]) ?? usage;
    finish = finishOf(chunk) ?? finish;
    outputChars += saidIn(chunk);
  }

  function forward(event: SseEvent): Uint8Array | undefined {
    if (event.data === "") return event.raw;
    if (event.data.trim() === "[DONE]") {
      done = true;
      return event.raw;
    }
    const chunk = parse(event.data);
    if (!chunk) return event.raw;
    observe(chunk);
    if (options.stripUsage && isUsageOnly(chunk)) return undefined;
    return chunk["model"] === undefined || chunk["model"] === options.model ? event.raw : restamp(event, options.model);
  }

  function forwardAll(events: readonly SseEvent[]): Uint8Array {
    const pieces = events.map(forward).filter((piece) => piece !== undefined);
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  return {
    push: (chunk) => forwardAll(reader.push(chunk)),
    end() {
      const whole = reader.end().filter((event) => event.data.trim() === "[DONE]" || parse(event.data));
      return forwardAll(whole.map((event) => ({ event: event.event, data: event.data, raw: ended(event.raw) })));
    },
    get firstToken() {
      return outputChars > 0;
    },
    get usage() {
      return usage;
    },
    get finish() {
      return finish;
    },
    get done() {
      return done;
    },
    get error() {
      return error;
    },
    get outputChars() {
      return outputChars;
    },
  };
}

/** The last event of an upstream that forgot the blank line. */
function ended(raw: Uint8Array): Uint8Array {
  return Buffer.concat([raw, Buffer.from("\n\n")]);
}

const DATA = Buffer.from("data:");

function restamp(event: SseEvent, model: string): Uint8Array {
  // A chunk spread over several data lines is legal, and so rare that it may lose its form.
  if (event.data.includes("\n"))
    return sseEvent(textOf(stamp(Buffer.from(event.data), model)), event.event || undefined);
  const start = dataStart(event.raw);
  const end = lineEnd(event.raw, start);
  const json = stamp(event.raw.subarray(start, end), model);
  return Buffer.concat([event.raw.subarray(0, start), json, event.raw.subarray(end)]);
}

/** Where the value of the event's data line begins. */
function dataStart(raw: Uint8Array): number {
  let line = raw[0] === 0xef ? 3 : 0;
  while (!DATA.equals(raw.subarray(line, line + DATA.length))) line = lineEnd(raw, line) + 1;
  return line + DATA.length;
}

function lineEnd(raw: Uint8Array, at: number): number {
  while (at < raw.length && raw[at] !== 0x0a && raw[at] !== 0x0d) at += 1;
  return at;
}

function isUsageOnly(chunk: Fields): boolean {
  return isFields(chunk["usage"]) && Array.isArray(chunk["choices"]) && chunk["choices"].length === 0;
}

/** How much of the answer a chunk, or a whole one, carries in its choices. */
function saidIn(body: Fields): number {
  return listOf(body["choices"]).reduce<number>((sum, choice) => sum + lengthOf(choice), 0);
}

/** A choice of a chat has a delta or a message, one of a completion has its text. A tool call counts from its name on. */
function lengthOf(choice: unknown): number {
  if (!isFields(choice)) return 0;
  let length = typeof choice["text"] === "string" ? choice["text"].length : 0;
  const said = [choice["delta"], choice["message"]].find(isFields);
  if (!said) return length;
  for (const text of [said["content"], said["reasoning_content"], said["reasoning"], said["refusal"]]) {
    if (typeof text === "string") length += text.length;
  }
  for (const call of [...listOf(said["tool_calls"]), said["function_call"]]) length += callLength(call);
  if (isFields(said["audio"])) length += 1;
  return length;
}

function callLength(call: unknown): number {
  if (!isFields(call)) return 0;
  const inner = [call["function"], call["custom"], call].find(isFields)!;
  const texts = [inner["name"], inner["arguments"], inner["input"]].filter((text) => typeof text === "string");
  return Math.max(1, texts.join("").length);
}

function finishOf(body: Fields): string | undefined {
  for (const choice of listOf(body["choices"])) {
    if (isFields(choice) && typeof choice["finish_reason"] === "string") return choice["finish_reason"];
  }
  return undefined;
}

function usageOf(value: unknown): Usage | undefined {
  if (!isFields(value) || typeof value["prompt_tokens"] !== "number") return undefined;
  const details = isFields(value["prompt_tokens_details"]) ? value["prompt_tokens_details"] : {};
  return {
    inputTokens: tokens(value["prompt_tokens"]),
    outputTokens: tokens(value["completion_tokens"]),
    cachedInputTokens: tokens(details["cached_tokens"]),
    estimated: false,
  };
}

function tokens(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? Math.round(value) : 0;
}

function messageOf(error: unknown): string {
  if (typeof error === "string") return error;
  return isFields(error) && typeof error["message"] === "string"
    ? error["message"]
    : "The upstream sent an error event.";
}

function parse(json: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

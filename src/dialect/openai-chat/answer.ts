import type { Edit, Usage } from "../../contracts.ts";
import { RouterError } from "../../errors.ts";
import type { AnswerForm, AnswerStream, WholeAnswer } from "../answer.ts";
import { parseFields, stampEvent, stampJson, textOf } from "../event-json.ts";
import { findSpans, insertMember, replaceSpans } from "../json.ts";
import { openaiErrorBody } from "../openai-error.ts";
import { isFields, listOf, type Fields } from "../shape.ts";
import { createSseReader, sseEvent, type SseEvent } from "../sse.ts";
import { usageOf } from "../usage.ts";
import { errorIn, tokensOf } from "./said.ts";

/** What a whole answer says about itself; each is missing where it does not say it. */
export interface Answer extends Omit<WholeAnswer, "bytes"> {
  readonly model?: string;
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
  const body = parseFields(textOf(bytes));
  if (!body) return {};
  const usage = usageIn(body);
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
  return parseFields(textOf(bytes)) ? stampJson(bytes, ["model"], model) : bytes;
}

interface PassingOptions {
  readonly model: string;
  readonly usage: boolean;
  readonly maxEventBytes: number;
}

/** Answers of an upstream that speaks chat completions, to a client that does. */
export function passingChat(options: PassingOptions): AnswerForm {
  return passing(options, (body) => Array.isArray(body["choices"]));
}

/** Answers to what is no conversation: text completions, embeddings. */
export function passingInputs(options: PassingOptions): AnswerForm {
  return passing(options, () => true);
}

/** 200 is not enough: an answer is an object without an error. One that tells its finish is. */
function passing(options: PassingOptions, isAnswer: (body: Fields) => boolean): AnswerForm {
  return {
    whole(bytes) {
      const { model: _, ...told } = readAnswer(bytes);
      const body = told.finish === undefined ? parseFields(textOf(bytes)) : undefined;
      if (told.finish === undefined && !(body && isAnswer(body) && (body["error"] ?? null) === null))
        throw new RouterError("upstream_failed", "The upstream answered 200 with something that is no answer.");
      return { ...told, bytes: stampModel(bytes, options.model) };
    },
    stream: () => createAnswerStream({ ...options, stripUsage: !options.usage }),
  };
}

/** An error that ends a stream which has begun. */
export function errorEvent(error: RouterError): Uint8Array {
  return sseEvent(openaiErrorBody(error));
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
    error ??= errorIn(chunk);
    usage = usageIn(chunk) ?? usage;
    finish = finishOf(chunk) ?? finish;
    outputChars += saidIn(chunk);
  }

  function forward(event: SseEvent): Uint8Array | undefined {
    if (event.data === "") return event.raw;
    if (event.data.trim() === "[DONE]") {
      done = true;
      return event.raw;
    }
    const chunk = parseFields(event.data);
    if (!chunk) return event.raw;
    observe(chunk);
    if (options.stripUsage && isUsageOnly(chunk)) return undefined;
    return chunk["model"] === undefined || chunk["model"] === options.model
      ? event.raw
      : stampEvent(event, ["model"], options.model);
  }

  function forwardAll(events: readonly SseEvent[]): Uint8Array {
    const pieces = events.map(forward).filter((piece) => piece !== undefined);
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  return {
    push: (chunk) => forwardAll(reader.push(chunk)),
    end() {
      const whole = reader.end().filter((event) => event.data.trim() === "[DONE]" || parseFields(event.data));
      const rest = forwardAll(whole.map((event) => ({ event: event.event, data: event.data, raw: ended(event.raw) })));
      if (done || finish === undefined || error !== undefined) return rest;
      done = true;
      return Buffer.concat([rest, DONE]);
    },
    errorEvent,
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

/** What clients wait for, where an upstream told its finish and not this. */
const DONE = Buffer.from("data: [DONE]\n\n");

/** The last event of an upstream that forgot the blank line. */
function ended(raw: Uint8Array): Uint8Array {
  return Buffer.concat([raw, Buffer.from("\n\n")]);
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

function usageIn(body: Fields): Usage | undefined {
  const tokens = tokensOf(body["usage"]);
  return tokens && usageOf(tokens);
}

function finishOf(body: Fields): string | undefined {
  for (const choice of listOf(body["choices"])) {
    if (isFields(choice) && typeof choice["finish_reason"] === "string") return choice["finish_reason"];
  }
  return undefined;
}

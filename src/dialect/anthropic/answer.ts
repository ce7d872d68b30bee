import { RouterError } from "../../errors.ts";
import type { AnswerForm, AnswerStream } from "../answer.ts";
import { parseFields, stampEvent, stampJson, textOf } from "../event-json.ts";
import type { Tokens } from "../form.ts";
import type { Answer } from "../openai-chat/answer.ts";
import { isFields, listOf, stringOf, type Fields } from "../shape.ts";
import { createSseReader, type SseEvent } from "../sse.ts";
import { usageOf } from "../usage.ts";
import { spellArguments } from "./arguments.ts";
import { failureOf } from "./read-stream.ts";
import { readUsage } from "./usage.ts";
import { messagesErrorEvent } from "./write-stream.ts";

interface PassingOptions {
  /** The name that clients shall see. */
  readonly model: string;
  readonly maxEventBytes: number;
}

/** Answers of an upstream that speaks Messages, to a client that does: as they come but for the model's name. */
export function passingMessages(options: PassingOptions): AnswerForm {
  return {
    whole(bytes) {
      const body = parseFields(textOf(bytes));
      if (!body || !Array.isArray(body["content"])) {
        throw new RouterError("upstream_failed", "The upstream answered 200 with something that is no message.");
      }
      const { model: _, ...told } = answerOf(body);
      const id = stringOf(body["id"]);
      return { ...told, ...(id !== "" && { id }), bytes: stampJson(bytes, ["model"], options.model) };
    },
    stream: () => createMessagesStream(options),
  };
}

/** Reads a whole answer. Anything that is not one says nothing. */
export function readMessagesAnswer(bytes: Uint8Array): Answer {
  const body = parseFields(textOf(bytes));
  return body ? answerOf(body) : {};
}

/** The answer with another name in its `model`; as it is where there is none, or where it is not JSON. */
export function stampMessagesModel(bytes: Uint8Array, model: string): Uint8Array {
  return parseFields(textOf(bytes)) ? stampJson(bytes, ["model"], model) : bytes;
}

function answerOf(body: Fields): Answer {
  const tokens = readUsage(body["usage"]);
  const finish = body["stop_reason"];
  const model = body["model"];
  const outputChars = listOf(body["content"]).reduce<number>((sum, block) => sum + lengthOf(block), 0);
  return {
    ...(tokens && { usage: usageOf(tokens) }),
    ...(typeof finish === "string" && { finish }),
    ...(typeof model === "string" && { model }),
    ...(outputChars > 0 && { outputChars }),
  };
}

/** Observes a streamed answer while its bytes pass: `message.model` of its first event is all that changes. */
export function createMessagesStream(options: PassingOptions): AnswerStream {
  const reader = createSseReader(options);
  let id: string | undefined;
  let tokens: Tokens | undefined;
  let finish: string | undefined;
  let error: string | undefined;
  let done = false;
  let outputChars = 0;

  function observe(fields: Fields, type: string): void {
    const delta = isFields(fields["delta"]) ? fields["delta"] : {};
    if (type === "message_start" && isFields(fields["message"])) {
      id ??= stringOf(fields["message"]["id"]) || undefined;
      tokens = readUsage(fields["message"]["usage"], tokens);
    } else if (type === "content_block_start") outputChars += lengthOf(fields["content_block"]);
    else if (type === "content_block_delta") outputChars += lengthOf(delta);
    else if (type === "message_delta") {
      tokens = readUsage(fields["usage"], tokens);
      finish = stringOf(delta["stop_reason"]) || finish;
    } else if (type === "message_stop") done = true;
    else if (type === "error") error ??= failureOf(fields);
  }

  function forward(event: SseEvent): Uint8Array {
    const fields = event.data === "" ? undefined : parseFields(event.data);
    if (!fields) return event.raw;
    const type = stringOf(fields["type"]) || event.event;
    observe(fields, type);
    const message = type === "message_start" ? fields["message"] : undefined;
    const isNamed = isFields(message) && message["model"] !== undefined && message["model"] !== options.model;
    return isNamed ? stampEvent(event, ["message", "model"], options.model) : event.raw;
  }

  function forwardAll(events: readonly SseEvent[]): Uint8Array {
    const pieces = events.map(forward);
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  return {
    push: (chunk) => forwardAll(reader.push(chunk)),
    end() {
      const whole = reader.end().filter((event) => parseFields(event.data));
      return forwardAll(whole.map((event) => ({ ...event, raw: Buffer.concat([event.raw, BLANK]) })));
    },
    errorEvent: messagesErrorEvent,
    get id() {
      return id;
    },
    get firstToken() {
      return outputChars > 0;
    },
    get usage() {
      return tokens && usageOf(tokens);
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

/** Ends the last event of an upstream that forgot the blank line. */
const BLANK = Buffer.from("\n\n");

/** Length of what a block, or a delta of one, says, in UTF-16 units. A call counts from its name on. */
function lengthOf(block: unknown): number {
  if (!isFields(block)) return 0;
  const texts = [block["text"], block["thinking"], block["partial_json"], block["data"], block["name"]];
  const length = texts.reduce<number>((sum, text) => sum + stringOf(text).length, 0);
  const input = spellArguments(block["input"]) ?? "{}";
  return length + (input === "{}" ? 0 : input.length);
}

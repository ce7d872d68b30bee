import type { Usage } from "../../contracts.ts";
import { RouterError } from "../../errors.ts";
import type { AnswerForm, AnswerStream } from "../answer.ts";
import { parseFields, stampEvent, textOf } from "../event-json.ts";
import { stampModel, type Answer } from "../openai-chat/answer.ts";
import { isFields, stringOf, type Fields } from "../shape.ts";
import { createSseReader, type SseEvent } from "../sse.ts";
import { responsesErrorEvent } from "./error-event.ts";
import { deltaLength, errorOf, finishOf, itemLength, outputLength, usageOf } from "./said.ts";

export { stampModel as stampResponsesModel };
export { responsesErrorEvent };

interface PassingOptions {
  /** The name that the client is told. */
  readonly model: string;
  readonly maxEventBytes: number;
}

/** Answers of an upstream that speaks this API, to a client that does. */
export function passingResponses(options: PassingOptions): AnswerForm {
  return {
    whole(bytes) {
      const body = parseFields(textOf(bytes));
      if (!body || !Array.isArray(body["output"]) || (body["error"] ?? null) !== null) {
        throw new RouterError("upstream_failed", "The upstream answered 200 with something that is no answer.");
      }
      const { model: _, ...told } = answerOf(body);
      return { ...told, bytes: stampModel(bytes, options.model) };
    },
    stream: () => createResponsesStream(options),
  };
}

/** Reads a whole answer. Anything that is not one says nothing. */
export function readResponsesAnswer(bytes: Uint8Array): Answer {
  const body = parseFields(textOf(bytes));
  return body ? answerOf(body) : {};
}

function answerOf(body: Fields): Answer {
  const usage = usageOf(body["usage"]);
  const finish = finishOf(body);
  const model = body["model"];
  const outputChars = outputLength(body["output"]);
  const id = stringOf(body["id"]);
  return {
    ...(id !== "" && { id }),
    ...(usage && { usage }),
    ...(finish !== undefined && { finish }),
    ...(typeof model === "string" && { model }),
    ...(outputChars > 0 && { outputChars }),
  };
}

const LAST_EVENTS: ReadonlySet<string> = new Set(["response.completed", "response.incomplete", "response.failed"]);

/** A stream that passes as it came but for the model's name in every `response` object. */
export function createResponsesStream({ model, maxEventBytes }: PassingOptions): AnswerStream {
  const reader = createSseReader({ maxEventBytes });
  let id: string | undefined;
  let usage: Usage | undefined;
  let finish: string | undefined;
  let error: string | undefined;
  let done = false;
  let sequence = -1;
  // The same answer, told up to three times: piece by piece, item by item, whole. Some servers leave one out.
  let inPieces = 0;
  let inItems = 0;
  let inWhole = 0;

  function observe(type: string, body: Fields): void {
    const number = body["sequence_number"];
    if (typeof number === "number" && Number.isSafeInteger(number)) sequence = Math.max(sequence, number);
    error ??= errorOf(type, body);
    inPieces += deltaLength(type, body["delta"]);
    if (type === "response.output_item.added") inPieces += itemLength(body["item"]);
    else if (type === "response.output_item.done") inItems += itemLength(body["item"]);
    const { response } = body;
    if (isFields(response)) id ??= stringOf(response["id"]) || undefined;
    if (!isFields(response)) return;
    usage = usageOf(response["usage"]) ?? usage;
    inWhole = Math.max(inWhole, outputLength(response["output"]));
    if (!LAST_EVENTS.has(type)) return;
    done = true;
    finish = finishOf(response) ?? type.slice("response.".length);
  }

  function forward(event: SseEvent): Uint8Array {
    const body = parseFields(event.data);
    if (!body) return event.raw;
    observe(stringOf(body["type"]) || event.event, body);
    const { response } = body;
    const isOther = isFields(response) && response["model"] !== undefined && response["model"] !== model;
    return isOther ? stampEvent(event, ["response", "model"], model) : event.raw;
  }

  function forwardAll(events: readonly SseEvent[]): Uint8Array {
    const pieces = events.map(forward);
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  return {
    push: (chunk) => forwardAll(reader.push(chunk)),
    end() {
      const whole = reader.end().filter((event) => parseFields(event.data));
      return forwardAll(whole.map((event) => ({ ...event, raw: Buffer.concat([event.raw, BLANK_LINE]) })));
    },
    errorEvent: (failure) => responsesErrorEvent(failure, sequence + 1),
    get id() {
      return id;
    },
    get firstToken() {
      return inPieces + inItems + inWhole > 0;
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
      return Math.max(inPieces, inItems, inWhole);
    },
  };
}

/** What the last event of an upstream lacks that forgot it. */
const BLANK_LINE = Buffer.from("\n\n");

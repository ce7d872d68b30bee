import type { StreamReader } from "../codec.ts";
import { parseFields } from "../event-json.ts";
import type { BlockStart, Step, Tokens } from "../form.ts";
import { isFields, stringOf, type Fields } from "../shape.ts";
import { spellArguments } from "./arguments.ts";
import { readStopReason } from "./stop-reason.ts";
import { readUsage } from "./usage.ts";

/** The API has one block open at a time; whoever opens more than this and closes none has lost its way. */
const MOST_OPEN = 128;

interface Open {
  readonly index: number;
  /** Arguments that came whole with the beginning of a call, until a piece of them comes by itself. */
  input?: string;
}

/** Events of `POST /v1/messages` with `stream`, as steps. */
export function readMessagesStream(): StreamReader {
  const open = new Map<unknown, Open>();
  let begun = 0;
  let started = false;
  let finished = false;
  let done = false;
  let tokens: Tokens | undefined;

  function start(message: Fields): Step[] {
    if (started) return [];
    started = true;
    return [
      { kind: "start", id: stringOf(message["id"]), model: stringOf(message["model"]) },
      ...spend(message["usage"]),
    ];
  }

  function spend(usage: unknown): Step[] {
    const known = readUsage(usage, tokens);
    if (known === undefined || known === tokens) return [];
    tokens = known;
    return [{ kind: "tokens", tokens }];
  }

  function begin(number: unknown, value: unknown): Step[] {
    const block = isFields(value) ? value : {};
    const kind = startOf(block);
    if (finished || !kind || open.size >= MOST_OPEN) return [];
    const before = [...start({}), ...close(number)];
    const index = begun++;
    const opened: Open = { index };
    if (kind.kind === "tool_call") {
      const input = spellArguments(block["input"]);
      if (input !== undefined && input !== "{}") opened.input = input;
    }
    open.set(number, opened);
    return [...before, { kind: "block", index, block: kind }, ...contentOf(block, index)];
  }

  function extend(number: unknown, value: unknown): Step[] {
    const block = open.get(number);
    if (!block || !isFields(value)) return [];
    if (value["type"] === "input_json_delta" && stringOf(value["partial_json"]) !== "") delete block.input;
    return contentOf(value, block.index);
  }

  function close(number: unknown): Step[] {
    const block = open.get(number);
    if (!block) return [];
    open.delete(number);
    return [
      ...(block.input === undefined ? [] : deltaOf(block.input, block.index)),
      { kind: "block_end", index: block.index },
    ];
  }

  function finish(reason: unknown, sequence: unknown): Step[] {
    if (finished) return [];
    const closed = [...open.keys()].flatMap(close);
    finished = true;
    const stopSequence = typeof sequence === "string" ? { stopSequence: sequence } : {};
    return [...start({}), ...closed, { kind: "finish", finish: readStopReason(reason), ...stopSequence }];
  }

  function read(event: Fields, type: string): Step[] {
    const delta = event["delta"];
    switch (type) {
      case "message_start":
        return start(isFields(event["message"]) ? event["message"] : {});
      case "content_block_start":
        return begin(event["index"], event["content_block"]);
      case "content_block_delta":
        return extend(event["index"], delta);
      case "content_block_stop":
        return close(event["index"]);
      case "message_delta": {
        const spent = [...start({}), ...spend(event["usage"])];
        const stops = isFields(delta) && typeof delta["stop_reason"] === "string";
        return stops ? [...spent, ...finish(delta["stop_reason"], delta["stop_sequence"])] : spent;
      }
      case "message_stop":
        done = true;
        return finish("end_turn", undefined);
      case "error":
        done = true;
        return [{ kind: "error", message: failureOf(event) }];
      default:
        return [];
    }
  }

  return {
    push({ event, data }) {
      const fields = done ? undefined : parseFields(data);
      return fields ? read(fields, stringOf(fields["type"]) || event) : [];
    },
    end: () => [],
    get done() {
      return done;
    },
  };
}

function startOf(block: Fields): BlockStart | undefined {
  switch (block["type"]) {
    case "text":
      return { kind: "text" };
    case "thinking":
    case "redacted_thinking":
      return { kind: "thinking" };
    case "tool_use":
      return { kind: "tool_call", id: stringOf(block["id"]), name: stringOf(block["name"]) };
    default:
      return undefined;
  }
}

/** What a beginning, or a delta, of a block carries. */
function contentOf(fields: Fields, index: number): Step[] {
  const steps: Step[] = [];
  for (const name of ["text", "thinking", "partial_json"]) steps.push(...deltaOf(stringOf(fields[name]), index));
  const signature = stringOf(fields["signature"]);
  if (signature !== "") steps.push({ kind: "signature", index, signature });
  const data = stringOf(fields["data"]);
  if (data !== "") steps.push({ kind: "redacted", index, data });
  return steps;
}

function deltaOf(text: string, index: number): Step[] {
  return text === "" ? [] : [{ kind: "delta", index, text }];
}

/** What an error event says: the upstream's own words. */
export function failureOf(event: Fields): string {
  const error = event["error"];
  return (isFields(error) ? stringOf(error["message"]) : stringOf(error)) || "The upstream sent an error event.";
}

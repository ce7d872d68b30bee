import { parseFields } from "../event-json.ts";
import type { Finish } from "../form.ts";
import type { Addition, SaidCall } from "../said.ts";
import { isFields, listOf, stringOf, type Fields } from "../shape.ts";
import type { SseEvent } from "../sse.ts";
import { finishOf } from "./said.ts";

/** What a whole answer says. */
export function saidInResponse(response: Fields): readonly Addition[] {
  const said = listOf(response["output"]).flatMap((item) => (isFields(item) ? ofItem(item) : []));
  return [...said, ...ending(response)];
}

/** What each event adds: text and calls in pieces, as they come. */
export function hearResponses(): (event: SseEvent) => readonly Addition[] {
  /** How much of the call that is being written has come; undefined where none is. */
  let written: number | undefined;

  function begin(item: unknown): readonly Addition[] {
    if (!isCall(item)) return [];
    const call = callOf(item);
    written = call.arguments.length;
    return [{ kind: "call", call }];
  }

  /** Some servers send no pieces. */
  function end(item: unknown): readonly Addition[] {
    if (!isCall(item)) return [];
    const before = written;
    written = undefined;
    const call = callOf(item);
    if (before === undefined) return [{ kind: "call", call }];
    return before === 0 ? [{ kind: "arguments", text: call.arguments }] : [];
  }

  return ({ event, data }) => {
    const body = parseFields(data);
    if (!body) return [];
    const delta = stringOf(body["delta"]);
    switch (stringOf(body["type"]) || event) {
      case "response.output_text.delta":
        return [{ kind: "text", text: delta }, ...logprobsOf(body["logprobs"])];
      case "response.refusal.delta":
        return [{ kind: "text", text: delta }];
      case "response.reasoning_summary_text.delta":
      case "response.reasoning_text.delta":
        return [{ kind: "thought", text: delta }];
      case "response.output_item.added":
        return begin(body["item"]);
      case "response.function_call_arguments.delta":
        if (written === undefined) return [];
        written += delta.length;
        return [{ kind: "arguments", text: delta }];
      case "response.output_item.done":
        return end(body["item"]);
      case "response.completed":
      case "response.incomplete":
        return isFields(body["response"]) ? ending(body["response"]) : [];
      default:
        return [];
    }
  };
}

const isCall = (item: unknown): item is Fields => isFields(item) && item["type"] === "function_call";

const callOf = (item: Fields): SaidCall => ({
  name: stringOf(item["name"]),
  arguments: stringOf(item["arguments"]),
});

function ofItem(item: Fields): readonly Addition[] {
  if (isCall(item)) return [{ kind: "call", call: callOf(item) }];
  const parts = [...listOf(item["content"]), ...listOf(item["summary"])].filter(isFields);
  const kind = item["type"] === "reasoning" ? "thought" : "text";
  return parts.flatMap((part): readonly Addition[] => [
    { kind, text: stringOf(part["text"]) + stringOf(part["refusal"]) },
    ...logprobsOf(part["logprobs"]),
  ]);
}

function logprobsOf(told: unknown): readonly Addition[] {
  const values = listOf(told).flatMap((token) =>
    isFields(token) && typeof token["logprob"] === "number" ? [token["logprob"]] : [],
  );
  return values.length > 0 ? [{ kind: "logprobs", values }] : [];
}

const FINISHES: Readonly<Record<string, Finish>> = {
  completed: "stop",
  max_output_tokens: "length",
  content_filter: "content_filter",
};

function ending(response: Fields): readonly Addition[] {
  const finish = FINISHES[finishOf(response) ?? ""];
  return finish ? [{ kind: "finish", finish }] : [];
}

import { parseFields } from "../event-json.ts";
import type { Finish } from "../form.ts";
import type { Addition } from "../said.ts";
import { isFields, listOf, stringOf, type Fields } from "../shape.ts";
import type { SseEvent } from "../sse.ts";
import { finishOf } from "./said.ts";

/** What a whole answer says. */
export function saidInResponse(response: Fields): readonly Addition[] {
  const said = listOf(response["output"]).flatMap((item) => (isFields(item) ? ofItem(item) : []));
  return [...said, ...ending(response)];
}

/** What an event adds: pieces of text as they come, calls once they are whole. */
export function saidInResponsesEvent({ event, data }: SseEvent): readonly Addition[] {
  const body = parseFields(data);
  if (!body) return [];
  const type = stringOf(body["type"]) || event;
  switch (type) {
    case "response.output_text.delta":
      return [{ kind: "text", text: stringOf(body["delta"]) }, ...logprobsOf(body["logprobs"])];
    case "response.refusal.delta":
      return [{ kind: "text", text: stringOf(body["delta"]) }];
    case "response.reasoning_summary_text.delta":
    case "response.reasoning_text.delta":
      return [{ kind: "thought", text: stringOf(body["delta"]) }];
    case "response.output_item.done":
      return isFields(body["item"]) && body["item"]["type"] === "function_call" ? ofItem(body["item"]) : [];
    case "response.completed":
    case "response.incomplete":
      return isFields(body["response"]) ? ending(body["response"]) : [];
    default:
      return [];
  }
}

function ofItem(item: Fields): readonly Addition[] {
  if (item["type"] === "function_call")
    return [{ kind: "call", call: { name: stringOf(item["name"]), arguments: stringOf(item["arguments"]) } }];
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

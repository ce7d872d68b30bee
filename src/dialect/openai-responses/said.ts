import type { Usage } from "../../contracts.ts";
import { isFields, listOf, stringOf, type Fields } from "../shape.ts";

/** What objects and events of this API say, as an upstream sent them: they may be anything. */

/** Length in UTF-16 units of what the items of an output say. */
export function outputLength(output: unknown): number {
  return listOf(output).reduce<number>((sum, item) => sum + itemLength(item), 0);
}

/** A call counts from its name on, one that the server answers itself from its beginning. Encrypted thoughts say nothing. */
export function itemLength(item: unknown): number {
  if (!isFields(item)) return 0;
  if (item["type"] === "message") return partsLength(item["content"]);
  if (item["type"] === "reasoning") return Math.max(partsLength(item["content"]), partsLength(item["summary"]));
  const texts = [item["name"], item["arguments"], item["input"], item["code"]];
  return Math.max(1, texts.map(stringOf).join("").length);
}

function partsLength(parts: unknown): number {
  return listOf(parts).reduce<number>(
    (sum, part) => sum + (isFields(part) ? stringOf(part["text"]).length + stringOf(part["refusal"]).length : 0),
    0,
  );
}

/** Length of what a delta adds. Sound is base64: that there is some counts. */
export function deltaLength(type: string, delta: unknown): number {
  if (!type.endsWith(".delta") || typeof delta !== "string") return 0;
  return type === "response.audio.delta" ? Math.min(1, delta.length) : delta.length;
}

/** How an answer that will not change any more ended: why it is incomplete, or its status. */
export function finishOf(response: Fields): string | undefined {
  const { status, incomplete_details: details } = response;
  if (status === "incomplete") return (isFields(details) && stringOf(details["reason"])) || "incomplete";
  return status === "completed" || status === "failed" || status === "cancelled" ? status : undefined;
}

export function usageOf(value: unknown): Usage | undefined {
  if (!isFields(value) || typeof value["input_tokens"] !== "number") return undefined;
  const read = isFields(value["input_tokens_details"]) ? value["input_tokens_details"] : {};
  const written = isFields(value["output_tokens_details"]) ? value["output_tokens_details"] : {};
  const reasoningTokens = tokens(written["reasoning_tokens"]);
  return {
    inputTokens: tokens(value["input_tokens"]),
    outputTokens: tokens(value["output_tokens"]),
    cachedInputTokens: tokens(read["cached_tokens"]),
    ...(reasoningTokens > 0 && { reasoningTokens }),
    estimated: false,
  };
}

function tokens(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? Math.round(value) : 0;
}

/** What went wrong, of an error event or an answer that failed. The message is the upstream's own and stays inside. */
export function errorOf(type: string, event: Fields): string | undefined {
  const response = isFields(event["response"]) ? event["response"] : {};
  if (type === "response.failed") return messageIn(response["error"]) ?? "The upstream's answer failed.";
  const nested = messageIn(event["error"]);
  if (nested !== undefined || type !== "error") return nested;
  return stringOf(event["message"]) || "The upstream sent an error event.";
}

function messageIn(error: unknown): string | undefined {
  if (error === undefined || error === null) return undefined;
  if (typeof error === "string") return error;
  return (isFields(error) && stringOf(error["message"])) || "The upstream sent an error.";
}

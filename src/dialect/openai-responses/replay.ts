import type { ReplayOptions } from "../replay.ts";
import { piecesOf } from "../pieces.ts";
import { isFields, listOf, stringOf, type Fields } from "../shape.ts";
import { sseEvent } from "../sse.ts";
import type { ItemEvent } from "./item-events.ts";

/** A whole `response` as events: it begins, its items one after the other, and itself at the end. */
export function* replayResponse(body: Fields, { created }: ReplayOptions): Generator<Uint8Array, void, void> {
  let sequence = 0;
  const whole = created === undefined ? body : { ...body, created_at: created };
  for (const [type, fields] of eventsOf(whole))
    yield sseEvent(JSON.stringify({ type, sequence_number: sequence++, ...fields }), type);
}

function* eventsOf(response: Fields): Generator<ItemEvent, void, void> {
  const isTimed = response["completed_at"] !== undefined;
  const begun = {
    ...response,
    status: "in_progress",
    ...(isTimed && { completed_at: null }),
    output: [],
    usage: null,
  };
  yield ["response.created", { response: begun }];
  yield ["response.in_progress", { response: begun }];
  for (const [at, item] of listOf(response["output"]).filter(isFields).entries()) yield* itemEvents(item, at);
  yield ["response.completed", { response }];
}

function* itemEvents(item: Fields, at: number): Generator<ItemEvent, void, void> {
  const { encrypted_content: _, ...open } = item;
  const begun = {
    ...open,
    ...(item["status"] !== undefined && { status: "in_progress" }),
    ...(Array.isArray(item["summary"]) && { summary: [] }),
    ...(Array.isArray(item["content"]) && { content: [] }),
  };
  const place = { item_id: item["id"], output_index: at };
  yield ["response.output_item.added", { output_index: at, item: begun }];
  for (const [index, part] of listOf(item["summary"]).filter(isFields).entries())
    yield* partEvents("reasoning_summary", part, { ...place, summary_index: index });
  for (const [index, part] of listOf(item["content"]).filter(isFields).entries())
    yield* partEvents("content", part, { ...place, content_index: index });
  yield ["response.output_item.done", { output_index: at, item }];
}

function* partEvents(
  list: "reasoning_summary" | "content",
  part: Fields,
  place: Fields,
): Generator<ItemEvent, void, void> {
  const kind = list === "content" ? stringOf(part["type"]) : `${list}_text`;
  const more = kind === "output_text" ? { logprobs: [] } : {};
  const text = stringOf(part["text"]);
  yield [`response.${list}_part.added`, { ...place, part: { ...part, text: "" } }];
  for (const delta of piecesOf(text)) yield [`response.${kind}.delta`, { ...place, delta, ...more }];
  yield [`response.${kind}.done`, { ...place, text, ...more }];
  yield [`response.${list}_part.done`, { ...place, part }];
}

import type { Fields } from "../shape.ts";
import { contentPart, summaryPart, writeItem, type Item, type ItemStatus } from "./response.ts";

/** An event of a stream: its type, and what it has beside that and its number. */
export type ItemEvent = readonly [type: string, fields: Fields];

export function openingOf(item: Item): ItemEvent[] {
  const shown = writeItem(item, "in_progress");
  if (!isMessage(item)) return [["response.output_item.added", { output_index: item.at, item: shown }]];
  return [
    ["response.output_item.added", { output_index: item.at, item: { ...shown, content: [] } }],
    ["response.content_part.added", { ...placeOf(item), part: contentPart(item) }],
  ];
}

/** `item` as it is before `delta`. */
export function deltaOf(item: Item, delta: string): ItemEvent[] {
  const fields = { ...placeOf(item), delta };
  switch (item.kind) {
    case "text":
      return [["response.output_text.delta", { ...fields, logprobs: [] }]];
    case "refusal":
      return [["response.refusal.delta", fields]];
    case "tool_call":
      return [["response.function_call_arguments.delta", fields]];
    default: {
      const first: ItemEvent = ["response.reasoning_summary_part.added", { ...placeOf(item), part: summaryPart("") }];
      return [...(item.text === "" ? [first] : []), ["response.reasoning_summary_text.delta", fields]];
    }
  }
}

export function closingOf(item: Item, status: Exclude<ItemStatus, "in_progress">): ItemEvent[] {
  return [...textDone(item), ["response.output_item.done", { output_index: item.at, item: writeItem(item, status) }]];
}

function textDone(item: Item): ItemEvent[] {
  const place = placeOf(item);
  const { text } = item;
  switch (item.kind) {
    case "text":
      return [["response.output_text.done", { ...place, text, logprobs: [] }], partDone(item)];
    case "refusal":
      return [["response.refusal.done", { ...place, refusal: text }], partDone(item)];
    case "tool_call":
      return [["response.function_call_arguments.done", { ...place, name: item.call?.name, arguments: text }]];
    default:
      if (text === "") return [];
      return [
        ["response.reasoning_summary_text.done", { ...place, text }],
        ["response.reasoning_summary_part.done", { ...place, part: summaryPart(text) }],
      ];
  }
}

function partDone(item: Item): ItemEvent {
  return ["response.content_part.done", { ...placeOf(item), part: contentPart(item) }];
}

function placeOf(item: Item): Fields {
  const place = { item_id: item.id, output_index: item.at };
  if (isMessage(item)) return { ...place, content_index: 0 };
  return item.kind === "thinking" ? { ...place, summary_index: 0 } : place;
}

function isMessage({ kind }: Item): boolean {
  return kind === "text" || kind === "refusal";
}

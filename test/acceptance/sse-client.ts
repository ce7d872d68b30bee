import type { ClientApi } from "../../src/dialect/speech.ts";
import type { Said } from "./sse-script.ts";

/** What a client makes of the bytes that it gets. */
export interface Understood extends Said {
  readonly finished: boolean;
  readonly failed: boolean;
  /** What no server of its API sends. */
  readonly faults: readonly string[];
}

/** @param isOurs whether every event was written here, and none is anything but right */
export function understand(api: ClientApi, bytes: Uint8Array, isOurs: boolean): Understood {
  const told: Told = {
    text: "",
    thinking: "",
    calls: new Map(),
    finished: false,
    failed: false,
    faults: [],
    open: new Set(),
    sequence: -1,
  };
  const take = CLIENTS[api];
  for (const block of eventsOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"))) {
    if (block === "[DONE]") continue;
    const event = parsed(block);
    if (event) take(told, event, isOurs);
    else if (isOurs) told.faults.push(`an event that is no JSON: ${block.slice(0, 80)}`);
  }
  if (isOurs && told.finished && told.open.size > 0) told.faults.push(`${told.open.size} blocks are left open`);
  const { text, thinking, finished, failed, faults } = told;
  return { text, thinking, calls: [...told.calls.values()], finished, failed, faults };
}

interface Told {
  text: string;
  thinking: string;
  readonly calls: Map<unknown, { name: string; arguments: string }>;
  finished: boolean;
  failed: boolean;
  readonly faults: string[];
  readonly open: Set<unknown>;
  sequence: number;
}

/** Data of the events of a stream, read as the standard says and in the simplest way. */
function eventsOf(text: string): string[] {
  const lines = text.replace(/^\uFEFF/u, "").split(/\r\n|\r|\n/u);
  const events: string[] = [];
  let data: string[] = [];
  for (const line of lines) {
    if (line === "") {
      if (data.length > 0) events.push(data.join("\n"));
      data = [];
    } else if (line.startsWith("data:")) data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
  }
  return events;
}

type Loose = { readonly [key: string]: Loose | undefined } & readonly Loose[];
type Take = (told: Told, event: Loose, isOurs: boolean) => void;

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const isText = (value: unknown): boolean => typeof value === "string";

const CLIENTS: Readonly<Record<ClientApi, Take>> = {
  "openai-chat": takeChat,
  "openai-responses": takeResponses,
  "anthropic-messages": takeMessages,
};

function takeChat(told: Told, event: Loose): void {
  if (event["error"]) told.failed = true;
  const choices = Array.isArray(event["choices"]) ? (event["choices"] as Loose) : [];
  for (const choice of choices) {
    if (!choice || Number(choice["index"] ?? 0) !== 0) continue;
    if (isText(choice["finish_reason"])) told.finished = true;
    const delta = choice["delta"];
    if (!delta) continue;
    told.text += textOf(delta["content"]) + textOf(delta["refusal"]);
    told.thinking += textOf(delta["reasoning_content"]);
    for (const call of delta["tool_calls"] ?? []) {
      const own = callOf(told, call["index"]);
      own.name += textOf(call["function"]?.["name"]);
      own.arguments += textOf(call["function"]?.["arguments"]);
    }
  }
}

function callOf(told: Told, key: unknown) {
  const own = told.calls.get(key) ?? { name: "", arguments: "" };
  told.calls.set(key, own);
  return own;
}

function takeMessages(told: Told, event: Loose, isOurs: boolean): void {
  const type = textOf(event["type"]);
  const index = event["index"];
  if (type === "error") told.failed = true;
  else if (type === "message_stop") told.finished = true;
  // Where the bytes of a server pass that ended here, the message is whole all the same.
  else if (type === "message_delta" && !isOurs) told.finished ||= isText(event["delta"]?.["stop_reason"]);
  else if (type === "content_block_start") {
    if (isOurs && told.open.size > 0) told.faults.push("a block begins while another is open");
    told.open.add(index);
    const block = event["content_block"];
    if (isText(block?.["name"])) callOf(told, index).name = textOf(block!["name"]);
  } else if (type === "content_block_stop") told.open.delete(index);
  else if (type === "content_block_delta") {
    if (isOurs && !told.open.has(index)) told.faults.push("a delta of a block that is not open");
    const delta = event["delta"];
    told.text += textOf(delta?.["text"]);
    told.thinking += textOf(delta?.["thinking"]);
    if (isText(delta?.["partial_json"])) callOf(told, index).arguments += textOf(delta!["partial_json"]);
  }
}

function takeResponses(told: Told, event: Loose, isOurs: boolean): void {
  const type = textOf(event["type"]);
  const at = event["output_index"];
  if (isOurs) {
    const sequence = Number(event["sequence_number"]);
    if (sequence !== told.sequence + 1) told.faults.push(`event ${sequence} follows ${told.sequence}`);
    told.sequence = sequence;
  }
  if (type === "error" || type === "response.failed") told.failed = true;
  else if (type === "response.completed" || type === "response.incomplete") {
    told.finished = true;
    if (isOurs) compareWhole(told, event["response"]!);
  } else if (type === "response.output_item.added") {
    told.open.add(at);
    const item = event["item"];
    if (item?.["type"] === ("function_call" as unknown)) callOf(told, at).name = textOf(item!["name"]);
  } else if (type === "response.output_item.done") told.open.delete(at);
  else if (type === "response.output_text.delta" || type === "response.refusal.delta")
    told.text += textOf(event["delta"]);
  else if (type === "response.reasoning_summary_text.delta") told.thinking += textOf(event["delta"]);
  else if (type === "response.function_call_arguments.delta") callOf(told, at).arguments += textOf(event["delta"]);
}

/** The last event repeats all that the others said. */
function compareWhole(told: Told, response: Loose): void {
  const items = response["output"] ?? [];
  const texts = items.flatMap((item) => item["content"] ?? []).map((part) => textOf(part["text"] ?? part["refusal"]));
  const calls = items.filter((item) => isText(item["arguments"])).map((item) => textOf(item["arguments"]));
  const thoughts = items.flatMap((item) => item["summary"] ?? []).map((part) => textOf(part["text"]));
  const isSame =
    texts.join("") === told.text &&
    thoughts.join("") === told.thinking &&
    calls.join() === [...told.calls.values()].map((call) => call.arguments).join();
  if (!isSame) told.faults.push("the last event says something else than those before it");
}

function parsed(json: string): Loose | undefined {
  try {
    const value = JSON.parse(json) as Loose | null;
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

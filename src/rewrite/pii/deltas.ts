import { isFields, stringOf, type Fields } from "../../dialect/shape.ts";
import type { ClientApi } from "../../dialect/speech.ts";
import type { Path } from "./walk.ts";

/** Which text of an answer a string of an event goes on with. */
export interface Channel {
  readonly name: string;
  /** Texts of a group are told one after another: where one goes on, the others are over. */
  readonly group: string;
  /** But for calls of tools, which some servers tell side by side. */
  readonly isCall?: boolean;
}

/** How the events of a streamed answer carry its texts. */
export interface Deltas {
  /** Undefined for a string that is whole. */
  channelOf(event: Fields, path: Path): Channel | undefined;
  /** True for an event behind which no text goes on. */
  isEnd(event: Fields): boolean;
}

/** Members of a delta that are no text. */
const KINDS = new Set<unknown>(["role", "id", "type", "name", "call_id", "status"]);

const chat: Deltas = {
  channelOf(event, path) {
    const isDelta = path[2] === "delta" ? path.length > 3 : path[2] === "text" && path.length === 3;
    if (path[0] !== "choices" || !isDelta || KINDS.has(path.at(-1)) || path.includes("logprobs")) return undefined;
    const steps = numbered(event, path);
    return { name: steps.join("/"), group: String(steps[1]), isCall: path.includes("tool_calls") };
  },
  isEnd({ choices, error }) {
    if (!Array.isArray(choices) || choices.length === 0 || error !== undefined) return true;
    return choices.some((choice) => isFields(choice) && (choice["finish_reason"] ?? null) !== null);
  },
};

const messages: Deltas = {
  channelOf(event, path) {
    const isDelta = event["type"] === "content_block_delta" && path[0] === "delta" && path.length === 2;
    return isDelta && path[1] !== "type" ? { name: `${String(event["index"])}/${path[1]}`, group: "" } : undefined;
  },
  isEnd: ({ type }) => type !== "content_block_delta" && type !== "ping",
};

const responses: Deltas = {
  channelOf(event, path) {
    if (path.length !== 1 || path[0] !== "delta" || !stringOf(event["type"]).endsWith(".delta")) return undefined;
    const place = ["type", "item_id", "output_index", "content_index", "summary_index"].map((name) => event[name]);
    const name = JSON.stringify(place);
    return { name, group: name };
  },
  isEnd: ({ type }) => !stringOf(type).endsWith(".delta"),
};

export const DELTAS: Readonly<Record<ClientApi, Deltas>> = {
  "openai-chat": chat,
  "anthropic-messages": messages,
  "openai-responses": responses,
};

/** The path with the numbers that elements give themselves: a chunk may hold the second call alone. */
function numbered(event: Fields, path: Path): Path {
  let value: unknown = event;
  return path.map((step) => {
    value = isFields(value) || Array.isArray(value) ? (value as Fields)[step] : undefined;
    const index = typeof step === "number" && isFields(value) ? value["index"] : undefined;
    return typeof index === "number" ? index : step;
  });
}

/** Members of an event that say where its text goes. */
const PLACE = new Set(["index", "type"]);

/** An event like this one, with `text` alone at `path`. */
export function eventLike(event: Fields, path: Path, text: string): Fields {
  const { usage: _, ...rest } = event;
  const pruned = prune(event, path, text) as Fields;
  return { ...rest, ...pruned, ...("logprobs" in event && { logprobs: [] }) };
}

function prune(value: unknown, path: Path, text: string): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return text;
  const inner = (value as Fields)[step];
  if (Array.isArray(value)) return [prune(inner, rest, text)];
  const place = Object.entries(value as Fields).filter(([name]) => PLACE.has(name));
  const isChoice = isFields(value) && "finish_reason" in value;
  return {
    ...Object.fromEntries(place),
    [step]: prune(inner, rest, text),
    ...(isChoice && { logprobs: null, finish_reason: null }),
  };
}

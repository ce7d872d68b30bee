import { createHash } from "node:crypto";
import type { Api } from "../contracts.ts";
import { firstWords } from "../text/envelopes.ts";

/** What makes an answer somebody's: who asks, and by which rules it is given. */
export interface Owner {
  readonly tenant: string;
  /** Names the policy in force: whatever of the config decides, and rewrites, in front of a model. */
  readonly policy: string;
}

/** A request as it was sent. `body` is parsed JSON; an API that names the model in its path has it in `model`. */
export interface Asked {
  readonly api: Api;
  readonly body: unknown;
  readonly model?: string;
}

/** A request whose newest human turn may be said in other words. */
export interface Partition {
  /** 32 bytes: equal where everything but that turn is. */
  readonly key: Uint8Array;
  /** The turn's text as it was written. */
  readonly turn: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** Top-level members that never shape an answer, by API, and why. Whatever is not named here does. */
export const NOT_SHAPING: Readonly<Record<Api, Readonly<Record<string, string>>>> = {
  "openai-chat": {
    stream: "how the answer travels",
    stream_options: "how the answer travels",
    user: "who asks on the client's side, for its own records; who may read an answer is the tenant's part of the key",
    safety_identifier: "as user",
    metadata: "labels for the server's records",
    store: "whether the server's records keep it",
    prompt_cache_key: "where the server looks for a prefix that it has read",
    prompt_cache_retention: "how long the server keeps that prefix",
    service_tier: "how soon it is answered, and at what price",
  },
  "openai-responses": {
    stream: "how the answer travels",
    stream_options: "how the answer travels",
    user: "who asks on the client's side, for its own records",
    safety_identifier: "as user",
    metadata: "labels for the server's records",
    prompt_cache_key: "where the server looks for a prefix that it has read",
    prompt_cache_retention: "how long the server keeps that prefix",
    service_tier: "how soon it is answered, and at what price",
    // `store` does shape here: an answer that is kept can be gone on from by its id.
  },
  "anthropic-messages": {
    stream: "how the answer travels",
    metadata: "who asks on the client's side, for the server's records",
    service_tier: "how soon it is answered, and at what price",
    cache_control: "which prefix the server keeps",
  },
  gemini: { labels: "labels for the bill" },
  messages: {},
};

/** Members that point at a state of the server's which others may change meanwhile: the same body asks for something else. */
const LIVING: Readonly<Record<Api, readonly string[]>> = {
  "openai-chat": ["web_search_options", "search_parameters", "plugins"],
  // A prompt that is kept by the server has versions.
  "openai-responses": ["conversation", "background", "prompt"],
  "anthropic-messages": ["container", "mcp_servers"],
  gemini: [],
  messages: [],
};

/** Tools that a client answers; any other kind is the server's own, and looks at what changes. */
const OWN_TOOLS = new Set(["function", "custom", "namespace"]);
/** Members that say where something is to be fetched. */
const ADDRESSES = new Set(["url", "image_url", "file_url"]);

/**
 * Values that say what the API does anyway, whichever server speaks it. Sampling is not among them: servers have
 * defaults of their own for temperature and the like.
 */
const DEFAULTS: Readonly<Record<Api, Fields>> = {
  "openai-chat": { n: 1, logprobs: false, frequency_penalty: 0, presence_penalty: 0 },
  "openai-responses": {},
  "anthropic-messages": {},
  gemini: {},
  messages: {},
};

/**
 * The key of an exact look-up, 32 bytes: equal for requests that differ only in what never shapes an answer, in the order
 * of members, in white space between them, or in a member that is null or the API's default at the top. Undefined where
 * it cannot be told surely: a body that is no object, is nested beyond 200 levels, has an integer beyond 2^53 (which
 * reads like its neighbours), or points at a state that may change.
 */
export function exactKey(owner: Owner, asked: Asked): Uint8Array | undefined {
  const shaping = shapingOf(asked);
  const text = shaping && canonical(shaping);
  return text === undefined ? undefined : hash("exact", owner, asked, text);
}

/**
 * The part of the cache in which a request may look for others that mean the same. Undefined where `exactKey` is, and
 * where the newest turn is not a human's words alone: images, documents, results of tools, what an agent's harness adds.
 */
export function partitionOf(owner: Owner & { readonly route: string }, asked: Asked): Partition | undefined {
  const shaping = shapingOf(asked);
  const cut = shaping && withoutTurn(asked.api, shaping);
  if (cut === undefined || firstWords([cut.turn]) !== cut.turn.trim() || cut.turn.trim() === "") return undefined;
  const text = canonical(cut.rest);
  if (text === undefined) return undefined;
  return { key: hash("semantic", owner, asked, `${JSON.stringify(owner.route)}\n${text}`), turn: cut.turn };
}

/** Each part is written with its length, so that none can reach into the next. */
function hash(what: string, { tenant, policy }: Owner, { api, model }: Asked, text: string): Uint8Array {
  const digest = createHash("sha256");
  for (const part of ["signalbox-cache-1", what, tenant, policy, api, model ?? "", text]) {
    const bytes = Buffer.from(JSON.stringify(part));
    digest.update(`${bytes.length}:`).update(bytes);
  }
  return digest.digest();
}

function shapingOf({ api, body }: Asked): Fields | undefined {
  if (!isFields(body) || LIVING[api].some((name) => isStated(body[name])) || searches(body)) return undefined;
  const shaping: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of Object.entries(body)) {
    const isDefault = Object.hasOwn(DEFAULTS[api], name) && DEFAULTS[api][name] === value;
    if (value !== null && !isDefault && !Object.hasOwn(NOT_SHAPING[api], name)) shaping[name] = value;
  }
  return api === "anthropic-messages" ? withoutMarks(shaping) : shaping;
}

/** Anthropic's own tools have a kind with a date; a client's have none, or `custom`. */
const searches = ({ tools }: Fields): boolean =>
  Array.isArray(tools) &&
  tools.some((tool) => isFields(tool) && isStated(tool["type"]) && !OWN_TOOLS.has(String(tool["type"])));

const isStated = (value: unknown): boolean => value !== undefined && value !== null && value !== false;
const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Anthropic's marks of what to keep stand on blocks and tools too; a member of that name anywhere else is a text. */
function withoutMarks(body: Fields): Fields {
  const unmarked = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(unmarked);
    if (!isFields(value)) return value;
    const { cache_control: _, ...rest } = value;
    return Array.isArray(rest["content"]) ? { ...rest, content: rest["content"].map(unmarked) } : rest;
  };
  const { messages, system, tools } = body;
  return {
    ...body,
    ...(Array.isArray(messages) && { messages: messages.map(unmarked) }),
    ...(Array.isArray(system) && { system: system.map(unmarked) }),
    ...(Array.isArray(tools) && { tools: tools.map(unmarked) }),
  };
}

interface Cut {
  readonly turn: string;
  /** The body with nothing where the turn stood. */
  readonly rest: Fields;
}

/** Where an API keeps the conversation, and what a block of plain text is in it. */
const SHAPES: Readonly<
  Record<Api, { readonly list: string; readonly content: string; readonly block: string | undefined }>
> = {
  "openai-chat": { list: "messages", content: "content", block: "text" },
  "openai-responses": { list: "input", content: "content", block: "input_text" },
  "anthropic-messages": { list: "messages", content: "content", block: "text" },
  gemini: { list: "contents", content: "parts", block: undefined },
  messages: { list: "messages", content: "content", block: "text" },
};

function withoutTurn(api: Api, body: Fields): Cut | undefined {
  const { list, content, block } = SHAPES[api];
  const messages = body[list];
  if (api === "openai-responses" && typeof messages === "string")
    return { turn: messages, rest: { ...body, [list]: "" } };
  if (!Array.isArray(messages)) return undefined;
  const last: unknown = messages.at(-1);
  if (!isFields(last) || !isHuman(api, last)) return undefined;
  const cut = textOf(last[content], block);
  if (cut === undefined) return undefined;
  return { turn: cut.text, rest: { ...body, [list]: [...messages.slice(0, -1), { ...last, [content]: cut.rest }] } };
}

/** Gemini may leave the role out; an item of Responses may say that it is a message. */
function isHuman(api: Api, { role, type }: Fields): boolean {
  if (role === undefined) return api === "gemini";
  return role === "user" && (type === undefined || type === "message");
}

function textOf(content: unknown, block: string | undefined): { text: string; rest: unknown } | undefined {
  if (typeof content === "string") return { text: content, rest: "" };
  if (!Array.isArray(content) || content.length !== 1) return undefined;
  const [only] = content as readonly unknown[];
  if (!isFields(only) || only["type"] !== block || typeof only["text"] !== "string") return undefined;
  return { text: only["text"], rest: [{ ...only, text: "" }] };
}

const DEEPEST = 200;

/** JSON with the members of every object in one order; undefined where two values could not be told apart. */
function canonical(value: unknown, depth = 0): string | undefined {
  if (depth > DEEPEST) return undefined;
  if (typeof value === "number") return Math.abs(value) > Number.MAX_SAFE_INTEGER ? undefined : JSON.stringify(value);
  if (Array.isArray(value)) {
    const parts = value.map((element) => canonical(element, depth + 1));
    return parts.includes(undefined) ? undefined : `[${parts.join(",")}]`;
  }
  if (!isFields(value)) return JSON.stringify(value ?? null);
  const parts: string[] = [];
  for (const name of Object.keys(value).toSorted()) {
    const member = value[name];
    // What lies there today may be another picture tomorrow.
    if (ADDRESSES.has(name) && typeof member === "string" && /^https?:/iu.test(member)) return undefined;
    const part = canonical(member, depth + 1);
    if (part === undefined) return undefined;
    parts.push(`${JSON.stringify(name)}:${part}`);
  }
  return `{${parts.join(",")}}`;
}

import { createHash, randomUUID } from "node:crypto";
import type { BlockStart, Finish, Tokens } from "../form.ts";
import type { Fields } from "../shape.ts";
import { seal } from "./seal.ts";

/** One item of an answer's output. Each block is an item of its own, so a message has one part. */
export interface Item {
  readonly kind: BlockStart["kind"];
  /** Its place in the output, from 0. */
  readonly at: number;
  readonly id: string;
  readonly text: string;
  /** Of a thinking block: what its server wants back. */
  readonly sealed?: string;
  /** Of a call. */
  readonly call?: { readonly id: string; readonly name: string };
}

export type ItemStatus = "in_progress" | "completed" | "incomplete";

const PREFIXES = { text: "msg", refusal: "msg", thinking: "rs", tool_call: "fc" } as const;

/** The items that a block begins as; the last one is the block itself. What a call's server wants back stands before it. */
export function itemsOf(block: BlockStart, stem: string, at: number): [...Item[], Item] {
  const item = (kind: Item["kind"], place: number) => ({
    kind,
    at: place,
    id: `${PREFIXES[kind]}_${stem}_${place}`,
    text: "",
  });
  if (block.kind !== "tool_call") return [item(block.kind, at)];
  const call = { id: block.id, name: block.name };
  if (block.signature === undefined) return [{ ...item("tool_call", at), call }];
  const before = { ...item("thinking", at), sealed: seal({ kind: "call", value: block.signature }) };
  return [before, { ...item("tool_call", at + 1), call }];
}

/** The item as this API spells it. Reasoning has no status: servers that get it back as input do not take one. */
export function writeItem(item: Item, status: ItemStatus): Fields {
  const { id, text, call, sealed } = item;
  if (item.kind === "thinking") {
    return {
      id,
      type: "reasoning",
      summary: text === "" ? [] : [summaryPart(text)],
      ...(sealed !== undefined && { encrypted_content: sealed }),
    };
  }
  if (call) return { id, type: "function_call", status, arguments: text, call_id: call.id, name: call.name };
  return { id, type: "message", status, role: "assistant", content: [contentPart(item)] };
}

export function contentPart({ kind, text }: Item): Fields {
  return kind === "refusal"
    ? { type: "refusal", refusal: text }
    : { type: "output_text", text, annotations: [], logprobs: [] };
}

export function summaryPart(text: string): Fields {
  return { type: "summary_text", text };
}

/** What is known of an answer from its beginning on. */
export interface Head {
  /** What all ids of the answer share. */
  readonly stem: string;
  readonly model: string;
  /** Unix seconds. */
  readonly created: number;
}

const PLAIN_ID = /^[\w-]{1,48}$/;

/** An upstream's id as the stem of ours: as it is where it is a plain word, else its hash; a new one where it gave none. */
export function stemOf(id: string): string {
  if (id === "") return randomUUID();
  if (PLAIN_ID.test(id)) return id.replace(/^resp_(?=.)/, "");
  return createHash("sha256").update(id).digest("hex").slice(0, 32);
}

export interface State {
  readonly status: "in_progress" | "completed" | "incomplete" | "failed";
  readonly reason?: "max_output_tokens" | "content_filter";
  readonly error?: Fields;
}

/** How an answer that ended so stands. */
export function stateOf(finish: Finish): State {
  if (finish === "length") return { status: "incomplete", reason: "max_output_tokens" };
  if (finish === "content_filter") return { status: "incomplete", reason: "content_filter" };
  return { status: "completed" };
}

/** The whole object. Fields in which a server repeats the request have the values of one that sets nothing. */
export function writeResponse(head: Head, state: State, output: readonly Fields[], tokens: Tokens | undefined): Fields {
  return {
    id: `resp_${head.stem}`,
    object: "response",
    created_at: head.created,
    status: state.status,
    background: false,
    error: state.error ?? null,
    incomplete_details: state.reason ? { reason: state.reason } : null,
    instructions: null,
    max_output_tokens: null,
    max_tool_calls: null,
    metadata: {},
    model: head.model,
    output,
    parallel_tool_calls: true,
    previous_response_id: null,
    prompt_cache_key: null,
    reasoning: { effort: null, summary: null },
    safety_identifier: null,
    service_tier: "default",
    store: false,
    temperature: null,
    text: { format: { type: "text" } },
    tool_choice: "auto",
    tools: [],
    top_logprobs: 0,
    top_p: null,
    truncation: "disabled",
    usage: tokens ? writeUsage(tokens) : null,
    user: null,
  };
}

function writeUsage(tokens: Tokens): Fields {
  return {
    input_tokens: tokens.input,
    input_tokens_details: { cached_tokens: tokens.cachedInput, cache_write_tokens: tokens.cacheWrite },
    output_tokens: tokens.output,
    output_tokens_details: { reasoning_tokens: tokens.reasoning },
    total_tokens: tokens.input + tokens.output,
  };
}

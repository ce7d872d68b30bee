import { randomUUID } from "node:crypto";
import type { StreamWriter, WriteOptions } from "../codec.ts";
import type { BlockStart, Finish, Reply, Step, Tokens } from "../form.ts";
import { unsupported, type Fields } from "../shape.ts";
import { sseEvent } from "../sse.ts";
import { errorEvent } from "./answer.ts";

const FINISHES: Readonly<Record<Finish, string>> = {
  stop: "stop",
  stop_sequence: "stop",
  length: "length",
  tool_calls: "tool_calls",
  content_filter: "content_filter",
};

const BETWEEN_THOUGHTS = "\n\n";

/**
 * A whole answer. Signatures of thoughts and thoughts that nobody can read have no field and are left out.
 * Errors: unsupported_feature for an answer that holds more than text.
 */
export function writeChatReply(
  { id, blocks, finish, tokens }: Reply,
  { model, created }: Omit<WriteOptions, "usage">,
): Fields {
  if (blocks.some(({ kind }) => kind === "media")) unsupported("media", "an answer in chat holds text only");
  const textOf = (kind: "text" | "refusal") => blocks.map((block) => (block.kind === kind ? block.text : "")).join("");
  const thoughts = blocks.filter((block) => block.kind === "thinking").filter(({ text }) => text !== "");
  const calls = blocks.filter((block) => block.kind === "tool_call");
  const content = textOf("text");
  const refusal = textOf("refusal");
  const message = {
    role: "assistant",
    content: content === "" && (refusal !== "" || calls.length > 0) ? null : content,
    refusal: refusal === "" ? null : refusal,
    ...(thoughts.length === 0 ? {} : { reasoning_content: thoughts.map(({ text }) => text).join(BETWEEN_THOUGHTS) }),
    ...(calls.length === 0
      ? {}
      : { tool_calls: calls.map((call) => ({ ...headOf(call), function: functionOf(call.name, call.arguments) })) }),
  };
  return {
    id: id || newId(),
    object: "chat.completion",
    created,
    model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: FINISHES[finish] }],
    ...(tokens ? { usage: usageOf(tokens) } : {}),
  };
}

function newId(): string {
  return `chatcmpl-${randomUUID()}`;
}

/** `signature` where Google's own chat completions keep it, so that a client that knows them sends it back. */
function headOf({ id, signature }: { id: string; signature?: string }): Fields {
  const extra = signature === undefined ? {} : { extra_content: { google: { thought_signature: signature } } };
  return { id, type: "function", ...extra };
}

/** A client parses the arguments: where there are none it finds an empty object. */
function functionOf(name: string, input: string): Fields {
  return { name, arguments: input || NO_ARGUMENTS };
}

const NO_ARGUMENTS = "{}";

function usageOf({ input, output, cachedInput, cacheWrite, reasoning }: Tokens): Fields {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cachedInput, cache_write_tokens: cacheWrite },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}

interface OpenBlock {
  readonly kind: BlockStart["kind"];
  /** Among the calls. */
  readonly call: number;
  hasSpoken: boolean;
}

const NOTHING = new Uint8Array(0);

/**
 * Chunks as OpenAI sends them: role, what is said, finish, usage where it was asked for, `[DONE]`.
 * @param begun the id of a stream that goes on, with a text as its block 0
 */
export function writeChatStream({ model, usage, created }: WriteOptions, begun?: string): StreamWriter {
  const open = new Map<number, OpenBlock>();
  let id = begun;
  let calls = 0;
  let lastThought: number | undefined;
  let tokens: Tokens | undefined;
  if (begun !== undefined) open.set(0, { kind: "text", call: calls, hasSpoken: true });

  function chunk(choices: readonly Fields[], counted: Fields | null = null): Uint8Array {
    const head = { id, object: "chat.completion.chunk", created, model, choices };
    return sseEvent(JSON.stringify(usage ? { ...head, usage: counted } : head));
  }

  function delta(delta: Fields, finish: string | null = null): Uint8Array {
    return chunk([{ index: 0, delta, logprobs: null, finish_reason: finish }]);
  }

  function begin(own: string): Uint8Array {
    if (id !== undefined) return NOTHING;
    id = own || newId();
    return delta({ role: "assistant", content: "", refusal: null });
  }

  function input(call: number, text: string): Uint8Array {
    return delta({ tool_calls: [{ index: call, function: { arguments: text } }] });
  }

  function openBlock(index: number, block: BlockStart): Uint8Array {
    const call = calls;
    open.set(index, { kind: block.kind, call, hasSpoken: false });
    if (block.kind !== "tool_call") return NOTHING;
    calls += 1;
    return delta({ tool_calls: [{ index: call, ...headOf(block), function: { name: block.name, arguments: "" } }] });
  }

  function speak(index: number, text: string): Uint8Array {
    const block = open.get(index);
    if (!block) return NOTHING;
    block.hasSpoken = true;
    if (block.kind === "tool_call") return input(block.call, text);
    if (block.kind !== "thinking") return delta({ [block.kind === "text" ? "content" : "refusal"]: text });
    const isNext = lastThought !== undefined && lastThought !== index;
    lastThought = index;
    return delta({ reasoning_content: isNext ? BETWEEN_THOUGHTS + text : text });
  }

  function endBlock(index: number): Uint8Array {
    const block = open.get(index);
    open.delete(index);
    return block?.kind === "tool_call" && !block.hasSpoken ? input(block.call, NO_ARGUMENTS) : NOTHING;
  }

  function write(step: Step): Uint8Array {
    if (step.kind === "block") return openBlock(step.index, step.block);
    if (step.kind === "delta") return speak(step.index, step.text);
    if (step.kind === "block_end") return endBlock(step.index);
    if (step.kind === "finish") return delta({}, FINISHES[step.finish]);
    if (step.kind === "tokens") tokens = step.tokens;
    return NOTHING;
  }

  return {
    push(step) {
      if (step.kind === "error") return NOTHING;
      const head = begin(step.kind === "start" ? step.id : "");
      const rest = write(step);
      if (head.length === 0) return rest;
      return rest.length === 0 ? head : Buffer.concat([head, rest]);
    },
    end() {
      const last = usage && tokens ? chunk([], usageOf(tokens)) : NOTHING;
      return Buffer.concat([last, sseEvent("[DONE]")]);
    },
    error: errorEvent,
  };
}

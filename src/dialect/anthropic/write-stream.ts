import type { RouterError } from "../../errors.ts";
import type { StreamWriter, WriteOptions } from "../codec.ts";
import type { BlockStart, Finish, Step, Tokens } from "../form.ts";
import type { Fields } from "../shape.ts";
import { sseEvent } from "../sse.ts";
import { watchObject, type ObjectWatch } from "./arguments.ts";
import { writeCallSeal } from "./call-seal.ts";
import { anthropic } from "./prompt.ts";
import { writeStopReason } from "./stop-reason.ts";
import { writeUsage } from "./usage.ts";
import { callOf, messageOf } from "./write-reply.ts";

type Part = Extract<Step, { kind: "delta" | "signature" | "redacted" }>;

/** A block that began and has not been closed in what is written. */
interface Pending {
  readonly block: BlockStart;
  /** What came while another block was open. */
  readonly held: Part[];
  readonly watch: ObjectWatch;
  /** Its number among the blocks that are written; undefined until there is something to write of it. */
  written: number | undefined;
  ended: boolean;
}

/**
 * Steps as events of a streamed message. The API has one block open at a time, so that of several open ones the first
 * is written as it comes, and the others when it is over: at its end, or as soon as a call has whole arguments.
 * @param begun the number of the text block in which a stream goes on; it is block 0 of the steps
 */
export function writeMessagesStream({ model }: Pick<WriteOptions, "model">, begun?: number): StreamWriter {
  /** By number, in the order in which they began; the first is being written. */
  const pending = new Map<number, Pending>();
  let out: Uint8Array[] = [];
  let blocks = begun === undefined ? 0 : begun + 1;
  let calls = false;
  let finish: { readonly finish: Finish; readonly stopSequence?: string } = { finish: "stop" };
  let tokens: Tokens | undefined;
  if (begun !== undefined) pending.set(0, pendingOf({ kind: "text" }, begun));

  function send(type: string, fields: Fields): void {
    out.push(sseEvent(JSON.stringify({ type, ...fields }), type));
  }

  function open(each: Pending, content: Fields): number {
    each.written ??= blocks++;
    send("content_block_start", { index: each.written, content_block: content });
    return each.written;
  }

  function openCall(each: Pending, call: Extract<BlockStart, { kind: "tool_call" }>): void {
    if (call.signature !== undefined) {
      open(each, writeCallSeal(call.signature));
      close(each);
    }
    open(each, contentOf(call));
  }

  function close(each: Pending): void {
    if (each.written !== undefined) send("content_block_stop", { index: each.written });
    each.written = undefined;
  }

  function write(each: Pending, part: Part): void {
    // Only thoughts have these here.
    if (part.kind !== "delta" && each.block.kind !== "thinking") return;
    if (part.kind === "redacted") {
      close(each);
      open(each, { type: "redacted_thinking", data: part.data });
      return close(each);
    }
    const index = each.written ?? open(each, contentOf(each.block));
    send("content_block_delta", { index, delta: deltaOf(each.block, part) });
    if (part.kind === "delta") each.watch.push(part.text);
  }

  /** Begins what comes first now: a call is told at once, anything else when it says something. */
  function advance(): void {
    for (const [number, each] of pending) {
      if (each.written === undefined && each.block.kind === "tool_call") openCall(each, each.block);
      for (const part of each.held.splice(0)) write(each, part);
      const isOver = each.ended || (each.block.kind === "tool_call" && each.watch.whole && pending.size > 1);
      if (!isOver) return;
      close(each);
      pending.delete(number);
    }
  }

  function take(step: Step): void {
    switch (step.kind) {
      case "start":
        return send("message_start", { message: messageOf(step.id, model) });
      case "block":
        calls ||= step.block.kind === "tool_call";
        pending.set(step.index, pendingOf(step.block));
        return advance();
      case "delta":
      case "signature":
      case "redacted":
        pending.get(step.index)?.held.push(step);
        return advance();
      case "block_end": {
        const each = pending.get(step.index);
        if (each) each.ended = true;
        return advance();
      }
      case "tokens":
        tokens = step.tokens;
        return undefined;
      case "finish":
        finish = step;
        return undefined;
      case "error":
        return undefined;
    }
  }

  function flush(): Uint8Array {
    const bytes = Buffer.concat(out);
    out = [];
    return bytes;
  }

  return {
    push(step) {
      take(step);
      return flush();
    },
    end() {
      for (const each of pending.values()) each.ended = true;
      advance();
      const delta = {
        stop_reason: writeStopReason(finish.finish, calls),
        stop_sequence: finish.stopSequence ?? null,
        stop_details: null,
        container: null,
      };
      send("message_delta", { delta, usage: writeUsage(tokens) });
      send("message_stop", {});
      return flush();
    },
    error: messagesErrorEvent,
  };
}

function pendingOf(block: BlockStart, written?: number): Pending {
  return { block, held: [], watch: watchObject(), written, ended: false };
}

/** An error that ends a stream which has begun. */
export function messagesErrorEvent(error: RouterError): Uint8Array {
  return sseEvent(anthropic.errorBody(error), "error");
}

function contentOf(block: BlockStart): Fields {
  if (block.kind === "tool_call") return callOf(block.id, block.name, {});
  if (block.kind === "thinking") return { type: "thinking", thinking: "", signature: "" };
  return { type: "text", text: "", citations: null };
}

function deltaOf(block: BlockStart, part: Exclude<Part, { kind: "redacted" }>): Fields {
  if (part.kind === "signature") return { type: "signature_delta", signature: part.signature };
  if (block.kind === "tool_call") return { type: "input_json_delta", partial_json: part.text };
  if (block.kind === "thinking") return { type: "thinking_delta", thinking: part.text };
  return { type: "text_delta", text: part.text };
}

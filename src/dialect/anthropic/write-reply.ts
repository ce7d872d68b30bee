import { RouterError } from "../../errors.ts";
import type { Block, Finish, Reply } from "../form.ts";
import { unsupported, type Fields } from "../shape.ts";
import { parseArguments } from "./arguments.ts";
import { writeCallSeal } from "./call-seal.ts";
import { hasCalls, writeStopReason } from "./stop-reason.ts";
import { writeMessageUsage } from "./usage.ts";

/**
 * A whole answer as a message. Errors: upstream_failed where the model called a tool with arguments that are no
 * object; unsupported_feature where it answered with media.
 */
export function writeMessage(reply: Reply, model: string): Fields {
  const content = reply.blocks.flatMap((block) => writeBlock(block, reply.finish));
  return {
    ...messageOf(reply.id, model),
    content,
    stop_reason: writeStopReason(reply.finish, hasCalls(reply.blocks)),
    stop_sequence: reply.stopSequence ?? null,
    usage: writeMessageUsage(reply.tokens),
  };
}

/** A message in which nothing is said yet: what a stream begins with. */
export function messageOf(id: string, model: string): Fields {
  return {
    id,
    type: "message",
    role: "assistant",
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
    usage: writeMessageUsage(),
  };
}

function writeBlock(block: Block, finish: Finish): Fields[] {
  switch (block.kind) {
    case "text":
    case "refusal":
      return block.text === "" ? [] : [{ type: "text", text: block.text, citations: null }];
    case "thinking":
      return writeThought(block);
    case "tool_call":
      return writeCall(block, finish);
    case "media":
      return unsupported(block.modality, "an answer of this API holds none");
    default:
      return [];
  }
}

function writeThought(block: Extract<Block, { kind: "thinking" }>): Fields[] {
  if (block.redacted !== undefined) return [{ type: "redacted_thinking", data: block.redacted }];
  if (block.text === "" && block.signature === undefined) return [];
  return [{ type: "thinking", thinking: block.text, signature: block.signature ?? "" }];
}

function writeCall(call: Extract<Block, { kind: "tool_call" }>, finish: Finish): Fields[] {
  const input = parseArguments(call.arguments);
  const seal = call.signature === undefined ? [] : [writeCallSeal(call.signature)];
  if (input) return [...seal, callOf(call.id, call.name, input)];
  // The limit cut the call off: nobody can answer it.
  if (finish === "length") return [];
  throw new RouterError("upstream_failed", "The model called a tool with arguments that are no JSON object.");
}

export function callOf(id: string, name: string, input: Fields): Fields {
  return { type: "tool_use", id, name, input, caller: { type: "direct" } };
}

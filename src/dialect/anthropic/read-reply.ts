import { RouterError } from "../../errors.ts";
import type { Block, Reply } from "../form.ts";
import { isFields, stringOf, type Fields } from "../shape.ts";
import { spellArguments } from "./arguments.ts";
import { readStopReason } from "./stop-reason.ts";
import { readUsage } from "./usage.ts";

/** A whole message. Errors: upstream_failed for anything else. */
export function readMessage(body: Fields): Reply {
  if (!Array.isArray(body["content"]) || (body["type"] ?? "message") !== "message") {
    throw new RouterError("upstream_failed", "The upstream answered 200 with something that is no message.");
  }
  const tokens = readUsage(body["usage"]);
  const stopSequence = body["stop_sequence"];
  return {
    id: stringOf(body["id"]),
    model: stringOf(body["model"]),
    blocks: body["content"].flatMap((block: unknown) => (isFields(block) ? readBlock(block) : [])),
    finish: readStopReason(body["stop_reason"]),
    ...(typeof stopSequence === "string" && { stopSequence }),
    ...(tokens && { tokens }),
  };
}

/** Blocks of tools that the API runs itself are left out: nobody asked for these. */
function readBlock(block: Fields): Block[] {
  switch (block["type"]) {
    case "text":
      return [{ kind: "text", text: stringOf(block["text"]) }];
    case "thinking": {
      const signature = stringOf(block["signature"]);
      return [{ kind: "thinking", text: stringOf(block["thinking"]), ...(signature !== "" && { signature }) }];
    }
    case "redacted_thinking":
      return [{ kind: "thinking", text: "", redacted: stringOf(block["data"]) }];
    case "tool_use": {
      const spelled = spellArguments(block["input"] ?? {});
      if (spelled === undefined) {
        throw new RouterError("upstream_failed", "The upstream called a tool with arguments that are no object.");
      }
      return [{ kind: "tool_call", id: stringOf(block["id"]), name: stringOf(block["name"]), arguments: spelled }];
    }
    default:
      return [];
  }
}

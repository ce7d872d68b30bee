import { RouterError } from "../../errors.ts";
import type { WriteOptions } from "../codec.ts";
import type { Block, Reply } from "../form.ts";
import type { Fields } from "../shape.ts";
import { itemsOf, stateOf, stemOf, writeItem, writeResponse, type Item } from "./response.ts";
import { seal } from "./seal.ts";

/**
 * A whole answer as a `response` object. Errors: upstream_failed for an answer with pictures
 * or sound, which a message of this API cannot hold.
 */
export function writeResponsesReply(reply: Reply, { model, created }: WriteOptions): Fields {
  const head = { stem: stemOf(reply.id), model, created };
  const items: Item[] = [];
  for (const block of reply.blocks) items.push(...writeBlock(block, head.stem, items.length));
  const state = stateOf(reply.finish);
  const last = items.length - 1;
  const output = items.map((item) =>
    writeItem(item, state.status === "incomplete" && item.at === last ? "incomplete" : "completed"),
  );
  return writeResponse(head, state, output, reply.tokens);
}

function writeBlock(block: Block, stem: string, at: number): Item[] {
  if (block.kind === "media" || block.kind === "tool_result") {
    throw new RouterError("upstream_failed", "The upstream answered with something that the client's API cannot hold.");
  }
  const items = itemsOf(block, stem, at);
  const item = items.pop()!;
  return [...items, { ...item, text: textOf(block), ...sealOf(block) }];
}

/** Arguments are JSON for clients of this API, also where there are none. */
function textOf(block: Exclude<Block, { kind: "media" | "tool_result" }>): string {
  return block.kind === "tool_call" ? block.arguments || "{}" : block.text;
}

function sealOf(block: Block): { sealed?: string } {
  if (block.kind !== "thinking") return {};
  if (block.redacted !== undefined) return { sealed: seal({ kind: "redacted", value: block.redacted }) };
  return block.signature === undefined ? {} : { sealed: seal({ kind: "signature", value: block.signature }) };
}

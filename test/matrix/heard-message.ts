import assert from "node:assert/strict";
import type { Fields } from "../fakes/apis/rules.ts";
import type { SentEvent } from "./events.ts";

const FIELDS = {
  text_delta: "text",
  thinking_delta: "thinking",
  signature_delta: "signature",
  input_json_delta: "partial_json",
} as const;

/** Events of Anthropic's messages: a start, one block after the other, the end of the message. */
export function messageOf(events: readonly SentEvent[]): Fields {
  const told = events.map(({ name, data }) => {
    const event = JSON.parse(data) as Fields;
    assert.equal(event.type, name, "an event is named as its data is");
    return event;
  });
  const [start, ...rest] = told.filter(({ type }) => type !== "ping");
  assert.ok(start?.type === "message_start");
  const last = rest.pop();
  const delta = rest.pop();
  assert.deepEqual([delta?.type, last?.type], ["message_delta", "message_stop"]);
  return {
    ...(start.message as Fields),
    ...(delta?.delta as Fields),
    content: blocksOf(rest),
    usage: { ...((start.message as Fields).usage as Fields), ...(delta?.usage as Fields) },
  };
}

function blocksOf(events: readonly Fields[]): Fields[] {
  const blocks: Fields[] = [];
  let open: Record<string, unknown> | undefined;
  for (const { type, index, content_block: block, delta } of events) {
    assert.equal(index, blocks.length, "blocks are numbered, and one is open at a time");
    if (type === "content_block_start") {
      assert.equal(open, undefined);
      open = { ...(block as Fields), ...((block as Fields).type === "tool_use" && { partial_json: "" }) };
    } else if (type === "content_block_delta") {
      const { type: kind, ...pieces } = delta as Fields;
      const field = FIELDS[kind as keyof typeof FIELDS];
      assert.ok(open && field in open, `${String(kind)} belongs to the block that is open`);
      open[field] = `${String(open[field])}${String(pieces[field])}`;
    } else {
      assert.equal(type, "content_block_stop");
      assert.ok(open);
      blocks.push(closed(open));
      open = undefined;
    }
  }
  assert.equal(open, undefined, "every block ends");
  return blocks;
}

function closed({ partial_json: json, ...block }: Record<string, unknown>): Fields {
  if (typeof json !== "string") return block;
  return { ...block, input: json === "" ? {} : (JSON.parse(json) as unknown) };
}

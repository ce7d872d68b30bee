import { piecesOf } from "../pieces.ts";
import { isFields, listOf, stringOf, type Fields } from "../shape.ts";
import { sseEvent } from "../sse.ts";

/** What `message_start` alone tells of the usage. */
const TOLD_ONCE = new Set(["cache_creation", "service_tier", "inference_geo", "speed"]);

/** A whole message as events, one block after the other. */
export function* replayMessage(body: Fields): Generator<Uint8Array, void, void> {
  const usage = isFields(body["usage"]) ? body["usage"] : { input_tokens: 0, output_tokens: 0 };
  const { stop_reason, stop_sequence, stop_details, container } = body;
  const begun = {
    ...usage,
    output_tokens: 0,
    ...(usage["output_tokens_details"] !== undefined && { output_tokens_details: null }),
  };
  yield eventOf("message_start", {
    message: { ...body, content: [], stop_reason: null, stop_sequence: null, usage: begun },
  });
  for (const [index, block] of listOf(body["content"]).filter(isFields).entries()) yield* replayBlock(block, index);
  const spent = Object.fromEntries(Object.entries(usage).filter(([name]) => !TOLD_ONCE.has(name)));
  // Undefined members are not written.
  const delta = { stop_reason, stop_sequence: stop_sequence ?? null, stop_details, container };
  yield eventOf("message_delta", { delta, usage: spent });
  yield eventOf("message_stop", {});
}

function* replayBlock(block: Fields, index: number): Generator<Uint8Array, void, void> {
  const { type, text, thinking, signature } = block;
  const empty = {
    ...block,
    ...(type === "text" && { text: "" }),
    ...(type === "thinking" && { thinking: "", ...(signature !== undefined && { signature: "" }) }),
  };
  const delta = (fields: Fields) => eventOf("content_block_delta", { index, delta: fields });
  yield eventOf("content_block_start", { index, content_block: empty });
  if (type === "text") for (const piece of piecesOf(stringOf(text))) yield delta({ type: "text_delta", text: piece });
  if (type === "thinking") {
    for (const piece of piecesOf(stringOf(thinking))) yield delta({ type: "thinking_delta", thinking: piece });
    if (stringOf(signature) !== "") yield delta({ type: "signature_delta", signature });
  }
  yield eventOf("content_block_stop", { index });
}

function eventOf(type: string, fields: Fields): Uint8Array {
  return sseEvent(JSON.stringify({ type, ...fields }), type);
}

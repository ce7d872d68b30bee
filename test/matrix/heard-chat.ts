import assert from "node:assert/strict";
import { type Fields, isFields } from "../fakes/apis/rules.ts";
import type { SentEvent } from "./events.ts";
import { textOf } from "./json.ts";

type Call = { id: unknown; type: unknown; function: { name: unknown; arguments: string } };

/** Chunks of chat completions: a role, what is said, one finish, usage last, `[DONE]`. */
export function chatOf(events: readonly SentEvent[]): Fields {
  assert.equal(events.at(-1)?.data, "[DONE]");
  const chunks = events.slice(0, -1).map(({ data }) => JSON.parse(data) as Fields);
  const message: Record<string, unknown> = {};
  const calls: Call[] = [];
  let finish: unknown;
  let usage: unknown;
  for (const chunk of chunks) {
    // Azure's first chunk tells of its filter and nothing else.
    if (chunk.object !== "") assert.equal(chunk.object, "chat.completion.chunk");
    assert.equal(usage, undefined, "nothing comes after the usage");
    if (isFields(chunk.usage)) usage = chunk.usage;
    for (const choice of chunk.choices as readonly Fields[]) {
      assert.equal(choice.index, 0);
      assert.equal(finish, undefined, "nothing is said after the finish");
      hear(choice.delta as Fields, message, calls);
      finish = choice.finish_reason ?? undefined;
    }
  }
  assert.equal(message.role, "assistant");
  const { id, model } = chunks.at(-1)!;
  return {
    id,
    object: "chat.completion",
    model,
    choices: [
      { index: 0, message: { ...message, ...(calls.length > 0 && { tool_calls: calls }) }, finish_reason: finish },
    ],
    ...(usage === undefined ? {} : { usage }),
  };
}

function hear(delta: Fields, message: Record<string, unknown>, calls: Call[]): void {
  if (delta.role !== undefined) message.role = delta.role;
  for (const name of ["content", "refusal", "reasoning_content"])
    if (typeof delta[name] === "string") message[name] = textOf(message[name]) + textOf(delta[name]);
  for (const piece of (delta.tool_calls ?? []) as readonly Fields[]) {
    const { index, id, type, function: part, ...rest } = piece;
    const made = part as Fields;
    if (id !== undefined) {
      assert.equal(index, calls.length, "calls are numbered in the order in which they begin");
      calls.push({ id, type, function: { name: made.name, arguments: "" }, ...rest });
    }
    calls[index as number]!.function.arguments += textOf(made.arguments);
  }
}

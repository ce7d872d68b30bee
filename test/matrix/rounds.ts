/** A tool loop as a client of each door makes it: it sends back what it got, as it got it, with the result of the call. */
import assert from "node:assert/strict";
import { asksOf, type Door } from "../fakes/apis/asks.ts";
import type { Fields } from "../fakes/apis/rules.ts";
import { fields, list } from "./json.ts";

const RESULT = "17 degrees";

/** Asks for thoughts, with a tool at hand. */
export function firstAsk(door: Door): Fields {
  const asks = asksOf(door, "");
  const bodyOf = (feature: string) => asks.find((ask) => ask.feature === feature)!.body;
  return { ...bodyOf("thinking"), tools: bodyOf("tool_result").tools, ...MORE[door] };
}

const MORE: Readonly<Record<Door, Fields>> = {
  "openai-chat": {},
  "openai-responses": { include: ["reasoning.encrypted_content"] },
  "anthropic-messages": { thinking: { type: "enabled", budget_tokens: 2048, display: "summarized" } },
};

const NEXT: Readonly<Record<Door, (ask: Fields, answer: Fields) => Fields>> = {
  "openai-chat"({ messages, ...ask }, answer) {
    const { message } = list(answer.choices)[0]!;
    const results = list(fields(message).tool_calls).map(({ id }) => ({
      role: "tool",
      tool_call_id: id,
      content: RESULT,
    }));
    return { ...ask, messages: [...list(messages), message, ...results] };
  },
  "openai-responses"({ input, ...ask }, answer) {
    const output = list(answer.output);
    const results = output
      .filter(({ type }) => type === "function_call")
      .map(({ call_id: id }) => ({ type: "function_call_output", call_id: id, output: RESULT }));
    return { ...ask, input: [{ role: "user", content: input }, ...output, ...results] };
  },
  "anthropic-messages"({ messages, ...ask }, { content }) {
    const results = list(content)
      .filter(({ type }) => type === "tool_use")
      .map(({ id }) => ({ type: "tool_result", tool_use_id: id, content: RESULT }));
    assert.ok(results.length > 0);
    return {
      ...ask,
      messages: [...list(messages), { role: "assistant", content }, { role: "user", content: results }],
    };
  },
};

export const nextAsk = (door: Door, ask: Fields, answer: Fields): Fields => NEXT[door](ask, answer);

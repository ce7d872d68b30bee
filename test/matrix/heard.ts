/** What a client hears through a door, read from a whole answer or a stream and told without the words of any API. */
import assert from "node:assert/strict";
import type { Door } from "../fakes/apis/asks.ts";
import { type Fields, isFields } from "../fakes/apis/rules.ts";
import type { Usage } from "../fakes/apis/script.ts";
import { eventsOf, type SentEvent } from "./events.ts";
import { fields, list, textOf } from "./json.ts";
import { messageOf } from "./heard-message.ts";
import { responseOf } from "./heard-response.ts";
import { chatOf } from "./heard-chat.ts";

export interface Heard {
  readonly model: string;
  readonly thoughts: string;
  readonly text: string;
  readonly refusal: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: Fields }[];
  /** In the words of the door. */
  readonly finish: string;
  readonly usage: Usage | undefined;
}

/** Puts the events of a stream together into the whole answer that they tell, and holds them to the door's rules. */
const JOINED: Readonly<Record<Door, (events: readonly SentEvent[]) => Fields>> = {
  "openai-chat": chatOf,
  "openai-responses": responseOf,
  "anthropic-messages": messageOf,
};

const READERS: Readonly<Record<Door, (whole: Fields) => Heard>> = {
  "openai-chat": readChat,
  "openai-responses": readResponse,
  "anthropic-messages": readMessage,
};

/** The whole answer, in the door's own form. */
export function wholeOf(door: Door, text: string, stream: boolean): Fields {
  return stream ? JOINED[door](eventsOf(text)) : fields(JSON.parse(text));
}

export const heardIn = (door: Door, whole: Fields): Heard => READERS[door](whole);

const count = (value: unknown) => (typeof value === "number" ? value : 0);

function readChat(whole: Fields): Heard {
  const choices = list(whole.choices);
  assert.equal(choices.length, 1);
  assert.equal(whole.object, "chat.completion");
  const message = fields(choices[0]!.message);
  const usage = fields(whole.usage);
  return {
    model: textOf(whole.model),
    thoughts: textOf(message.reasoning_content),
    text: textOf(message.content),
    refusal: textOf(message.refusal),
    calls: list(message.tool_calls).map(({ id, type, function: made }) => {
      assert.equal(type, "function");
      return {
        id: textOf(id),
        name: textOf(fields(made).name),
        input: fields(JSON.parse(textOf(fields(made).arguments))),
      };
    }),
    finish: textOf(choices[0]!.finish_reason),
    usage: isFields(whole.usage)
      ? {
          input: count(usage.prompt_tokens),
          cachedInput: count(fields(usage.prompt_tokens_details).cached_tokens),
          output: count(usage.completion_tokens),
          reasoning: count(fields(usage.completion_tokens_details).reasoning_tokens),
        }
      : undefined,
  };
}

function readResponse(whole: Fields): Heard {
  assert.equal(whole.object, "response");
  const output = list(whole.output);
  const parts = output.flatMap(({ content }) => list(content));
  const usage = fields(whole.usage);
  return {
    model: textOf(whole.model),
    thoughts: output.flatMap(({ summary }) => list(summary).map(({ text }) => textOf(text))).join("\n\n"),
    text: parts.map((part) => (part.type === "output_text" ? textOf(part.text) : "")).join(""),
    refusal: parts.map((part) => textOf(part.refusal)).join(""),
    calls: output
      .filter(({ type }) => type === "function_call")
      .map((item) => ({
        id: textOf(item.call_id),
        name: textOf(item.name),
        input: fields(JSON.parse(textOf(item.arguments))),
      })),
    finish: textOf(fields(whole.incomplete_details).reason) || textOf(whole.status),
    usage: {
      input: count(usage.input_tokens),
      cachedInput: count(fields(usage.input_tokens_details).cached_tokens),
      output: count(usage.output_tokens),
      reasoning: count(fields(usage.output_tokens_details).reasoning_tokens),
    },
  };
}

function readMessage(whole: Fields): Heard {
  assert.equal(whole.type, "message");
  assert.equal(whole.role, "assistant");
  const blocks = list(whole.content);
  const usage = fields(whole.usage);
  const all = (type: string, field: string) =>
    blocks.map((block) => (block.type === type ? textOf(block[field]) : "")).join("");
  return {
    model: textOf(whole.model),
    thoughts: all("thinking", "thinking"),
    text: all("text", "text"),
    refusal: "",
    calls: blocks
      .filter(({ type }) => type === "tool_use")
      .map(({ id, name, input }) => ({ id: textOf(id), name: textOf(name), input: fields(input) })),
    finish: textOf(whole.stop_reason),
    usage: {
      input:
        count(usage.input_tokens) + count(usage.cache_read_input_tokens) + count(usage.cache_creation_input_tokens),
      cachedInput: count(usage.cache_read_input_tokens),
      output: count(usage.output_tokens),
      reasoning: count(fields(usage.output_tokens_details).thinking_tokens),
    },
  };
}

import type { ClientApi } from "../../../src/dialect/speech.ts";
import { pick, type Random } from "./identifiers.ts";
import type { Texts } from "./conversations.ts";

/** A model that says what it read: the system text as its thoughts, the turn as its words, the input as a call. */
export function wholeEcho(api: ClientApi, { system, turn, input }: Texts): Uint8Array {
  return Buffer.from(JSON.stringify(replyOf(api, { system, turn, input })));
}

function replyOf(api: ClientApi, { system, turn, input }: Texts): unknown {
  switch (api) {
    case "openai-chat":
      return {
        id: "chatcmpl-1",
        choices: [
          {
            index: 0,
            message: {
              role: "assistant",
              content: turn,
              reasoning_content: system,
              tool_calls: [{ id: "call_2", type: "function", function: { name: "look", arguments: input } }],
            },
            finish_reason: "tool_calls",
          },
        ],
      };
    case "openai-responses":
      return {
        id: "resp_1",
        output: [
          { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: system }] },
          { type: "message", id: "msg_1", content: [{ type: "output_text", text: turn, annotations: [] }] },
          { type: "function_call", id: "fc_1", call_id: "call_2", name: "look", arguments: input },
        ],
      };
    default:
      return {
        id: "msg_1",
        type: "message",
        content: [
          { type: "thinking", thinking: system, signature: "c2ln" },
          { type: "text", text: turn },
          { type: "tool_use", id: "toolu_2", name: "look", input: JSON.parse(input) as unknown },
        ],
      };
  }
}

export function textsOfReply(api: ClientApi, bytes: Uint8Array): Texts {
  const value = JSON.parse(Buffer.from(bytes).toString());
  switch (api) {
    case "openai-chat": {
      const { content, reasoning_content: system, tool_calls: calls } = value.choices[0].message;
      return { system, turn: content, input: calls[0].function.arguments };
    }
    case "openai-responses":
      return {
        system: value.output[0].summary[0].text,
        turn: value.output[1].content[0].text,
        input: value.output[2].arguments,
      };
    default:
      return {
        system: value.content[0].thinking,
        turn: value.content[1].text,
        input: JSON.stringify(value.content[2].input),
      };
  }
}

type Event = readonly [type: string, fields: Record<string, unknown>];

/** The same as a stream, each text cut at random, or before every character. */
export function streamedEcho(api: ClientApi, texts: Texts, cut: "characters" | "pieces", random: Random): Uint8Array {
  const pieces = (text: string): string[] => (cut === "characters" ? text.split("") : piecesOf(text, random));
  const events = eventsOf(api, texts, pieces);
  const end = pick(random, ["\n", "\r\n"]);
  return Buffer.concat(
    events.map(([type, fields]) => {
      const json = JSON.stringify(api === "openai-chat" ? fields : { type, ...fields });
      // Lone halves of a character cannot stand in UTF-8, so they are escaped, as JSON.stringify does.
      return Buffer.from(`${api === "openai-chat" ? "" : `event: ${type}${end}`}data: ${json}${end}${end}`);
    }),
  );
}

function piecesOf(text: string, random: Random): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length;) {
    const end = at + 1 + Math.floor(random() * 12);
    pieces.push(text.slice(at, end));
    at = end;
  }
  return pieces;
}

function eventsOf(api: ClientApi, { system, turn, input }: Texts, pieces: (text: string) => string[]): Event[] {
  switch (api) {
    case "openai-chat": {
      const chunk = (delta: unknown, finish: string | null = null): Event => [
        "",
        { id: "c", object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: finish }] },
      ];
      return [
        chunk({ role: "assistant", content: "" }),
        ...pieces(system).map((text) => chunk({ reasoning_content: text })),
        ...pieces(turn).map((text) => chunk({ content: text })),
        chunk({
          tool_calls: [{ index: 0, id: "call_2", type: "function", function: { name: "look", arguments: "" } }],
        }),
        ...pieces(input).map((text) => chunk({ tool_calls: [{ index: 0, function: { arguments: text } }] })),
        chunk({}, "tool_calls"),
      ];
    }
    case "openai-responses": {
      let number = 0;
      const event = (type: string, fields: Record<string, unknown>): Event => [
        type,
        { sequence_number: number++, ...fields },
      ];
      const place = (item: string, at: number) => ({ item_id: item, output_index: at });
      return [
        event("response.created", { response: { id: "resp_1" } }),
        ...pieces(system).map((delta) =>
          event("response.reasoning_summary_text.delta", { ...place("rs_1", 0), summary_index: 0, delta }),
        ),
        event("response.reasoning_summary_text.done", { ...place("rs_1", 0), summary_index: 0, text: system }),
        ...pieces(turn).map((delta) =>
          event("response.output_text.delta", { ...place("msg_1", 1), content_index: 0, delta, logprobs: [] }),
        ),
        event("response.output_text.done", { ...place("msg_1", 1), content_index: 0, text: turn }),
        ...pieces(input).map((delta) =>
          event("response.function_call_arguments.delta", { ...place("fc_1", 2), delta }),
        ),
        event("response.function_call_arguments.done", { ...place("fc_1", 2), arguments: input }),
        event("response.completed", { response: replyOf(api, { system, turn, input }) }),
      ];
    }
    default: {
      const block = (index: number, begin: unknown, delta: (text: string) => unknown, text: string): Event[] => [
        ["content_block_start", { index, content_block: begin }],
        ...pieces(text).map((piece): Event => ["content_block_delta", { index, delta: delta(piece) }]),
        ["content_block_stop", { index }],
      ];
      return [
        ["message_start", { message: { id: "msg_1", content: [] } }],
        ...block(0, { type: "thinking", thinking: "" }, (thinking) => ({ type: "thinking_delta", thinking }), system),
        ["ping", {}],
        ...block(1, { type: "text", text: "" }, (text) => ({ type: "text_delta", text }), turn),
        ...block(
          2,
          { type: "tool_use", id: "toolu_2", name: "look", input: {} },
          (partial_json) => ({ type: "input_json_delta", partial_json }),
          input,
        ),
        ["message_delta", { delta: { stop_reason: "tool_use" } }],
        ["message_stop", {}],
      ];
    }
  }
}

/** What a client makes of a stream. Throws where events are out of order. */
export function textsOfStream(api: ClientApi, bytes: Uint8Array): Texts & { readonly told: Texts } {
  const found = { system: "", turn: "", input: "" };
  const told = { system: "", turn: "", input: "" };
  let number = -1;
  for (const event of Buffer.from(bytes)
    .toString()
    .split(/\r?\n\r?\n/)) {
    const data = event.split(/\r?\n/).find((line) => line.startsWith("data: "));
    if (data === undefined) continue;
    const value = JSON.parse(data.slice(6));
    if (api === "openai-chat") {
      const { delta } = value.choices[0];
      found.system += delta.reasoning_content ?? "";
      found.turn += delta.content ?? "";
      found.input += delta.tool_calls?.[0].function.arguments ?? "";
    } else if (api === "anthropic-messages") {
      found.system += value.delta?.thinking ?? "";
      found.turn += value.delta?.text ?? "";
      found.input += value.delta?.partial_json ?? "";
    } else {
      if (value.sequence_number !== number + 1) throw new Error("events are not numbered one after another");
      number = value.sequence_number;
      const name = ({ 0: "system", 1: "turn", 2: "input" } as const)[value.output_index as 0 | 1 | 2];
      if (value.delta !== undefined) found[name] += value.delta;
      if (value.type.endsWith(".done")) told[name] = value.text ?? value.arguments ?? told[name];
    }
  }
  return { ...found, told: api === "openai-responses" ? told : found };
}

import type { WireApi } from "../../src/contracts.ts";
import { piecesIn, type Piece, type Script } from "./sse-script.ts";

/** An event as its lines will say it: `data` is JSON or a word, `event` where the API names its events. */
export interface Event {
  readonly event?: string;
  readonly data: string;
}

/** Scripts as the events of each API that a model server may speak. */
export const UPSTREAMS: Readonly<Record<WireApi, (script: Script) => readonly Event[]>> = {
  "openai-chat": chatOf,
  "openai-responses": responsesOf,
  "anthropic-messages": messagesOf,
  gemini: geminiOf,
};

/** Where calls may speak in turns. */
export const INTERLEAVES: ReadonlySet<WireApi> = new Set(["openai-chat", "openai-responses", "anthropic-messages"]);

const plain = (value: object): Event => ({ data: JSON.stringify(value) });
const typed = (type: string, value: object): Event => ({ event: type, data: JSON.stringify({ type, ...value }) });

function chatOf(script: Script): Event[] {
  const { input, output } = script.usage;
  const numbers = new Map<number, number>();
  const chunk = (choices: readonly object[], more = {}) =>
    plain({ id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "up", choices, ...more });
  const delta = (value: object, finish: string | null = null) =>
    chunk([{ index: 0, delta: value, finish_reason: finish }]);
  const pieces = piecesIn(script, true).map(({ part, index, text, isFirst }) => {
    if (part.kind !== "call") return delta({ [part.kind === "text" ? "content" : "reasoning_content"]: text });
    const number = numbers.get(index) ?? numbers.size;
    numbers.set(index, number);
    const head = isFirst ? { id: part.id, type: "function" } : {};
    return delta({
      tool_calls: [{ index: number, ...head, function: { ...(isFirst && { name: part.name }), arguments: text } }],
    });
  });
  if (script.failsAfter !== undefined)
    return [...pieces, plain({ error: { message: "it broke", type: "server_error", code: null } })];
  const usage = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
  return [
    delta({ role: "assistant", content: "" }),
    ...pieces,
    delta({}, numbers.size > 0 ? "tool_calls" : "stop"),
    chunk([], { usage }),
    { data: "[DONE]" },
  ];
}

function messagesOf(script: Script): Event[] {
  const { input, output } = script.usage;
  const start = {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "up",
    content: [],
    usage: { input_tokens: input },
  };
  const kinds = { text: { type: "text", text: "" }, thinking: { type: "thinking", thinking: "", signature: "" } };
  const pieces = piecesIn(script, true).flatMap(({ part, index, text, isFirst, isLast }: Piece) => {
    const block =
      part.kind === "call" ? { type: "tool_use", id: part.id, name: part.name, input: {} } : kinds[part.kind];
    const delta =
      part.kind === "call"
        ? { type: "input_json_delta", partial_json: text }
        : part.kind === "text"
          ? { type: "text_delta", text }
          : { type: "thinking_delta", thinking: text };
    const signed = part.kind === "thinking" && isLast;
    return [
      ...(isFirst ? [typed("content_block_start", { index, content_block: block })] : []),
      typed("content_block_delta", { index, delta }),
      ...(signed
        ? [typed("content_block_delta", { index, delta: { type: "signature_delta", signature: "c2ln" } })]
        : []),
      ...(isLast ? [typed("content_block_stop", { index })] : []),
    ];
  });
  if (script.failsAfter !== undefined)
    return [
      typed("message_start", { message: start }),
      ...pieces,
      typed("error", { error: { type: "overloaded_error", message: "it broke" } }),
    ];
  const reason = script.parts.some(({ kind }) => kind === "call") ? "tool_use" : "end_turn";
  return [
    typed("message_start", { message: start }),
    typed("ping", {}),
    ...pieces,
    typed("message_delta", { delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: output } }),
    typed("message_stop", {}),
  ];
}

/** Calls come whole here, with their last piece. */
function geminiOf(script: Script): Event[] {
  const { input, output } = script.usage;
  const chunk = (parts: readonly object[], more = {}) =>
    plain({
      candidates: [{ content: { parts, role: "model" }, index: 0, ...more }],
      usageMetadata: { promptTokenCount: input, ...(parts.length === 0 && { candidatesTokenCount: output }) },
      modelVersion: "up",
      responseId: "r1",
    });
  const pieces = piecesIn(script, false).flatMap(({ part, text, isLast }) => {
    if (part.kind !== "call") return [chunk([{ text, ...(part.kind === "thinking" && { thought: true }) }])];
    const args = isLast && (JSON.parse(part.pieces.join("")) as object);
    return args ? [chunk([{ functionCall: { id: part.id, name: part.name, args } }])] : [];
  });
  const end =
    script.failsAfter === undefined
      ? chunk([], { finishReason: "STOP" })
      : plain({ error: { code: 503, message: "it broke", status: "UNAVAILABLE" } });
  return [...pieces, end];
}

function responsesOf(script: Script): Event[] {
  const response = (status: string, more = {}) => ({
    response: { id: "resp_1", object: "response", status, model: "up", output: [], ...more },
  });
  const pieces = piecesIn(script, true).flatMap(({ part, index, text, isFirst, isLast }) => {
    const place = { item_id: `item_${index}`, output_index: index };
    const [type, delta] =
      part.kind === "call"
        ? ["function_call", "response.function_call_arguments.delta"]
        : part.kind === "text"
          ? ["message", "response.output_text.delta"]
          : ["reasoning", "response.reasoning_summary_text.delta"];
    const item = { id: place.item_id, type, ...(part.kind === "call" && { call_id: part.id, name: part.name }) };
    return [
      ...(isFirst ? [typed("response.output_item.added", { output_index: index, item })] : []),
      typed(delta, { ...place, delta: text }),
      ...(isLast ? [typed("response.output_item.done", { output_index: index, item })] : []),
    ];
  });
  const usage = { input_tokens: script.usage.input, output_tokens: script.usage.output };
  const end =
    script.failsAfter === undefined
      ? typed("response.completed", response("completed", { usage }))
      : typed("response.failed", response("failed", { error: { code: "server_error", message: "it broke" } }));
  const events = [typed("response.created", response("in_progress")), ...pieces, end];
  return events.map(({ event, data }, number) => ({
    event: event!,
    data: JSON.stringify({ ...(JSON.parse(data) as object), sequence_number: number }),
  }));
}

/** OpenAI's responses, as its public reference has them. */
import { type Api, type Asked, CREATED, bodyOf, event, idOf, noise } from "./api.ts";
import { ERRORS, bearer, faultOpenai, headersOpenai, refuseOpenai } from "./openai-error.ts";
import { responsesRules } from "./openai-responses-rules.ts";
import { type Answer, type Call, type Usage, piecesOf } from "./script.ts";
import { type Fields, isFields } from "./rules.ts";

export const openaiResponses: Api = {
  takes: ({ path }) => path === "/v1/responses",
  read(received) {
    bearer(received);
    const body = bodyOf(received);
    responsesRules(body, "");
    return { model: body.model as string, stream: body.stream === true, body };
  },
  sealed: ({ input }) =>
    (Array.isArray(input) ? (input as readonly Fields[]) : [])
      .map(({ encrypted_content: sealed }) => sealed)
      .filter((sealed) => typeof sealed === "string"),
  whole: (answer, asked) => ended(answer, asked, itemsOf(answer, asked)),
  stream: (answer, asked) => eventsOf(answer, asked).map((each, index) => numbered(each, index)),
  broken(kind, asked, sent) {
    const { code, message } = ERRORS[kind];
    // The reference has two forms of a failure: an event of its own, and a response that has failed.
    const failure: Fields =
      kind === "overloaded"
        ? { type: "error", code, message, param: null }
        : {
            type: "response.failed",
            response: responseOf(asked, { status: "failed", error: { code: "server_error", message } }),
          };
    return [numbered(failure, sent)];
  },
  refuse: refuseOpenai,
  fault: faultOpenai("input"),
  headers: headersOpenai,
};

const numbered = ({ type, ...data }: Fields, index: number) =>
  event({ type, sequence_number: index, ...data }, type as string);

const valueOf = (body: Fields, key: string, otherwise: unknown) => body[key] ?? otherwise;

/** The answer's frame repeats what was asked. */
function responseOf({ body, model, number }: Asked, rest: Fields): Fields {
  const reasoning = isFields(body.reasoning) ? body.reasoning : {};
  return {
    id: idOf("resp_", number, 48),
    object: "response",
    created_at: CREATED + number,
    status: "in_progress",
    background: false,
    completed_at: null,
    error: null,
    incomplete_details: null,
    instructions: valueOf(body, "instructions", null),
    max_output_tokens: valueOf(body, "max_output_tokens", null),
    max_tool_calls: null,
    model,
    output: [],
    parallel_tool_calls: valueOf(body, "parallel_tool_calls", true),
    previous_response_id: valueOf(body, "previous_response_id", null),
    prompt_cache_key: valueOf(body, "prompt_cache_key", null),
    prompt_cache_retention: null,
    reasoning: { effort: reasoning.effort ?? null, summary: reasoning.summary ?? null },
    safety_identifier: valueOf(body, "safety_identifier", null),
    service_tier: "default",
    store: valueOf(body, "store", true),
    temperature: valueOf(body, "temperature", 1),
    text: valueOf(body, "text", { format: { type: "text" }, verbosity: "medium" }),
    tool_choice: valueOf(body, "tool_choice", "auto"),
    tools: valueOf(body, "tools", []),
    top_logprobs: 0,
    top_p: valueOf(body, "top_p", 1),
    truncation: "disabled",
    usage: null,
    user: null,
    metadata: valueOf(body, "metadata", {}),
    ...rest,
  };
}

const REASONS: Partial<Record<Answer["finish"], string>> = {
  length: "max_output_tokens",
  content_filter: "content_filter",
};

function ended({ finish, usage }: Answer, asked: Asked, output: readonly Fields[]): Fields {
  const reason = REASONS[finish];
  const outcome: Fields =
    reason === undefined
      ? { status: "completed", completed_at: CREATED + asked.number + 1 }
      : { status: "incomplete", incomplete_details: { reason } };
  return responseOf(asked, { ...outcome, output, usage: usageOf(usage) });
}

/** Thoughts are summed up where a summary was asked for, and come sealed where that was. */
function itemsOf({ thinking, text, refusal, tools = [], finish }: Answer, { body, number }: Asked): Fields[] {
  const asks = isFields(body.reasoning) ? body.reasoning : {};
  const sealed = Array.isArray(body.include) && body.include.includes("reasoning.encrypted_content");
  const shown = typeof (asks.summary ?? asks.generate_summary) === "string";
  const status = REASONS[finish] === undefined ? "completed" : "incomplete";
  const part = partOf(text, refusal);
  const items: Fields[] = [];
  if (thinking !== undefined)
    items.push({
      id: idOf("rs_", number, 48),
      type: "reasoning",
      ...(sealed ? { encrypted_content: thinking.signature } : {}),
      summary: shown ? [{ type: "summary_text", text: thinking.text }] : [],
    });
  if (part !== undefined)
    items.push({ id: idOf("msg_", number, 48), type: "message", status, content: [part], role: "assistant" });
  return [...items, ...tools.map((call, index) => callOf(call, number * 10 + index))];
}

function partOf(text?: string, refusal?: string): Fields | undefined {
  if (refusal !== undefined) return { type: "refusal", refusal };
  return text === undefined ? undefined : { type: "output_text", annotations: [], logprobs: [], text };
}

const callOf = ({ id, name, input }: Call, number: number): Fields => ({
  id: idOf("fc_", number, 48),
  type: "function_call",
  status: "completed",
  arguments: JSON.stringify(input),
  call_id: id,
  name,
});

function eventsOf(answer: Answer, asked: Asked): Fields[] {
  const items = itemsOf(answer, asked);
  const whole = ended(answer, asked, items);
  return [
    { type: "response.created", response: responseOf(asked, {}) },
    { type: "response.in_progress", response: responseOf(asked, {}) },
    ...items.flatMap((item, index) => itemEvents(item, index, asked)),
    { type: `response.${whole.status as string}`, response: whole },
  ];
}

function itemEvents(item: Fields, index: number, asked: Asked): Fields[] {
  const place = { item_id: item.id, output_index: index };
  const inner =
    item.type === "reasoning"
      ? summaryEvents(item, place)
      : item.type === "message"
        ? partEvents((item.content as readonly Fields[])[0]!, place, asked)
        : argumentEvents(item, place, asked);
  const empty: Fields =
    item.type === "message"
      ? { status: "in_progress", content: [] }
      : item.type === "reasoning"
        ? { summary: [] }
        : { status: "in_progress", arguments: "" };
  return [
    { type: "response.output_item.added", output_index: index, item: { ...item, ...empty } },
    ...inner,
    { type: "response.output_item.done", output_index: index, item },
  ];
}

function summaryEvents(item: Fields, place: Fields): Fields[] {
  return (item.summary as readonly { readonly text: string }[]).flatMap(({ text }, index) => {
    const here = { ...place, summary_index: index };
    return [
      { type: "response.reasoning_summary_part.added", ...here, part: { type: "summary_text", text: "" } },
      ...piecesOf(text).map((delta) => ({ type: "response.reasoning_summary_text.delta", ...here, delta })),
      { type: "response.reasoning_summary_text.done", ...here, text },
      { type: "response.reasoning_summary_part.done", ...here, part: { type: "summary_text", text } },
    ];
  });
}

function partEvents(part: Fields, place: Fields, asked: Asked): Fields[] {
  const here = { ...place, content_index: 0 };
  const isText = part.type === "output_text";
  const text = (isText ? part.text : part.refusal) as string;
  const kind = isText ? "output_text" : "refusal";
  const logprobs = isText ? { logprobs: [] } : {};
  return [
    { type: "response.content_part.added", ...here, part: { ...part, [isText ? "text" : "refusal"]: "" } },
    ...piecesOf(text).map((delta, index) => ({
      type: `response.${kind}.delta`,
      ...here,
      delta,
      ...logprobs,
      ...padding(asked, index),
    })),
    { type: `response.${kind}.done`, ...here, [isText ? "text" : "refusal"]: text, ...logprobs },
    { type: "response.content_part.done", ...here, part },
  ];
}

function argumentEvents(item: Fields, place: Fields, asked: Asked): Fields[] {
  const text = item.arguments as string;
  const prefix = "response.function_call_arguments";
  return [
    ...piecesOf(text).map((delta, index) => ({ type: `${prefix}.delta`, ...place, delta, ...padding(asked, index) })),
    { type: `${prefix}.done`, ...place, arguments: text, name: item.name },
  ];
}

function padding({ body, number }: Asked, index: number): Fields {
  const options = isFields(body.stream_options) ? body.stream_options : {};
  return options.include_obfuscation === false ? {} : { obfuscation: noise(number, index) };
}

const usageOf = ({ input, cachedInput, output, reasoning }: Usage): Fields => ({
  input_tokens: input,
  input_tokens_details: { cache_write_tokens: 0, cached_tokens: cachedInput },
  output_tokens: output,
  output_tokens_details: { reasoning_tokens: reasoning },
  total_tokens: input + output,
});

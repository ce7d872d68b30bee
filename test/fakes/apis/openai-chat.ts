/** OpenAI's chat completions, as its public reference has them. */
import { type Api, type Asked, CREATED, bodyOf, event, idOf, noise } from "./api.ts";
import { chatRules } from "./openai-chat-rules.ts";
import { ERRORS, bearer, faultOpenai, headersOpenai, refuseOpenai } from "./openai-error.ts";
import { type Answer, type Call, type Usage, piecesOf } from "./script.ts";
import { type Fields, isFields } from "./rules.ts";

const rules = chatRules();

export const openaiChat: Api = {
  takes: ({ path }) => path === "/v1/chat/completions",
  read(received) {
    bearer(received);
    const body = bodyOf(received);
    rules(body, "");
    return { model: body.model as string, stream: body.stream === true, body };
  },
  sealed: () => [],
  whole: wholeChat,
  stream: (answer, asked) => [...chunksOf(answer, asked).map((chunk) => event(chunk)), "data: [DONE]\n\n"],
  broken: (kind) => {
    const { type, code, message } = ERRORS[kind];
    return [event({ error: { message, type, param: null, code } })];
  },
  refuse: refuseOpenai,
  fault: faultOpenai("messages"),
  headers: headersOpenai,
};

/** Thoughts are counted and never shown: the API has no field for them. */
export function wholeChat({ text, refusal, tools, finish, usage }: Answer, { model, number }: Asked): Fields {
  const message = {
    role: "assistant",
    content: text ?? null,
    ...(tools === undefined ? {} : { tool_calls: tools.map(callOf) }),
    refusal: refusal ?? null,
    annotations: [],
  };
  return {
    id: idOf("chatcmpl-", number, 29),
    object: "chat.completion",
    created: CREATED + number,
    model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finish }],
    usage: usageOf(usage),
    service_tier: "default",
    system_fingerprint: "fp_8d2e41c07a",
  };
}

export function chunksOf({ text, refusal, tools = [], finish, usage }: Answer, asked: Asked): Fields[] {
  const options = isFields(asked.body.stream_options) ? asked.body.stream_options : {};
  const counts = options.include_usage === true;
  const chunk = (choices: readonly Fields[], index: number, total: Fields | null = null): Fields => ({
    id: idOf("chatcmpl-", asked.number, 29),
    object: "chat.completion.chunk",
    created: CREATED + asked.number,
    model: asked.model,
    service_tier: "default",
    system_fingerprint: "fp_8d2e41c07a",
    choices,
    ...(counts ? { usage: total } : {}),
    ...(options.include_obfuscation === false ? {} : { obfuscation: noise(asked.number, index) }),
  });
  const deltas: readonly Fields[] = [
    { role: "assistant", content: text === undefined ? null : "", refusal: null },
    ...piecesOf(text ?? "").map((content) => ({ content })),
    ...piecesOf(refusal ?? "").map((piece) => ({ refusal: piece })),
    ...tools.flatMap(callDeltas),
  ];
  const last = { index: 0, delta: {}, logprobs: null, finish_reason: finish };
  return [
    ...deltas.map((delta, index) => chunk([{ index: 0, delta, logprobs: null, finish_reason: null }], index)),
    chunk([last], deltas.length),
    ...(counts ? [chunk([], deltas.length + 1, usageOf(usage))] : []),
  ];
}

const callOf = ({ id, name, input }: Call) => ({
  id,
  type: "function",
  function: { name, arguments: JSON.stringify(input) },
});

function callDeltas({ id, name, input }: Call, index: number): Fields[] {
  return [
    { tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] },
    ...piecesOf(JSON.stringify(input)).map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] })),
  ];
}

const usageOf = ({ input, cachedInput, output, reasoning }: Usage): Fields => ({
  prompt_tokens: input,
  completion_tokens: output,
  total_tokens: input + output,
  prompt_tokens_details: { cached_tokens: cachedInput, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: reasoning,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
});

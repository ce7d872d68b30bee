/** Anthropic's messages, as its public reference has them. */
import { blocksOf as blocksAsked, countRules, messagesRules, newestRules } from "./anthropic-rules.ts";
import { type Api, type Asked, type Received, bodyOf, event, idOf } from "./api.ts";
import { type Answer, type FaultKind, type Usage, piecesOf } from "./script.ts";
import { type Fields, broken, isFields } from "./rules.ts";

const COUNT = "/v1/messages/count_tokens";

export const anthropic: Api = {
  takes: ({ path }) => path === "/v1/messages" || path === COUNT,
  read(received) {
    const version = versionOf(received);
    const body = bodyOf(received);
    const plain = withoutBetas(body, String(received.headers["anthropic-beta"] ?? ""));
    (received.path === COUNT ? countRules : messagesRules)(plain, "");
    if (version === NEWEST) newestRules(plain, "");
    refusePrefill(body);
    return { model: body.model as string, stream: body.stream === true, body };
  },
  sealed: ({ messages }) =>
    (messages as readonly Fields[])
      .flatMap(thoughtsOf)
      .map(({ signature }) => signature)
      .filter((sealed) => typeof sealed === "string"),
  whole: (answer, asked) => ({
    ...frame(asked),
    content: blocksOf(answer, asked),
    ...endOf(answer),
    usage: { ...usageOf(answer.usage), ...SERVED },
  }),
  stream: eventsOf,
  broken: (kind, { number }) => [event(errorOf(ERRORS[kind].type, ERRORS[kind].message, number), "error")],
  refuse({ kind, message }) {
    const [status, type] =
      kind === "key"
        ? [401, "authentication_error"]
        : kind === "path"
          ? [404, "not_found_error"]
          : [400, "invalid_request_error"];
    return { status, headers: {}, body: errorOf(type, message, 0) };
  },
  fault({ error, status, retryAfter }, { number }) {
    const { status: usual, type, message } = ERRORS[error];
    return {
      status: status ?? usual,
      headers: {
        ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
        ...(error === "rate_limit"
          ? {
              "anthropic-ratelimit-requests-limit": "50",
              "anthropic-ratelimit-requests-remaining": "0",
              "anthropic-ratelimit-requests-reset": "2030-01-01T00:00:00Z",
            }
          : {}),
      },
      body: errorOf(type, message, number),
    };
  },
  headers: (number) => ({ "request-id": idOf("req_", number, 24), "anthropic-organization-id": "org-fake" }),
  count: ({ path }, { usage }) => (path === COUNT ? { input_tokens: usage.input } : undefined),
};

const NEWEST = "2026-10-21";

/** From version 4.6 on a model does not go on with what the assistant has begun. */
function refusePrefill({ model, messages }: Fields): void {
  const last = (messages as readonly Fields[]).at(-1)!;
  if (last.role === "assistant" && /claude-(?:opus|sonnet)-4-[6-9]/u.test(String(model)))
    broken("messages", "the conversation must end with a user message");
}

/** A body without what may stand there only behind betas: edits of the context, and what the system says between turns. */
function withoutBetas(body: Fields, betas: string): Fields {
  const { context_management: edits, messages, ...rest } = body;
  const turns = Array.isArray(messages) ? (messages as readonly Fields[]) : undefined;
  return {
    ...rest,
    ...(edits !== undefined && !betas.includes("context-management-") && { context_management: edits }),
    messages: betas.includes("mid-conversation-") ? turns?.filter(({ role }) => role !== "system") : messages,
  };
}

function versionOf({ headers }: Received): string {
  const bearer = /^Bearer \S+$/u.test(headers.authorization ?? "");
  if (!bearer && !/^\S+$/u.test(String(headers["x-api-key"] ?? ""))) broken("", "x-api-key header is required", "key");
  const version = String(headers["anthropic-version"]);
  return ["2023-06-01", NEWEST].includes(version) ? version : broken("", "anthropic-version header is required");
}

const thoughtsOf = (turn: Fields) => blocksAsked(turn).filter(({ type }) => type === "thinking");

const ERRORS: Readonly<Record<FaultKind, { status: number; type: string; message: string }>> = {
  rate_limit: { status: 429, type: "rate_limit_error", message: "Number of requests has exceeded your rate limit" },
  overloaded: { status: 529, type: "overloaded_error", message: "Overloaded" },
  // The API has no code for it: its words are all that tells.
  context_length: {
    status: 400,
    type: "invalid_request_error",
    message: "prompt is too long: 209001 tokens > 200000 maximum",
  },
  content_filter: { status: 400, type: "invalid_request_error", message: "Output blocked by content filtering policy" },
  bad_key: { status: 401, type: "authentication_error", message: "invalid x-api-key" },
  server_error: { status: 500, type: "api_error", message: "Internal server error" },
};

const errorOf = (type: string, message: string, number: number) => ({
  type: "error",
  error: { type, message },
  request_id: idOf("req_", number, 24),
});

const frame = ({ model, number }: Asked): Fields => ({
  id: idOf("msg_", number, 24),
  type: "message",
  role: "assistant",
  model,
  container: null,
  diagnostics: null,
});

const REASONS = { stop: "end_turn", length: "max_tokens", tool_calls: "tool_use", content_filter: "refusal" } as const;

function endOf({ finish, refusal }: Answer): Fields {
  const reason = refusal === undefined ? REASONS[finish] : "refusal";
  return {
    stop_reason: reason,
    stop_sequence: null,
    stop_details: reason === "refusal" ? { type: "refusal", category: null, explanation: null } : null,
  };
}

/** Thoughts are shown where thinking is on; with display omitted only their signature is. */
function blocksOf({ thinking, text, refusal, tools = [] }: Answer, { body }: Asked): Fields[] {
  const asks = isFields(body.thinking) ? body.thinking : {};
  const thinks = asks.type === "enabled" || asks.type === "adaptive";
  const blocks: Fields[] = [];
  if (thinking !== undefined && thinks)
    blocks.push({
      type: "thinking",
      thinking: asks.display === "omitted" ? "" : thinking.text,
      signature: thinking.signature,
    });
  const words = text ?? refusal;
  if (words !== undefined) blocks.push({ type: "text", text: words, citations: null });
  return [
    ...blocks,
    ...tools.map(({ id, name, input }) => ({ type: "tool_use", id, name, input, caller: { type: "direct" } })),
  ];
}

const SERVED = { inference_geo: "not_available", service_tier: "standard", speed: "standard" };

/** `input_tokens` are those that came from no cache. */
const usageOf = ({ input, cachedInput, output, reasoning }: Usage): Fields => ({
  input_tokens: input - cachedInput,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: cachedInput,
  cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
  output_tokens: output,
  output_tokens_details: { thinking_tokens: reasoning },
  server_tool_use: null,
});

function eventsOf(answer: Answer, asked: Asked): string[] {
  const started = {
    ...frame(asked),
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    usage: { ...usageOf({ ...answer.usage, output: 1 }), ...SERVED, output_tokens_details: null },
  };
  const { cache_creation: _, ...counted } = usageOf(answer.usage);
  const [first = [], ...others] = blocksOf(answer, asked).map(blockEvents);
  return [
    named({ type: "message_start", message: started }),
    ...first.slice(0, 1),
    named({ type: "ping" }),
    ...first.slice(1),
    ...others.flat(),
    named({ type: "message_delta", delta: { ...endOf(answer), container: null }, usage: counted }),
    named({ type: "message_stop" }),
  ];
}

const named = (data: Fields) => event(data, data.type as string);

function blockEvents(block: Fields, index: number): string[] {
  const { start, deltas } = deltasOf(block);
  return [
    named({ type: "content_block_start", index, content_block: start }),
    ...deltas.map((delta) => named({ type: "content_block_delta", index, delta })),
    named({ type: "content_block_stop", index }),
  ];
}

function deltasOf(block: Fields): { readonly start: Fields; readonly deltas: readonly Fields[] } {
  if (block.type === "thinking")
    return {
      start: { type: "thinking", thinking: "", signature: "" },
      deltas: [
        ...piecesOf(block.thinking as string).map((thinking) => ({ type: "thinking_delta", thinking })),
        { type: "signature_delta", signature: block.signature },
      ],
    };
  if (block.type === "text")
    return {
      start: { ...block, text: "" },
      deltas: piecesOf(block.text as string).map((text) => ({ type: "text_delta", text })),
    };
  return {
    start: { ...block, input: {} },
    // The first piece is empty, and a call without arguments has no other.
    deltas: ["", ...(Object.keys(block.input as Fields).length > 0 ? piecesOf(JSON.stringify(block.input)) : [])].map(
      (piece) => ({ type: "input_json_delta", partial_json: piece }),
    ),
  };
}

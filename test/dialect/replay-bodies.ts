import * as fc from "fast-check";
import type { Fields } from "../../src/dialect/shape.ts";
import type { ClientApi } from "../../src/dialect/speech.ts";

export const APIS: readonly ClientApi[] = ["openai-chat", "openai-responses", "anthropic-messages"];
export const LIMITS = { maxBytes: 4_000_000, maxEventBytes: 4_000_000 };

/** What an answer says, in the words of none of the APIs. Whoever signs does so where there are thoughts. */
export interface Spoken {
  readonly text: string;
  readonly thought?: string | undefined;
  readonly signature?: string | undefined;
  readonly usage: boolean;
}

/** A finished answer as the API's own servers give it whole. */
export const WHOLES: Readonly<Record<ClientApi, (spoken: Spoken) => Fields>> = {
  "openai-chat": ({ text, thought, usage }) => ({
    id: "chatcmpl-9",
    object: "chat.completion",
    created: 1_700_000_000,
    model: "small",
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: text,
          refusal: null,
          annotations: [],
          ...(thought !== undefined && { reasoning_content: thought }),
        },
        logprobs: null,
        finish_reason: "stop",
      },
    ],
    ...(usage && {
      usage: {
        prompt_tokens: 20,
        completion_tokens: 9,
        total_tokens: 29,
        prompt_tokens_details: { cached_tokens: 8, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 4, audio_tokens: 0 },
      },
    }),
    service_tier: "default",
    system_fingerprint: "fp_1",
  }),
  "openai-responses": ({ text, thought, signature, usage }) => ({
    id: "resp_9",
    object: "response",
    created_at: 1_700_000_000,
    status: "completed",
    completed_at: 1_700_000_001,
    error: null,
    incomplete_details: null,
    instructions: "Be brief.",
    metadata: {},
    model: "small",
    output: [
      ...(thought === undefined
        ? []
        : [
            {
              id: "rs_9",
              type: "reasoning",
              summary: [{ type: "summary_text", text: thought }],
              ...(signature !== undefined && { encrypted_content: signature }),
            },
          ]),
      {
        id: "msg_9",
        type: "message",
        status: "completed",
        role: "assistant",
        content: [{ type: "output_text", text, annotations: [], logprobs: [] }],
      },
    ],
    tools: [],
    usage: usage
      ? {
          input_tokens: 20,
          input_tokens_details: { cached_tokens: 8, cache_write_tokens: 3 },
          output_tokens: 9,
          output_tokens_details: { reasoning_tokens: 4 },
          total_tokens: 29,
        }
      : null,
    user: null,
  }),
  "anthropic-messages": ({ text, thought, signature }) => ({
    id: "msg_9",
    type: "message",
    role: "assistant",
    model: "small",
    content: [
      ...(thought === undefined ? [] : [{ type: "thinking", thinking: thought, signature: signature ?? "" }]),
      ...(signature === undefined ? [] : [{ type: "redacted_thinking", data: signature }]),
      { type: "text", text, citations: null },
    ],
    stop_reason: "end_turn",
    stop_sequence: null,
    stop_details: null,
    container: null,
    usage: {
      input_tokens: 9,
      cache_creation_input_tokens: 3,
      cache_read_input_tokens: 8,
      cache_creation: { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 0 },
      output_tokens: 9,
      output_tokens_details: { thinking_tokens: 4 },
      server_tool_use: null,
      service_tier: "standard",
    },
  }),
};

export const bytesOf = (body: unknown): Uint8Array => Buffer.from(JSON.stringify(body));
export const bodyOf = (bytes: Uint8Array | undefined): Fields => JSON.parse(Buffer.from(bytes!).toString()) as Fields;

/** The body with another value at a place such as `choices.0.message.content`. */
export function changed(body: Fields, place: string, value: unknown): Fields {
  const copy = structuredClone(body);
  const path = place.split(".");
  const last = path.pop()!;
  let at = copy as Record<string, unknown>;
  for (const step of path) at = at[step] as Record<string, unknown>;
  at[last] = value;
  return copy;
}

/** Texts that are hard to cut: line ends of every kind, characters of two units, joined and combined ones, marks of SSE. */
export const HARD =
  'Zoë said:\r\n\r\ndata: [DONE]\n\n“Ünïcode” \u2028\u2029 👩‍👩‍👧‍👦 e\u0301 𝔘𝔫𝔦 \u0000 \uFEFF ```ts\r\nconst a = "\\";\r```\n' +
  "👍🏽".repeat(40) +
  " end\r\n";

const words = fc.oneof(
  fc.string({ minLength: 1, maxLength: 300, unit: "grapheme" }),
  fc.string({ minLength: 1, maxLength: 300, unit: "binary" }),
  fc
    .array(fc.constantFrom("\r", "\n", "\r\n", "👍🏽", "data: ", "e\u0301", "𝔘", "a", " "), {
      minLength: 1,
      maxLength: 150,
    })
    .map((pieces) => pieces.join("")),
);

/** Any answer. Its text is not white space alone. */
export const spoken: fc.Arbitrary<Spoken> = fc.record({
  text: words.filter((text) => text.trim() !== ""),
  thought: fc.option(words, { nil: undefined }),
  signature: fc.option(fc.base64String({ minLength: 4, maxLength: 200 }), { nil: undefined }),
  usage: fc.boolean(),
});

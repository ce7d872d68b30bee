/** What only some APIs can be asked, one request a door and feature; `holds` is found in what reaches another API. */
import type { Door } from "../fakes/apis/asks.ts";
import type { Fields } from "../fakes/apis/rules.ts";

export interface MoreAsk {
  readonly body: Fields;
  readonly holds: RegExp;
  /** The fake of the door's own API does not know it. */
  readonly isUnknown?: boolean;
}

const PDF = "JVBERi0xLjQ=";
const user = (content: unknown) => ({ role: "user", content });
const said = { messages: [user("Name a bird.")] };
const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const weather = { name: "get_weather", parameters: schema };
const claudeWeather = { name: "get_weather", input_schema: schema };
const aside = (part: object, text: object) => ({ messages: [user([text, part])] });
const chatText = { type: "text", text: "Read it." };

const CHAT = {
  several_answers: { body: { ...said, n: 2 }, holds: /./u },
  log_probabilities: { body: { ...said, logprobs: true }, holds: /./u },
  seed: { body: { ...said, seed: 7 }, holds: /"seed":7/u },
  penalties: { body: { ...said, frequency_penalty: 0.5 }, holds: /"frequency_?penalty":0.5/iu },
  json: {
    body: { messages: [user("A bird as JSON.")], response_format: { type: "json_object" } },
    holds: /application\/json|json_object/u,
  },
  single_call: {
    body: { ...said, tools: [{ type: "function", function: weather }], parallel_tool_calls: false },
    holds: /"disable_parallel_tool_use":true|"parallel_tool_calls":false/u,
  },
  pdf: {
    body: aside(
      { type: "file", file: { filename: "a.pdf", file_data: `data:application/pdf;base64,${PDF}` } },
      chatText,
    ),
    holds: /JVBERi0xLjQ=/u,
  },
  audio: {
    body: aside({ type: "input_audio", input_audio: { data: "UklGRg==", format: "wav" } }, chatText),
    holds: /UklGRg==/u,
  },
  kept_file: { body: aside({ type: "file", file: { file_id: "file-1" } }, chatText), holds: /file-1/u },
  server_tools: { body: { ...said, web_search_options: {} }, holds: /./u },
} satisfies Record<string, MoreAsk>;

const block = (part: object) => ({ max_tokens: 900, ...aside(part, chatText) });
const looped = (result: object) => ({
  max_tokens: 900,
  messages: [
    user("How warm is Oslo?"),
    { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "get_weather", input: { city: "Oslo" } }] },
    user([{ type: "tool_result", tool_use_id: "toolu_1", ...result }]),
  ],
  tools: [claudeWeather],
});

const MESSAGES = {
  top_k: { body: { max_tokens: 900, ...said, top_k: 5 }, holds: /"top_?k":5/iu },
  single_call: {
    body: {
      max_tokens: 900,
      ...said,
      tools: [claudeWeather],
      tool_choice: { type: "auto", disable_parallel_tool_use: true },
    },
    holds: /"parallel_tool_calls":false/u,
  },
  pdf: {
    body: block({ type: "document", source: { type: "base64", media_type: "application/pdf", data: PDF } }),
    holds: /JVBERi0xLjQ=/u,
  },
  kept_file: { body: block({ type: "document", source: { type: "file", file_id: "file_1" } }), holds: /file_1/u },
  citations: {
    body: block({
      type: "document",
      source: { type: "text", media_type: "text/plain", data: "Swifts." },
      citations: { enabled: true },
    }),
    holds: /./u,
  },
  earlier_answer: {
    body: { max_tokens: 900, ...said, thread: { type: "continue", previous_message_id: "msg_1" } },
    holds: /./u,
  },
  failed_result: { body: looped({ content: "no such city", is_error: true }), holds: /no such city/u },
  shown_result: {
    body: looped({
      content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } }],
    }),
    holds: /iVBORw0KGgo=/u,
  },
  server_tools: {
    body: { max_tokens: 900, ...said, tools: [{ type: "web_search_20250305", name: "web_search" }] },
    holds: /./u,
    isUnknown: true,
  },
} satisfies Record<string, MoreAsk>;

const asked = { input: "Name a bird.", store: false };
const part = (each: object) => ({ input: [user([{ type: "input_text", text: "Read it." }, each])], store: false });

const RESPONSES = {
  log_probabilities: { body: { ...asked, top_logprobs: 2 }, holds: /./u },
  json: {
    body: { input: "A bird as JSON.", store: false, text: { format: { type: "json_object" } } },
    holds: /application\/json|json_object/u,
  },
  single_call: {
    body: { ...asked, tools: [{ type: "function", ...weather, strict: null }], parallel_tool_calls: false },
    holds: /"disable_parallel_tool_use":true|"parallel_tool_calls":false/u,
  },
  pdf: {
    body: part({ type: "input_file", filename: "a.pdf", file_data: `data:application/pdf;base64,${PDF}` }),
    holds: /JVBERi0xLjQ=/u,
  },
  kept_file: { body: part({ type: "input_file", file_id: "file-1" }), holds: /file-1/u },
  server_tools: { body: { ...asked, tools: [{ type: "web_search" }] }, holds: /./u },
  earlier_answer: { body: { input: "And a fish?", previous_response_id: "resp_1" }, holds: /./u },
  stored: { body: { input: "Name a bird.", store: true }, holds: /./u },
  truncation: { body: { ...asked, truncation: "auto" }, holds: /./u },
} satisfies Record<string, MoreAsk>;

export const MORE: Readonly<Record<Door, Readonly<Record<string, MoreAsk>>>> = {
  "openai-chat": CHAT,
  "openai-responses": RESPONSES,
  "anthropic-messages": MESSAGES,
};

/** What an API has and another lacks: the features that a door refuses by the API of the server, and the field named. */
import type { Door } from "../fakes/apis/asks.ts";
import type { Api } from "./world.ts";

type Refused = Readonly<Record<string, string>>;

const FROM_CHAT: Refused = {
  several_answers: "n",
  log_probabilities: "logprobs",
  kept_file: "messages.0.content.1.file.file_id",
  server_tools: "web_search_options",
};
const FROM_MESSAGES: Refused = {
  signature: "messages.1.content.0.signature",
  kept_file: "messages.0.content.1.source.file_id",
  citations: "messages.0.content.1.citations",
  server_tools: "tools.0",
  earlier_answer: "thread",
};
const FROM_RESPONSES: Refused = {
  signature: "input.1.encrypted_content",
  log_probabilities: "top_logprobs",
  kept_file: "input.0.content.1.file_id",
  server_tools: "tools.0",
  earlier_answer: "previous_response_id",
  stored: "store",
  truncation: "truncation",
};

export const REFUSED: Readonly<Record<Door, Readonly<Partial<Record<Api, Refused>>>>> = {
  "openai-chat": {
    "anthropic-messages": {
      ...FROM_CHAT,
      seed: "seed",
      penalties: "frequency_penalty",
      json: "response_format",
      audio: "audio",
    },
    gemini: { ...FROM_CHAT, single_call: "parallel_tool_calls" },
  },
  "anthropic-messages": {
    "openai-chat": { ...FROM_MESSAGES, top_k: "top_k" },
    gemini: { ...FROM_MESSAGES, single_call: "parallel_tool_calls" },
  },
  "openai-responses": {
    "openai-chat": FROM_RESPONSES,
    "anthropic-messages": { ...FROM_RESPONSES, json: "response_format" },
    gemini: { ...FROM_RESPONSES, single_call: "parallel_tool_calls" },
  },
};

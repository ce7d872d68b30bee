import type { WireApi } from "../contracts.ts";
import { anthropic } from "./anthropic/prompt.ts";
import type { Dialect } from "./dialect.ts";
import { gemini } from "./gemini/prompt.ts";
import { openaiChat } from "./openai-chat/prompt.ts";
import { openaiResponses } from "./openai-responses/prompt.ts";

/** The APIs that a body may be written in. Adding one: its file, a line here, its test. */
export const DIALECTS: Readonly<Record<WireApi, Dialect>> = {
  "openai-chat": openaiChat,
  "openai-responses": openaiResponses,
  "anthropic-messages": anthropic,
  gemini,
};

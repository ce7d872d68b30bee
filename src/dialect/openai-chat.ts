import type { Dialect } from "./dialect.ts";
import { modelMemberEdits } from "./model-member.ts";
import { readContent, readTool } from "./openai-content.ts";
import { openaiErrorBody } from "./openai-error.ts";
import {
  countOf,
  fieldsAt,
  filledListAt,
  isFields,
  listOf,
  metadataOf,
  parametersOf,
  readBody,
  spell,
  stringAt,
  stringOf,
} from "./shape.ts";
import { createTranscript, roleOf, type Transcript } from "./transcript.ts";

/** Fields that say nothing about what a model must know: every model takes them, or they are needs of another kind. */
const CORE = new Set(
  `
  model messages stream stream_options max_tokens max_completion_tokens metadata user tools
  tool_choice functions function_call store safety_identifier prompt_cache_key
`
    .trim()
    .split(/\s+/),
);

/** `POST /v1/chat/completions`. */
export const openaiChat: Dialect = {
  api: "openai-chat",
  read(value, facts) {
    const body = readBody(value);
    const transcript = createTranscript();
    for (const tool of [...listOf(body["tools"]), ...listOf(body["functions"])]) readTool(transcript, tool);
    if (isFields(body["response_format"])) transcript.form(body["response_format"]["json_schema"]);
    filledListAt(body["messages"], "messages").forEach((message, index) => {
      readMessage(transcript, message, `messages.${index}`);
    });
    if (isFields(body["prediction"])) transcript.quote(spell(body["prediction"]["content"]));
    return transcript.finish({
      api: "openai-chat",
      model: stringAt(body["model"], "model") || facts.model || "",
      stream: body["stream"] === true || facts.stream === true,
      parameters: parametersOf(body, CORE),
      maxOutputTokens: countOf(body["max_completion_tokens"]) ?? countOf(body["max_tokens"]),
      metadata: metadataOf(body["metadata"]),
    });
  },
  modelEdits: modelMemberEdits,
  errorBody: openaiErrorBody,
};

function readMessage(transcript: Transcript, value: unknown, path: string): void {
  const message = fieldsAt(value, path);
  transcript.begin(roleOf(message["role"]));
  for (const thought of [message["reasoning_content"], message["reasoning"], message["refusal"]]) {
    transcript.words(stringOf(thought));
  }
  readContent(transcript, message["content"], `${path}.content`);
  for (const call of listOf(message["tool_calls"])) readCall(transcript, call);
  if (isFields(message["function_call"])) readCall(transcript, { function: message["function_call"] });
}

function readCall(transcript: Transcript, call: unknown): void {
  if (!isFields(call)) return;
  const inner = [call["function"], call["custom"]].find(isFields);
  if (inner) transcript.call(stringOf(inner["name"]), inner["arguments"] ?? inner["input"]);
  else transcript.call("", call);
}

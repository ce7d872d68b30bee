import type { Dialect } from "../dialect.ts";
import { modelMemberEdits } from "../model-member.ts";
import { chatEffort } from "./effort.ts";
import { eachFields, names, readRest } from "../names.ts";
import { readBesideKind, readContent, readTool } from "../openai-content.ts";
import { openaiErrorBody } from "../openai-error.ts";
import {
  countOf,
  fieldsAt,
  filledListAt,
  flagAt,
  isFields,
  metadataOf,
  parametersOf,
  readBody,
  stringAt,
  stringOf,
  type Fields,
} from "../shape.ts";
import { createTranscript, readRole, type Transcript } from "../transcript.ts";

/** Fields that say nothing about what a model must know: every model takes them, or they are needs of another kind. */
const CORE = new Set(
  `
  model messages stream stream_options max_tokens max_completion_tokens metadata user tools
  tool_choice functions function_call store safety_identifier prompt_cache_key
`
    .trim()
    .split(/\s+/),
);

const BODY = names("model messages tools functions");
const MESSAGE = names("role content reasoning_content reasoning refusal tool_calls function_call");
const THOUGHTS = ["reasoning_content", "reasoning", "refusal"];
const CALL = names("type function custom");
const CALLED = names("name arguments input");

/** `POST /v1/chat/completions`. */
export const openaiChat: Dialect = {
  api: "openai-chat",
  read(value, facts) {
    const body = readBody(value);
    const transcript = createTranscript();
    for (const list of ["tools", "functions"]) {
      eachFields(transcript, list, body[list], (tool) => readTool(transcript, tool));
    }
    filledListAt(body["messages"], "messages").forEach((message, index) => {
      readMessage(transcript, message, `messages.${index}`);
    });
    readRest(transcript, body, BODY);
    return transcript.finish({
      api: "openai-chat",
      model: stringAt(body["model"], "model") || facts.model || "",
      stream: flagAt(body["stream"], "stream") || facts.stream === true,
      parameters: parametersOf(body, CORE),
      maxOutputTokens: countOf(body["max_completion_tokens"]) ?? countOf(body["max_tokens"]),
      cacheKey: stringOf(body["prompt_cache_key"]),
      saysReasoning: (body["reasoning_effort"] ?? body["reasoning"] ?? templateSwitch(body) ?? null) !== null,
      metadata: metadataOf(body["metadata"]),
    });
  },
  modelEdits: modelMemberEdits,
  effortEdits: chatEffort,
  errorBody: openaiErrorBody,
};

/** What a client sets in the chat template of a model, by either of the names that templates have for it. */
function templateSwitch(body: Fields): unknown {
  const kwargs = body["chat_template_kwargs"];
  return isFields(kwargs) ? (kwargs["enable_thinking"] ?? kwargs["thinking"]) : undefined;
}

function readMessage(transcript: Transcript, value: unknown, path: string): void {
  const message = fieldsAt(value, path);
  readRole(transcript, message["role"]);
  for (const name of THOUGHTS) {
    const thought = message[name];
    if (typeof thought === "string") transcript.words(thought);
    else transcript.aside(name, thought);
  }
  readContent(transcript, message["content"], `${path}.content`);
  eachFields(transcript, "tool_calls", message["tool_calls"], (call) => readCall(transcript, call));
  const called = message["function_call"];
  if (isFields(called)) readCalled(transcript, called);
  else transcript.aside("function_call", called);
  readRest(transcript, message, MESSAGE);
}

function readCall(transcript: Transcript, call: Fields): void {
  const inner = [call["function"], call["custom"]].filter(isFields);
  for (const called of inner) readCalled(transcript, called);
  if (inner.length === 0) transcript.call("", call);
  else readBesideKind(transcript, call, CALL);
}

function readCalled(transcript: Transcript, called: Fields): void {
  const [first, ...others] = [called["arguments"], called["input"]].filter((input) => input !== undefined);
  transcript.call(stringOf(called["name"]), first);
  for (const input of others) transcript.call("", input);
  if (typeof called["name"] !== "string") transcript.aside("name", called["name"]);
  readRest(transcript, called, CALLED);
}

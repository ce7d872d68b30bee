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
  type Fields,
} from "./shape.ts";
import { createTranscript, roleOf, type Transcript } from "./transcript.ts";

/** Fields that say nothing about what a model must know: every model takes them, or they are needs of another kind. */
const CORE = new Set(
  `
  model input instructions stream stream_options max_output_tokens metadata user tools tool_choice
  store safety_identifier prompt_cache_key
`
    .trim()
    .split(/\s+/),
);

/** `POST /v1/responses`. */
export const openaiResponses: Dialect = {
  api: "openai-responses",
  read(value, facts) {
    const body = readBody(value);
    const transcript = createTranscript();
    readInstructions(transcript, body);
    for (const tool of listOf(body["tools"])) readTool(transcript, tool);
    if (isFields(body["text"])) transcript.form(body["text"]["format"]);
    readPromptTemplate(transcript, body["prompt"]);
    readInput(transcript, body);
    return transcript.finish({
      api: "openai-responses",
      model: stringAt(body["model"], "model") || facts.model || "",
      stream: body["stream"] === true || facts.stream === true,
      parameters: parametersOf(body, CORE),
      maxOutputTokens: countOf(body["max_output_tokens"]),
      metadata: metadataOf(body["metadata"]),
    });
  },
  modelEdits: modelMemberEdits,
  errorBody: openaiErrorBody,
};

function readInstructions(transcript: Transcript, body: Fields): void {
  const { instructions } = body;
  if (instructions === undefined || instructions === null) return;
  transcript.begin("system");
  if (Array.isArray(instructions))
    instructions.forEach((item, index) => readItem(transcript, item, `instructions.${index}`));
  else transcript.words(stringAt(instructions, "instructions") ?? "");
}

/** A stored prompt is not in the body; the values that fill it are. */
function readPromptTemplate(transcript: Transcript, prompt: unknown): void {
  if (!isFields(prompt) || !isFields(prompt["variables"])) return;
  transcript.begin("user");
  for (const variable of Object.values(prompt["variables"])) readContent(transcript, [variable], "prompt.variables");
}

function readInput(transcript: Transcript, body: Fields): void {
  const { input } = body;
  if (typeof input === "string") {
    transcript.begin("user");
    transcript.words(input);
  } else if (input !== undefined || !isFields(body["prompt"])) {
    filledListAt(input, "input").forEach((item, index) => readItem(transcript, item, `input.${index}`));
  }
}

function readItem(transcript: Transcript, value: unknown, path: string): void {
  const item = fieldsAt(value, path);
  const type = stringOf(item["type"]) || "message";
  if (type === "message") {
    transcript.begin(roleOf(item["role"]));
    readContent(transcript, item["content"], `${path}.content`);
  } else if (type === "reasoning") {
    transcript.begin("assistant");
    readContent(transcript, item["summary"], `${path}.summary`);
    readContent(transcript, item["content"], `${path}.content`);
  } else if (type.endsWith("_output")) {
    transcript.begin("tool");
    readOutput(transcript, item["output"]);
  } else if (type.endsWith("_call")) {
    readCall(transcript, item);
  } else if (type !== "item_reference") {
    transcript.begin("user");
    transcript.quote(spell(item));
  }
}

/** Calls of the caller's own tools have arguments; those of built-in tools stand in the item, results included. */
function readCall(transcript: Transcript, item: Fields): void {
  transcript.begin("assistant");
  const input = item["arguments"] ?? item["input"] ?? item["action"] ?? item["code"] ?? item["queries"];
  transcript.call(stringOf(item["name"]) || stringOf(item["type"]), input);
  for (const result of [item["output"], item["outputs"], item["results"]]) transcript.result(spell(result));
}

function readOutput(transcript: Transcript, output: unknown): void {
  if (Array.isArray(output)) readContent(transcript, output.filter(isFields), "output");
  else if (isFields(output)) readContent(transcript, [output], "output");
  else transcript.words(spell(output));
}

import type { Dialect } from "../dialect.ts";
import { modelMemberEdits } from "../model-member.ts";
import { responsesEffort } from "./effort.ts";
import { eachFields, names, readRest } from "../names.ts";
import { readContent, readTool } from "../openai-content.ts";
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
import { spell } from "../spell.ts";
import { createTranscript, readRole, type Transcript } from "../transcript.ts";

/** Fields that say nothing about what a model must know: every model takes them, or they are needs of another kind. */
const CORE = new Set(
  `
  model input instructions stream stream_options max_output_tokens metadata user tools tool_choice
  store safety_identifier prompt_cache_key
`
    .trim()
    .split(/\s+/),
);

const BODY = names("model input instructions tools prompt");
const PROMPT = names("variables");
const MESSAGE = names("type role content");
const REASONING = names("type summary content");
const OUTPUT = names("type output");
const REFERENCE = names("type");
/** Calls of the caller's own tools have arguments; those of built-in tools stand in the item, results included. */
const INPUTS = ["arguments", "input", "action", "code", "queries"];
const RESULTS = ["output", "outputs", "results"];
const CALL = names(`type name ${INPUTS.join(" ")} ${RESULTS.join(" ")}`);

/** `POST /v1/responses`. */
export const openaiResponses: Dialect = {
  api: "openai-responses",
  read(value, facts) {
    const body = readBody(value);
    const transcript = createTranscript();
    readInstructions(transcript, body);
    eachFields(transcript, "tools", body["tools"], (tool) => readTool(transcript, tool));
    readPromptTemplate(transcript, body["prompt"]);
    readInput(transcript, body);
    readRest(transcript, body, BODY);
    return transcript.finish({
      api: "openai-responses",
      model: stringAt(body["model"], "model") || facts.model || "",
      stream: flagAt(body["stream"], "stream") || facts.stream === true,
      parameters: parametersOf(body, CORE),
      maxOutputTokens: countOf(body["max_output_tokens"]),
      cacheKey: stringOf(body["prompt_cache_key"]),
      saysReasoning: isFields(body["reasoning"]) && (body["reasoning"]["effort"] ?? null) !== null,
      metadata: metadataOf(body["metadata"]),
    });
  },
  modelEdits: modelMemberEdits,
  effortEdits: responsesEffort,
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
  if (!isFields(prompt)) return transcript.aside("prompt", prompt);
  readRest(transcript, prompt, PROMPT);
  const { variables } = prompt;
  if (!isFields(variables)) return transcript.aside("variables", variables);
  transcript.begin("user");
  for (const [name, value] of Object.entries(variables)) {
    transcript.aside("variables", name);
    readContent(transcript, [value], "prompt.variables");
  }
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
    readRole(transcript, item["role"]);
    readContent(transcript, item["content"], `${path}.content`);
    readRest(transcript, item, MESSAGE);
  } else if (type === "reasoning") {
    transcript.begin("assistant");
    readContent(transcript, item["summary"], `${path}.summary`);
    readContent(transcript, item["content"], `${path}.content`);
    readRest(transcript, item, REASONING);
  } else if (type.endsWith("_output")) {
    transcript.begin("tool");
    readOutput(transcript, item["output"]);
    transcript.aside("type", type);
    readRest(transcript, item, OUTPUT);
  } else if (type.endsWith("_call")) {
    readCall(transcript, item, type);
  } else if (type === "item_reference") {
    readRest(transcript, item, REFERENCE);
  } else {
    transcript.begin("user");
    transcript.quote(spell(item));
  }
}

function readCall(transcript: Transcript, item: Fields, type: string): void {
  transcript.begin("assistant");
  const [first, ...others] = INPUTS.map((name) => item[name]).filter((input) => input !== undefined);
  const name = stringOf(item["name"]);
  transcript.call(name || type, first);
  for (const input of others) transcript.call("", input);
  if (name !== "") transcript.aside("type", type);
  else transcript.aside("name", item["name"]);
  for (const result of RESULTS) transcript.result(spell(item[result]));
  readRest(transcript, item, CALL);
}

function readOutput(transcript: Transcript, output: unknown): void {
  if (isFields(output)) return readContent(transcript, [output], "output");
  if (!Array.isArray(output)) return transcript.words(spell(output));
  for (const element of output) {
    if (isFields(element)) readContent(transcript, [element], "output");
    else transcript.words(spell(element));
  }
}

import type { Edit } from "../contracts.ts";
import { ERRORS, type RouterError } from "../errors.ts";
import type { Dialect } from "./dialect.ts";
import { findSpans, replaceSpans } from "./json.ts";
import {
  countOf,
  fieldsAt,
  filledListAt,
  isFields,
  listOf,
  metadataOf,
  oneOf,
  parametersOf,
  readBody,
  refuse,
  spell,
  stringAt,
  stringOf,
  type Fields,
} from "./shape.ts";
import { createTranscript, modalityOf, roleOf, textOf, type Transcript } from "./transcript.ts";

/** Fields that say nothing about what a model must know: every model takes them, or they are needs of another kind. */
const CORE = new Set(
  "model contents system_instruction tools tool_config generation_config labels max_output_tokens".split(" "),
);

/** Names of the gRPC codes, which stand in Google's error bodies. */
const RPC_NAMES: Readonly<Record<number, string>> = {
  1: "CANCELLED",
  3: "INVALID_ARGUMENT",
  4: "DEADLINE_EXCEEDED",
  5: "NOT_FOUND",
  7: "PERMISSION_DENIED",
  8: "RESOURCE_EXHAUSTED",
  9: "FAILED_PRECONDITION",
  12: "UNIMPLEMENTED",
  13: "INTERNAL",
  14: "UNAVAILABLE",
  16: "UNAUTHENTICATED",
};

const MODEL_PATH = Buffer.from('"models/');

/** `POST /v1beta/models/MODEL:generateContent`. Fields are read in camel and in snake case, as Google reads them. */
export const gemini: Dialect = {
  api: "gemini",
  read(value, facts) {
    const body = readBody(value);
    const config = oneOf(body, "generationConfig", "generation_config");
    const generation = isFields(config) ? config : {};
    const transcript = createTranscript();
    for (const name of ["systemInstruction", "system_instruction"]) readSystem(transcript, body[name], name);
    for (const tool of listOf(many(body["tools"]))) readTools(transcript, tool);
    transcript.form(
      oneOf(generation, "responseSchema", "response_schema", "responseJsonSchema", "response_json_schema"),
    );
    filledListAt(many(body["contents"]), "contents").forEach((content, index) => {
      readMessage(transcript, content, `contents.${index}`);
    });
    return transcript.finish({
      api: "gemini",
      model: (facts.model || stringAt(body["model"], "model") || "").replace(/^models\//, ""),
      stream: facts.stream === true,
      parameters: parametersOf({ ...inSnakeCase(body), ...inSnakeCase(generation) }, CORE),
      maxOutputTokens: countOf(oneOf(generation, "maxOutputTokens", "max_output_tokens")),
      metadata: metadataOf(body["labels"]),
    });
  },
  modelEdits(bytes) {
    const spans = findSpans(bytes, ["model"]);
    // The path names the model; a body that names it too does so with or without the collection in front.
    return (model): Edit[] =>
      spans.flatMap((span) => {
        const prefixed = MODEL_PATH.equals(bytes.subarray(span.offset, span.offset + MODEL_PATH.length));
        return replaceSpans([span], JSON.stringify(prefixed ? `models/${model}` : model));
      });
  },
  errorBody(error: RouterError) {
    const { rpc, status } = ERRORS[error.code];
    return JSON.stringify({ error: { code: status, message: error.message, status: RPC_NAMES[rpc] ?? "UNKNOWN" } });
  },
};

/** Google takes a single object where a list of them is due. */
function many(value: unknown): unknown {
  return isFields(value) ? [value] : value;
}

/** Names of optional fields are compared with those of other APIs, so `topP` is `top_p` here. */
function inSnakeCase(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
}

function readSystem(transcript: Transcript, value: unknown, path: string): void {
  if (value === undefined || value === null) return;
  transcript.begin("system");
  if (typeof value === "string") transcript.words(value);
  else readParts(transcript, fieldsAt(value, path)["parts"], `${path}.parts`);
}

function readTools(transcript: Transcript, tool: unknown): void {
  if (!isFields(tool)) return;
  for (const [kind, value] of Object.entries(tool)) {
    if (kind !== "functionDeclarations" && kind !== "function_declarations") {
      transcript.tool(kind, value);
      continue;
    }
    for (const declaration of listOf(many(value))) {
      if (isFields(declaration)) transcript.tool(stringOf(declaration["name"]), declaration);
    }
  }
}

function readMessage(transcript: Transcript, value: unknown, path: string): void {
  const content = fieldsAt(value, path);
  transcript.begin(roleOf(content["role"]));
  readParts(transcript, content["parts"], `${path}.parts`);
}

function readParts(transcript: Transcript, value: unknown, path: string): void {
  if (value === undefined || value === null) return;
  const parts = many(value);
  if (!Array.isArray(parts)) return refuse(path, "an array of parts");
  parts.forEach((part: unknown, index) => readPart(transcript, part, `${path}.${index}`));
}

function readPart(transcript: Transcript, value: unknown, path: string): void {
  if (typeof value === "string") return transcript.words(value);
  const part = fieldsAt(value, path);
  const text = stringAt(part["text"], `${path}.text`);
  if (text !== undefined) return transcript.words(text);
  const blob = oneOf(part, "inlineData", "inline_data", "fileData", "file_data");
  const call = oneOf(part, "functionCall", "function_call");
  const response = oneOf(part, "functionResponse", "function_response");
  if (isFields(blob)) readBlob(transcript, blob);
  else if (isFields(call)) transcript.call(stringOf(call["name"]), call["args"]);
  else if (isFields(response)) readResponse(transcript, response);
  else readOther(transcript, part);
}

function readBlob(transcript: Transcript, blob: Fields): void {
  const mime = stringOf(oneOf(blob, "mimeType", "mime_type"));
  transcript.attach(modalityOf(mime));
  transcript.quote(textOf(mime, blob["data"]));
}

function readResponse(transcript: Transcript, response: Fields): void {
  transcript.result(spell(response["response"]));
  for (const part of listOf(response["parts"])) {
    const blob = isFields(part) ? oneOf(part, "inlineData", "inline_data", "fileData", "file_data") : undefined;
    if (isFields(blob)) readBlob(transcript, blob);
  }
}

function readOther(transcript: Transcript, part: Fields): void {
  const code = oneOf(part, "executableCode", "executable_code");
  const outcome = oneOf(part, "codeExecutionResult", "code_execution_result");
  if (code !== undefined) transcript.call("code_execution", code);
  else if (outcome !== undefined) transcript.result(spell(outcome));
  else transcript.quote(spell(part));
}

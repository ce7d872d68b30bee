import type { Edit } from "../../contracts.ts";
import { ERRORS, type RouterError } from "../../errors.ts";
import type { Dialect } from "../dialect.ts";
import { findSpans, replaceSpans } from "../json.ts";
import { eachFields, names, readRest } from "../names.ts";
import {
  countOf,
  fieldsAt,
  filledListAt,
  isFields,
  metadataOf,
  oneOf,
  parametersOf,
  readBody,
  refuse,
  stringAt,
  stringOf,
  type Fields,
} from "../shape.ts";
import { spell, spellBase64 } from "../spell.ts";
import { geminiEffort } from "./effort.ts";
import { createTranscript, modalityOf, readRole, type Transcript } from "../transcript.ts";

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

const BODY = names("model contents systemInstruction system_instruction tools");
const CONTENT = names("role parts");
const PARTS = names("parts");
const PART = names(
  `text inlineData inline_data fileData file_data functionCall function_call functionResponse function_response
  executableCode executable_code codeExecutionResult code_execution_result`,
);
const BLOB = names("data");
const CALL = names("name args");
const RESPONSE = names("response parts");

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
    eachFields(transcript, "tools", many(body["tools"]), (tool) => readTools(transcript, tool));
    filledListAt(many(body["contents"]), "contents").forEach((content, index) => {
      readMessage(transcript, content, `contents.${index}`);
    });
    readRest(transcript, body, BODY);
    return transcript.finish({
      api: "gemini",
      model: (facts.model || stringAt(body["model"], "model") || "").replace(/^models\//, ""),
      stream: facts.stream === true,
      parameters: parametersOf({ ...inSnakeCase(body), ...inSnakeCase(generation) }, CORE),
      maxOutputTokens: countOf(oneOf(generation, "maxOutputTokens", "max_output_tokens")),
      saysReasoning: (oneOf(generation, "thinkingConfig", "thinking_config") ?? null) !== null,
      metadata: metadataOf(body["labels"], "labels"),
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
  effortEdits: geminiEffort,
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
  if (typeof value === "string") return transcript.words(value);
  const content = fieldsAt(value, path);
  readParts(transcript, content["parts"], `${path}.parts`);
  readRest(transcript, content, PARTS);
}

function readTools(transcript: Transcript, tool: Fields): void {
  for (const [kind, value] of Object.entries(tool)) {
    if (kind !== "functionDeclarations" && kind !== "function_declarations") {
      transcript.tool(kind, value);
      continue;
    }
    eachFields(transcript, kind, many(value), (declaration) => {
      transcript.tool(stringOf(declaration["name"]), declaration);
    });
  }
}

function readMessage(transcript: Transcript, value: unknown, path: string): void {
  const content = fieldsAt(value, path);
  readRole(transcript, content["role"]);
  readParts(transcript, content["parts"], `${path}.parts`);
  readRest(transcript, content, CONTENT);
}

function readParts(transcript: Transcript, value: unknown, path: string): void {
  if (value === undefined || value === null) return;
  const parts = many(value);
  if (!Array.isArray(parts)) return refuse(path, "an array of parts");
  parts.forEach((part: unknown, index) => readPart(transcript, part, `${path}.${index}`));
}

/** A part is one kind of thing, but nothing keeps a client from putting several into it. */
function readPart(transcript: Transcript, value: unknown, path: string): void {
  if (typeof value === "string") return transcript.words(value);
  const part = fieldsAt(value, path);
  transcript.words(stringAt(part["text"], `${path}.text`) ?? "");
  for (const name of ["inlineData", "inline_data", "fileData", "file_data"]) readBlob(transcript, name, part[name]);
  for (const name of ["functionCall", "function_call"]) readCall(transcript, name, part[name]);
  for (const name of ["functionResponse", "function_response"]) readResponse(transcript, name, part[name]);
  for (const name of ["executableCode", "executable_code"]) {
    if (isFields(part[name])) transcript.call("code_execution", part[name]);
    else transcript.aside(name, part[name]);
  }
  for (const name of ["codeExecutionResult", "code_execution_result"]) transcript.result(spell(part[name]));
  readRest(transcript, part, PART);
}

function readBlob(transcript: Transcript, name: string, blob: unknown): void {
  if (!isFields(blob)) return transcript.aside(name, blob);
  const mime = stringOf(oneOf(blob, "mimeType", "mime_type"));
  transcript.attach(modalityOf(mime));
  transcript.quote(spellBase64(mime, blob["data"]));
  readRest(transcript, blob, BLOB);
}

function readCall(transcript: Transcript, name: string, call: unknown): void {
  if (!isFields(call)) return transcript.aside(name, call);
  transcript.call(stringOf(call["name"]), call["args"]);
  readRest(transcript, call, CALL);
}

function readResponse(transcript: Transcript, name: string, response: unknown): void {
  if (!isFields(response)) return transcript.aside(name, response);
  transcript.result(spell(response["response"]));
  eachFields(transcript, "parts", many(response["parts"]), (part) => {
    for (const kind of ["inlineData", "inline_data", "fileData", "file_data"]) readBlob(transcript, kind, part[kind]);
    readRest(transcript, part, PART);
  });
  readRest(transcript, response, RESPONSE);
}

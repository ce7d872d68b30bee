import type { RouterError } from "../errors.ts";
import type { Dialect } from "./dialect.ts";
import { modelMemberEdits } from "./model-member.ts";
import {
  countOf,
  fieldsAt,
  filledListAt,
  isFields,
  listOf,
  metadataOf,
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
  "model messages system stream max_tokens metadata tools tool_choice anthropic_version anthropic_beta".split(" "),
);

const ERROR_TYPES: Readonly<Record<number, string>> = {
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  503: "overloaded_error",
  504: "timeout_error",
};

/** `POST /v1/messages`. */
export const anthropic: Dialect = {
  api: "anthropic-messages",
  read(value, facts) {
    const body = readBody(value);
    const transcript = createTranscript();
    readSystem(transcript, body["system"]);
    for (const tool of listOf(body["tools"])) {
      if (isFields(tool)) transcript.tool(stringOf(tool["name"]) || stringOf(tool["type"]), tool);
    }
    transcript.form(body["output_format"] ?? body["output_config"]);
    filledListAt(body["messages"], "messages").forEach((message, index) => {
      readMessage(transcript, message, `messages.${index}`);
    });
    return transcript.finish({
      api: "anthropic-messages",
      model: stringAt(body["model"], "model") || facts.model || "",
      stream: body["stream"] === true || facts.stream === true,
      parameters: parametersOf(body, CORE),
      maxOutputTokens: countOf(body["max_tokens"]),
      metadata: metadataOf(body["metadata"]),
    });
  },
  modelEdits: modelMemberEdits,
  errorBody: (error: RouterError) =>
    JSON.stringify({ type: "error", error: { type: errorType(error.status), message: error.message } }),
};

function errorType(status: number): string {
  return ERROR_TYPES[status] ?? (status < 500 ? "invalid_request_error" : "api_error");
}

function readSystem(transcript: Transcript, system: unknown): void {
  if (system === undefined || system === null) return;
  transcript.begin("system");
  readContent(transcript, system, "system");
}

function readMessage(transcript: Transcript, value: unknown, path: string): void {
  const message = fieldsAt(value, path);
  transcript.begin(roleOf(message["role"]));
  readContent(transcript, message["content"], `${path}.content`);
}

function readContent(transcript: Transcript, content: unknown, path: string): void {
  if (content === undefined || content === null) return;
  if (typeof content === "string") return transcript.words(content);
  if (!Array.isArray(content)) return refuse(path, "a string or an array of blocks");
  content.forEach((block: unknown, index) => readBlock(transcript, block, `${path}.${index}`));
}

/** Blocks by their `type`; results and calls of tools of any kind are known by how their type ends. */
function readBlock(transcript: Transcript, value: unknown, path: string): void {
  if (typeof value === "string") return transcript.words(value);
  const block = fieldsAt(value, path);
  const type = stringOf(block["type"]);
  if (type === "text") transcript.words(stringAt(block["text"], `${path}.text`) ?? "");
  else if (type === "thinking") transcript.words(stringAt(block["thinking"], `${path}.thinking`) ?? "");
  else if (type === "redacted_thinking") return;
  else if (type.endsWith("tool_use")) transcript.call(stringOf(block["name"]), block["input"]);
  else if (type.endsWith("tool_result")) readResult(transcript, block["content"]);
  else if (!readAttachment(transcript, block, (text) => transcript.quote(text))) readUnknown(transcript, block);
}

function readUnknown(transcript: Transcript, block: Fields): void {
  if (typeof block["text"] === "string") transcript.words(block["text"]);
  else transcript.quote(spell(block));
}

function readResult(transcript: Transcript, content: unknown): void {
  const parts: string[] = [];
  const blocks = Array.isArray(content) ? content : [content];
  for (const block of blocks) {
    if (!isFields(block)) parts.push(spell(block));
    else if (block["type"] === "text" && typeof block["text"] === "string") parts.push(block["text"]);
    else if (!readAttachment(transcript, block, (text) => parts.push(text))) parts.push(spell(block));
  }
  transcript.result(parts.filter((part) => part !== "").join("\n"));
}

/** Blocks that carry something along, wherever they stand. False for blocks of another kind. */
function readAttachment(transcript: Transcript, block: Fields, quote: (text: string) => void): boolean {
  const type = block["type"];
  if (type === "image") transcript.attach("image");
  else if (type === "container_upload") transcript.attach("file");
  else if (type === "document") readDocument(transcript, block, quote);
  else if (type === "search_result") quote(spell([block["title"], block["source"], block["content"]]));
  else return false;
  return true;
}

function readDocument(transcript: Transcript, block: Fields, quote: (text: string) => void): void {
  const source = isFields(block["source"]) ? block["source"] : {};
  const mime = stringOf(source["media_type"]);
  transcript.attach(source["type"] === "base64" && mime !== "" ? modalityOf(mime) : "file");
  quote(spell([block["title"], block["context"]]));
  if (source["type"] === "text") quote(stringOf(source["data"]));
  else if (source["type"] === "base64") quote(textOf(mime, source["data"]));
  else if (source["type"] === "content") quote(textOfBlocks(transcript, source["content"]));
}

function textOfBlocks(transcript: Transcript, content: unknown): string {
  if (!Array.isArray(content)) return spell(content);
  const texts = content.map((block: unknown) => {
    if (!isFields(block)) return spell(block);
    if (block["type"] === "image") transcript.attach("image");
    return typeof block["text"] === "string" ? block["text"] : "";
  });
  return texts.filter((text) => text !== "").join("\n");
}

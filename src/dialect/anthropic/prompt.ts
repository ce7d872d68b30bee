import type { RouterError } from "../../errors.ts";
import type { Dialect } from "../dialect.ts";
import { modelMemberEdits } from "../model-member.ts";
import { messagesEffort } from "./effort.ts";
import { eachFields, names, readRest, type Names } from "../names.ts";
import {
  countOf,
  fieldsAt,
  filledListAt,
  flagAt,
  isFields,
  metadataOf,
  parametersOf,
  readBody,
  refuse,
  stringAt,
  stringOf,
  type Fields,
} from "../shape.ts";
import { spell, spellBase64 } from "../spell.ts";
import { createTranscript, modalityOf, readRole, type Transcript } from "../transcript.ts";

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

const BODY = names("model messages system tools");
const MESSAGE = names("role content");

/** `POST /v1/messages`. */
export const anthropic: Dialect = {
  api: "anthropic-messages",
  read(value, facts) {
    const body = readBody(value);
    const transcript = createTranscript();
    readSystem(transcript, body["system"]);
    eachFields(transcript, "tools", body["tools"], (tool) => {
      transcript.tool(stringOf(tool["name"]) || stringOf(tool["type"]), tool);
    });
    filledListAt(body["messages"], "messages").forEach((message, index) => {
      readMessage(transcript, message, `messages.${index}`);
    });
    readRest(transcript, body, BODY);
    return transcript.finish({
      api: "anthropic-messages",
      model: stringAt(body["model"], "model") || facts.model || "",
      stream: flagAt(body["stream"], "stream") || facts.stream === true,
      parameters: parametersOf(body, CORE),
      maxOutputTokens: countOf(body["max_tokens"]),
      saysReasoning: (body["thinking"] ?? effortOf(body["output_config"]) ?? null) !== null,
      metadata: metadataOf(body["metadata"]),
    });
  },
  modelEdits: modelMemberEdits,
  effortEdits: messagesEffort,
  errorBody: (error: RouterError) =>
    JSON.stringify({
      type: "error",
      error: {
        type: errorType(error.status),
        message: error.message,
        ...(refusesThread(error) && { details: NO_THREAD }),
      },
    }),
};

/** What makes clients go on without a conversation that the server holds, by sending all of it. */
const NO_THREAD = { error_code: "thread_unsupported_request", unsupported: ["thread"] };

const refusesThread = ({ code, param }: RouterError) => code === "unsupported_feature" && param === "thread";

function errorType(status: number): string {
  return ERROR_TYPES[status] ?? (status < 500 ? "invalid_request_error" : "api_error");
}

const effortOf = (output: unknown): unknown => (isFields(output) ? output["effort"] : undefined);

function readSystem(transcript: Transcript, system: unknown): void {
  if (system === undefined || system === null) return;
  transcript.begin("system");
  readContent(transcript, system, "system");
}

function readMessage(transcript: Transcript, value: unknown, path: string): void {
  const message = fieldsAt(value, path);
  readRole(transcript, message["role"]);
  readContent(transcript, message["content"], `${path}.content`);
  readRest(transcript, message, MESSAGE);
}

function readContent(transcript: Transcript, content: unknown, path: string): void {
  if (content === undefined || content === null) return;
  if (typeof content === "string") return transcript.words(content);
  if (!Array.isArray(content)) return refuse(path, "a string or an array of blocks");
  content.forEach((block: unknown, index) => readBlock(transcript, block, `${path}.${index}`));
}

const TEXT = names("type text");
const THINKING = names("type thinking");
const REDACTED = names("type data");
const TOOL_USE = names("type name input");
const TOOL_RESULT = names("type content");

/** Blocks by their `type`; results and calls of tools of any kind are known by how their type ends. */
function readBlock(transcript: Transcript, value: unknown, path: string): void {
  if (typeof value === "string") return transcript.words(value);
  const block = fieldsAt(value, path);
  const type = stringOf(block["type"]);
  if (type === "text") {
    transcript.words(stringAt(block["text"], `${path}.text`) ?? "");
    readRest(transcript, block, TEXT);
  } else if (type === "thinking") {
    transcript.words(stringAt(block["thinking"], `${path}.thinking`) ?? "");
    readRest(transcript, block, THINKING);
  } else if (type === "redacted_thinking") {
    transcript.aside("encrypted_content", block["data"]);
    readRest(transcript, block, REDACTED);
  } else if (type.endsWith("tool_use")) {
    transcript.call(stringOf(block["name"]), block["input"]);
    if (typeof block["name"] !== "string") transcript.aside("name", block["name"]);
    readOfKind(transcript, block, TOOL_USE);
  } else if (type.endsWith("tool_result")) {
    readResult(transcript, block["content"]);
    readOfKind(transcript, block, TOOL_RESULT);
  } else if (!readAttachment(transcript, block, (text) => transcript.quote(text))) {
    readUnknown(transcript, block);
  }
}

function readOfKind(transcript: Transcript, block: Fields, known: Names): void {
  if (block["type"] !== "tool_use" && block["type"] !== "tool_result") transcript.aside("type", block["type"]);
  readRest(transcript, block, known);
}

const TEXT_ALONE = names("text");

function readUnknown(transcript: Transcript, block: Fields): void {
  if (typeof block["text"] !== "string") return transcript.quote(spell(block));
  transcript.words(block["text"]);
  readRest(transcript, block, TEXT_ALONE);
}

function readResult(transcript: Transcript, content: unknown): void {
  const parts: string[] = [];
  const blocks = Array.isArray(content) ? content : [content];
  for (const block of blocks) {
    if (!isFields(block)) {
      parts.push(spell(block));
    } else if (block["type"] === "text" && typeof block["text"] === "string") {
      parts.push(block["text"]);
      readRest(transcript, block, TEXT);
    } else if (!readAttachment(transcript, block, (text) => parts.push(text))) {
      parts.push(spell(block));
    }
  }
  transcript.result(...parts);
}

const SEARCH_RESULT = names("type title source content");
const ATTACHMENT = names("type source");
const DOCUMENT = names("type source title context");
const KIND_ALONE = names("type");

/** Blocks that carry something along, wherever they stand. False for blocks of another kind. */
function readAttachment(transcript: Transcript, block: Fields, quote: (text: string) => void): boolean {
  const type = block["type"];
  if (readImage(transcript, block, quote)) return true;
  if (type === "container_upload") {
    transcript.attach("file");
    readRest(transcript, block, KIND_ALONE);
  } else if (type === "document") {
    readDocument(transcript, block, quote);
  } else if (type === "search_result") {
    quote(spell([block["title"], block["source"], block["content"]]));
    readRest(transcript, block, SEARCH_RESULT);
  } else {
    return false;
  }
  return true;
}

function readImage(transcript: Transcript, block: Fields, quote: (text: string) => void): boolean {
  if (block["type"] !== "image") return false;
  transcript.attach("image");
  readSource(transcript, block["source"], mimeOf(block["source"]) || "image/*", quote);
  readRest(transcript, block, ATTACHMENT);
  return true;
}

function readDocument(transcript: Transcript, block: Fields, quote: (text: string) => void): void {
  const mime = mimeOf(block["source"]);
  transcript.attach(mime !== "" && isBase64(block["source"]) ? modalityOf(mime) : "file");
  quote(spell([block["title"], block["context"]]));
  readSource(transcript, block["source"], mime, quote);
  readRest(transcript, block, DOCUMENT);
}

function mimeOf(source: unknown): string {
  return isFields(source) ? stringOf(source["media_type"]) : "";
}

function isBase64(source: unknown): boolean {
  return isFields(source) && source["type"] === "base64";
}

const SOURCES = new Set<unknown>(["base64", "text", "content", "url", "file"]);
const SOURCE = names("type data content");

/** Where an attachment is: in the body as base64, text or blocks, or somewhere else by its address. */
function readSource(transcript: Transcript, value: unknown, mime: string, quote: (text: string) => void): void {
  if (!isFields(value)) return transcript.aside("source", value);
  const { type, data, content } = value;
  quote(isBase64(value) ? spellBase64(mime, data) : spell(data));
  quote(textOfBlocks(transcript, content));
  if (!SOURCES.has(type)) transcript.aside("type", type);
  readRest(transcript, value, SOURCE);
}

function textOfBlocks(transcript: Transcript, content: unknown): string {
  if (!Array.isArray(content)) return spell(content);
  const texts: string[] = [];
  for (const block of content) {
    if (isFields(block) && block["type"] === "text" && typeof block["text"] === "string") {
      texts.push(block["text"]);
      readRest(transcript, block, TEXT);
    } else if (!isFields(block) || !readImage(transcript, block, (text) => texts.push(text))) {
      texts.push(spell(block));
    }
  }
  return texts.filter((text) => text !== "").join("\n");
}

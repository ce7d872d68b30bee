import type { Block, Source, Turn } from "../form.ts";
import { fieldsAt, filledListAt, refuse, stringAt, unsupported, type Fields } from "../shape.ts";
import { refuseKind, refuseRest } from "./rest.ts";
import { spellArguments } from "./arguments.ts";
import { withCallSeals } from "./call-seal.ts";

/** The conversation. System turns before all others belong to the system texts. */
export function readTurns(value: unknown): { readonly system: readonly string[]; readonly turns: readonly Turn[] } {
  const system: string[] = [];
  const turns: Turn[] = [];
  filledListAt(value, "messages").forEach((element, index) => {
    const path = `messages.${index}`;
    const message = fieldsAt(element, path);
    refuseRest(message, MESSAGE, path);
    const role = roleOf(message["role"], `${path}.role`);
    if (role === "system" && turns.length === 0) system.push(...readTexts(message["content"], `${path}.content`));
    else turns.push({ role, blocks: withCallSeals(readContent(message["content"], `${path}.content`, role)) });
  });
  return { system, turns };
}

const MESSAGE = new Set(["role", "content"]);

function roleOf(value: unknown, path: string): Turn["role"] {
  if (value === "user" || value === "assistant" || value === "system") return value;
  return refuse(path, "user, assistant or system");
}

/** Content that may hold text only. */
export function readTexts(content: unknown, path: string): readonly string[] {
  return readContent(content, path, "system").map((block) => (block.kind === "text" ? block.text : ""));
}

type Reader = (block: Fields, path: string) => Block;

/** Kinds of blocks by where they may stand. `result` is what a tool gave back. */
const READERS: Readonly<Record<Turn["role"] | "result", ReadonlyMap<string, Reader>>> = {
  system: new Map([["text", readText]]),
  user: new Map<string, Reader>([
    ["text", readText],
    ["image", readImage],
    ["document", readDocument],
    ["tool_result", readResult],
  ]),
  assistant: new Map<string, Reader>([
    ["text", readText],
    ["tool_use", readCall],
    ["thinking", readThinking],
    ["redacted_thinking", readRedacted],
  ]),
  result: new Map([
    ["text", readText],
    ["image", readImage],
    ["document", readDocument],
  ]),
};

function readContent(content: unknown, path: string, where: keyof typeof READERS): readonly Block[] {
  if (typeof content === "string") return [{ kind: "text", text: content }];
  if (!Array.isArray(content)) return refuse(path, "a string or an array of blocks");
  return content.map((element: unknown, index) => {
    const at = `${path}.${index}`;
    const block = fieldsAt(element, at);
    const type = textAt(block["type"], `${at}.type`);
    const read = READERS[where].get(type);
    if (read) return read(block, at);
    const isMisplaced = Object.values(READERS).some((readers) => readers.has(type));
    return isMisplaced ? refuse(`${at}.type`, "a kind of block that may stand there") : refuseKind(type, at);
  });
}

const TEXT = new Set(["type", "text"]);

function readText(block: Fields, path: string): Block {
  refuseRest(block, TEXT, path);
  return { kind: "text", text: textAt(block["text"], `${path}.text`) };
}

const IMAGE = new Set(["type", "source", "transformations"]);

function readImage(block: Fields, path: string): Block {
  refuseRest(block, IMAGE, path);
  const changes = block["transformations"] ?? {};
  for (const [name, value] of Object.entries(fieldsAt(changes, `${path}.transformations`))) {
    // To be scaled down without a word is what happens to images in any case.
    if (value !== null && !(name === "oversized_image" && value === "downsize")) {
      unsupported(`${path}.transformations`, "it has no equal in its API");
    }
  }
  const source = readSource(block["source"], `${path}.source`);
  if (source.kind === "text") refuse(`${path}.source.type`, "base64, url or file");
  return { kind: "media", modality: "image", source };
}

const DOCUMENT = new Set(["type", "source", "title", "citations"]);

function readDocument(block: Fields, path: string): Block {
  refuseRest(block, DOCUMENT, path);
  const citations = fieldsAt(block["citations"] ?? {}, `${path}.citations`);
  if (citations["enabled"] === true) unsupported(`${path}.citations`, "it cannot cite documents in this form");
  const name = stringAt(block["title"], `${path}.title`);
  const source = readSource(block["source"], `${path}.source`);
  // The API reads documents from elsewhere as PDF only.
  const pdf = source.kind === "url" ? { ...source, mime: "application/pdf" } : source;
  return { kind: "media", modality: "file", source: pdf, ...(name !== undefined && { name }) };
}

function readSource(value: unknown, path: string): Source {
  const source = fieldsAt(value, path);
  switch (source["type"]) {
    case "base64": {
      const mime = textAt(source["media_type"], `${path}.media_type`);
      return { kind: "base64", mime, data: textAt(source["data"], `${path}.data`) };
    }
    case "url":
      return { kind: "url", url: textAt(source["url"], `${path}.url`) };
    case "file":
      return { kind: "file_id", id: textAt(source["file_id"], `${path}.file_id`) };
    case "text":
      return { kind: "text", text: textAt(source["data"], `${path}.data`) };
    case "content":
      return { kind: "text", text: readChunks(source["content"], `${path}.content`) };
    default:
      return refuse(`${path}.type`, "base64, url, file, text or content");
  }
}

/** Chunks of a document matter where it is cited; without that they are its text, and images among them have no place. */
function readChunks(content: unknown, path: string): string {
  const blocks = readContent(content, path, "result");
  return blocks
    .map((block, index) =>
      block.kind === "text" ? block.text : unsupported(`${path}.${index}`, "its documents hold text only"),
    )
    .join("\n");
}

const CALL = new Set(["type", "id", "name", "input", "caller"]);

function readCall(block: Fields, path: string): Block {
  refuseRest(block, CALL, path);
  const caller = fieldsAt(block["caller"] ?? { type: "direct" }, `${path}.caller`);
  if (caller["type"] !== "direct") unsupported(`${path}.caller`, "only a model itself can call tools there");
  return {
    kind: "tool_call",
    id: textAt(block["id"], `${path}.id`),
    name: textAt(block["name"], `${path}.name`),
    arguments: spellArguments(block["input"]) ?? refuse(`${path}.input`, "an object"),
  };
}

const RESULT = new Set(["type", "tool_use_id", "content", "is_error"]);

function readResult(block: Fields, path: string): Block {
  refuseRest(block, RESULT, path);
  return {
    kind: "tool_result",
    id: textAt(block["tool_use_id"], `${path}.tool_use_id`),
    content: readContent(block["content"] ?? [], `${path}.content`, "result"),
    isError: block["is_error"] === true,
  };
}

const THINKING = new Set(["type", "thinking", "signature"]);

function readThinking(block: Fields, path: string): Block {
  refuseRest(block, THINKING, path);
  const signature = stringAt(block["signature"], `${path}.signature`);
  return {
    kind: "thinking",
    text: textAt(block["thinking"], `${path}.thinking`),
    ...(signature && { signature }),
  };
}

const REDACTED = new Set(["type", "data"]);

function readRedacted(block: Fields, path: string): Block {
  refuseRest(block, REDACTED, path);
  return { kind: "thinking", text: "", redacted: textAt(block["data"], `${path}.data`) };
}

function textAt(value: unknown, path: string): string {
  return stringAt(value, path) ?? refuse(path, "a string");
}

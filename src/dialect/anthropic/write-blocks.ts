import { createHash } from "node:crypto";
import type { Block, Source, Turn } from "../form.ts";
import { refuse, unsupported, type Fields } from "../shape.ts";
import { parseArguments } from "./arguments.ts";

/** The conversation as messages whose roles alternate. System turns are said by the user. */
export function writeTurns(turns: readonly Turn[]): readonly Fields[] {
  const messages: { readonly role: string; readonly content: Fields[] }[] = [];
  for (const turn of turns) {
    const content = turn.blocks.flatMap((block) => writeBlock(block, turn.role));
    if (content.length === 0) continue;
    const role = turn.role === "assistant" ? "assistant" : "user";
    const open = messages.at(-1);
    if (open?.role === role) open.content.push(...content);
    else messages.push({ role, content });
  }
  return messages.map(({ role, content }) => ({ role, content: content.toSorted(resultsFirst) }));
}

/** The API wants the results of calls before all else that the user says. */
function resultsFirst(a: Fields, b: Fields): number {
  return Number(b["type"] === "tool_result") - Number(a["type"] === "tool_result");
}

/** Texts as blocks; the API refuses those that hold nothing but white space. */
export function writeTexts(texts: readonly string[]): Fields[] {
  return texts.filter((text) => text.trim() !== "").map((text) => ({ type: "text", text }));
}

function writeBlock(block: Block, role: Turn["role"]): Fields[] {
  switch (block.kind) {
    case "text":
    case "refusal":
      return writeTexts([block.text]);
    case "media":
      if (role === "assistant") unsupported(block.modality, "it takes none in the turns of the assistant");
      return [writeMedia(block)];
    case "thinking":
      return writeThought(block);
    case "tool_call":
      return [
        {
          type: "tool_use",
          id: idOf(block.id),
          name: block.name,
          input: parseArguments(block.arguments) ?? refuse("arguments", "a JSON object"),
        },
      ];
    default:
      return [writeResult(block)];
  }
}

function writeResult(block: Extract<Block, { kind: "tool_result" }>): Fields {
  const content = block.content.flatMap((part) => writeBlock(part, "user"));
  return {
    type: "tool_result",
    tool_use_id: idOf(block.id),
    ...(content.length > 0 && { content }),
    ...(block.isError && { is_error: true }),
  };
}

/** What is not signed did not come from this API, which refuses it. */
function writeThought(block: Extract<Block, { kind: "thinking" }>): Fields[] {
  if (block.redacted !== undefined) return [{ type: "redacted_thinking", data: block.redacted }];
  if (block.signature === undefined) return [];
  return [{ type: "thinking", thinking: block.text, signature: block.signature }];
}

const ID = /^[a-zA-Z0-9_-]+$/;

/** The API refuses other characters in ids. The same id becomes the same one in every request, so that caches hold. */
function idOf(id: string): string {
  return ID.test(id) ? id : `call_${createHash("sha256").update(id).digest("hex").slice(0, 32)}`;
}

type Media = Extract<Block, { kind: "media" }>;

function writeMedia(block: Media): Fields {
  if (block.modality === "image") return { type: "image", source: imageSource(block.source) };
  if (block.modality !== "file") return unsupported(block.modality, "it takes none");
  return {
    type: "document",
    source: documentSource(block.source),
    ...(block.name !== undefined && { title: block.name }),
  };
}

const IMAGES = new Set(["image/jpeg", "image/png", "image/gif", "image/webp"]);

function imageSource(source: Source): Fields {
  if (source.kind === "url") return { type: "url", url: source.url };
  if (source.kind !== "base64") return unsupported("image", "only its own account knows the file");
  if (!IMAGES.has(source.mime)) unsupported("image", "it takes JPEG, PNG, GIF and WebP");
  return { type: "base64", media_type: source.mime, data: source.data };
}

const PDF = "application/pdf";

function documentSource(source: Source): Fields {
  switch (source.kind) {
    case "text":
      return { type: "text", media_type: "text/plain", data: source.text };
    case "file_id":
      return unsupported("file", "only its own account knows it");
    case "url":
      if ((source.mime ?? PDF) !== PDF) unsupported("file", "what it reads from elsewhere is PDF only");
      return { type: "url", url: source.url };
    default:
      if (source.mime === PDF) return { type: "base64", media_type: PDF, data: source.data };
      if (!source.mime.startsWith("text/")) unsupported("file", "it takes PDF and text");
      return { type: "text", media_type: "text/plain", data: Buffer.from(source.data, "base64").toString("utf8") };
  }
}

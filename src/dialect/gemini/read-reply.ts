import { createHash } from "node:crypto";
import { RouterError } from "../../errors.ts";
import type { Block, Finish, Reply, Tokens } from "../form.ts";
import { isFields, listOf, stringOf, type Fields } from "../shape.ts";
import { modalityOf } from "../transcript.ts";
import { textOfObject } from "./nesting.ts";

/** What a part of an answer says. */
export type Piece = Extract<Block, { kind: "text" | "thinking" | "tool_call" | "media" }>;

/** A whole GenerateContentResponse. Errors: upstream_failed where it is none, or where the model failed at a call. */
export function readReply(body: Fields): Reply {
  if (errorOf(body) !== undefined) throw failed();
  const id = stringOf(body["responseId"]);
  const candidate = candidateOf(body);
  const blocks = joined(piecesOf(candidate, id, 0));
  const finish = finishOf(reasonOf(body), { calls: callsIn(blocks), blocks: blocks.length });
  if (finish === undefined) throw failed();
  const tokens = tokensOf(body);
  return { id, model: stringOf(body["modelVersion"]), blocks, finish, ...(tokens && { tokens }) };
}

function failed(): RouterError {
  return new RouterError("upstream_failed", "The upstream answered 200 with something that is no answer.");
}

/** The upstream's words where it sends an error in place of an answer, or of the rest of one. */
export function errorOf(body: Fields): string | undefined {
  const error = body["error"];
  if (error === undefined || error === null) return undefined;
  return (isFields(error) ? stringOf(error["message"]) : stringOf(error)) || "The upstream sent an error event.";
}

/** The only candidate: no more are asked for. */
export function candidateOf(body: Fields): Fields {
  const candidate = listOf(body["candidates"])[0];
  return isFields(candidate) ? candidate : {};
}

/** Why the answer ended, or that its prompt was blocked; empty where neither is said. */
export function reasonOf(body: Fields): string {
  const reason = stringOf(candidateOf(body)["finishReason"]);
  if (reason !== "" && reason !== "FINISH_REASON_UNSPECIFIED") return reason;
  const feedback = body["promptFeedback"];
  return isFields(feedback) && stringOf(feedback["blockReason"]) !== "" ? "SAFETY" : "";
}

const FINISHES: ReadonlyMap<string, Finish> = new Map([
  ["STOP", "stop"],
  ["MAX_TOKENS", "length"],
  ["CONTINUATION", "length"],
  ["SAFETY", "content_filter"],
  ["RECITATION", "content_filter"],
  ["LANGUAGE", "content_filter"],
  ["BLOCKLIST", "content_filter"],
  ["PROHIBITED_CONTENT", "content_filter"],
  ["SPII", "content_filter"],
  ["IMAGE_SAFETY", "content_filter"],
  ["IMAGE_PROHIBITED_CONTENT", "content_filter"],
  ["IMAGE_RECITATION", "content_filter"],
]);

/** The model tried to call a tool and could not: what it said before is not its answer. */
const FAILURES: ReadonlySet<string> = new Set([
  "MALFORMED_FUNCTION_CALL",
  "UNEXPECTED_TOOL_CALL",
  "TOO_MANY_TOOL_CALLS",
  "MALFORMED_RESPONSE",
  "MISSING_THOUGHT_SIGNATURE",
]);

/** Undefined where the upstream failed: it says so, or it ends for no known reason without having said anything. */
export function finishOf(
  reason: string,
  said: { readonly calls: number; readonly blocks: number },
): Finish | undefined {
  const known = FINISHES.get(reason);
  if (FAILURES.has(reason) || (known === undefined && said.blocks === 0)) return undefined;
  if (known !== undefined && known !== "stop") return known;
  return said.calls > 0 ? "tool_calls" : "stop";
}

function callsIn(blocks: readonly Block[]): number {
  return blocks.filter((block) => block.kind === "tool_call").length;
}

/** Undefined where the upstream does not count. The prompt's count holds what was cached; thoughts are counted apart. */
export function tokensOf(body: Fields): Tokens | undefined {
  const usage = body["usageMetadata"];
  if (!isFields(usage) || typeof usage["promptTokenCount"] !== "number") return undefined;
  const count = (name: string): number => {
    const value = usage[name];
    return typeof value === "number" && Number.isFinite(value) && value > 0 ? Math.round(value) : 0;
  };
  const reasoning = count("thoughtsTokenCount");
  return {
    input: count("promptTokenCount") + count("toolUsePromptTokenCount"),
    output: count("candidatesTokenCount") + reasoning,
    cachedInput: count("cachedContentTokenCount"),
    cacheWrite: 0,
    reasoning,
  };
}

/**
 * What a candidate's parts say, each by itself. `responseId` and `calls`, the number of calls before these, make the
 * ids of calls that have none. Parts that nothing asked for, such as code that Google ran, are left out.
 */
export function piecesOf(candidate: Fields, responseId: string, calls: number): readonly Piece[] {
  const content = candidate["content"];
  const pieces: Piece[] = [];
  let call = calls;
  for (const part of isFields(content) ? listOf(content["parts"]) : []) {
    const piece = isFields(part) ? pieceOf(part, `${responseId}/${call}`) : undefined;
    if (piece === undefined) continue;
    pieces.push(piece);
    if (piece.kind === "tool_call") call += 1;
  }
  return pieces;
}

function pieceOf(part: Fields, seed: string): Piece | undefined {
  const signature = stringOf(part["thoughtSignature"]);
  const signed = signature === "" ? {} : { signature };
  const text = stringOf(part["text"]);
  // Texts are signed too, but nobody has to send these signatures back, and the form has no place for them.
  if (part["thought"] === true) return text || signature ? { kind: "thinking", text, ...signed } : undefined;
  if (text !== "") return { kind: "text", text };
  const call = part["functionCall"];
  if (isFields(call)) return callOf(call, signed, seed);
  const blob = part["inlineData"];
  return isFields(blob) ? mediaOf(blob) : undefined;
}

function callOf(call: Fields, signed: { readonly signature?: string }, seed: string): Piece | undefined {
  const name = stringOf(call["name"]);
  const json = textOfObject(call["args"] ?? {});
  if (name === "" || json === undefined) return undefined;
  const id = stringOf(call["id"]) || idOf([seed, name, json]);
  return { kind: "tool_call", id, name, arguments: json, ...signed };
}

/** The same for the same call of the same answer, and in the form of ids that every API takes. */
function idOf(parts: readonly string[]): string {
  return `call_${createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 24)}`;
}

function mediaOf(blob: Fields): Piece | undefined {
  const mime = stringOf(blob["mimeType"]);
  const data = stringOf(blob["data"]);
  if (mime === "" || data === "") return undefined;
  const modality = modalityOf(mime);
  return { kind: "media", modality: modality === "text" ? "file" : modality, source: { kind: "base64", mime, data } };
}

/** Whether a piece goes on with the block before it. What is signed is whole. */
export function goesOn(before: Pick<Block, "kind"> & { readonly signature?: string }, piece: Piece): boolean {
  return (piece.kind === "text" || piece.kind === "thinking") && before.kind === piece.kind && !before.signature;
}

function joined(pieces: readonly Piece[]): readonly Block[] {
  const blocks: Piece[] = [];
  for (const piece of pieces) {
    const last = blocks.at(-1);
    if (last && "text" in last && "text" in piece && goesOn(last, piece)) {
      blocks[blocks.length - 1] = { ...last, ...piece, text: last.text + piece.text };
    } else {
      blocks.push(piece);
    }
  }
  return blocks;
}

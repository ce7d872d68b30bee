import { RouterError } from "../errors.ts";
import { DIALECTS } from "./index.ts";
import { isFields, stringOf } from "./shape.ts";
import type { ClientApi } from "./speech.ts";

/** A sentence is enough; what is longer may hold anything. */
const LONGEST = 1000;

/** What clients of OpenAI's APIs go by; and the words by which those of Anthropic's, which has no code for it, know it. */
const CODES: Readonly<Record<string, string>> = {
  context_length: "context_length_exceeded",
  content_filter: "content_filter",
};
const TOO_LONG = "prompt is too long";

/**
 * What an upstream that speaks another API said of a request that it refused, in the client's form. Its words go to
 * the client alone, as they would where both speak the same.
 * @param kind what it was refused for: `context_length` and `content_filter` are told so that clients know them
 */
export function refusalBody(api: ClientApi, bytes: Uint8Array, kind: string): Buffer {
  const words = (messageOf(bytes) || "The model server refused the request.").slice(0, LONGEST);
  if (api !== "anthropic-messages") {
    const code = Object.hasOwn(CODES, kind) ? CODES[kind] : "invalid_request";
    return Buffer.from(JSON.stringify({ error: { message: words, type: "invalid_request_error", param: null, code } }));
  }
  const isUntold = kind === "context_length" && !words.includes(TOO_LONG);
  const message = isUntold ? `${TOO_LONG}: ${words}` : words;
  return Buffer.from(DIALECTS[api].errorBody(new RouterError("invalid_request", message)));
}

function messageOf(bytes: Uint8Array): string {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
    const body: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
    if (!isFields(body)) return "";
    const error = body["error"];
    return isFields(error) ? stringOf(error["message"]) : stringOf(error) || stringOf(body["message"]);
  } catch {
    return "";
  }
}

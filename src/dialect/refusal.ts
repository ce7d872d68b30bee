import { RouterError } from "../errors.ts";
import { DIALECTS } from "./index.ts";
import { isFields, stringOf } from "./shape.ts";
import type { ClientApi } from "./speech.ts";

/** A sentence is enough; what is longer may hold anything. */
const LONGEST = 1000;

/**
 * What an upstream that speaks another API said of a request that it refused, in the client's form. Its words go to
 * the client alone, as they would where both speak the same.
 */
export function refusalBody(api: ClientApi, bytes: Uint8Array): Buffer {
  const message = messageOf(bytes) || "The model server refused the request.";
  return Buffer.from(DIALECTS[api].errorBody(new RouterError("invalid_request", message.slice(0, LONGEST))));
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

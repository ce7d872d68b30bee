import type { DescMessage } from "@bufbuild/protobuf";
import { findSpans, measure } from "../dialect/json.ts";
import { RouterError } from "../errors.ts";
import { encodingOf, readBody } from "./body.ts";
import type { Guest } from "./guest.ts";
import { boundItems, topString } from "./items.ts";
import type { Request } from "./listen.ts";
import { unreadable } from "./rpc-error.ts";

/** What is read of a request whose head does not say who asks, in bytes: its body may bring a client key. */
const STRANGER_BYTES = 1_048_576;

/**
 * The body of an RPC, one message, bounded before anything of it is built in memory: bytes, items, depth. Compressed
 * ones are not taken: a few kilobytes would become gigabytes before they could be counted.
 * Errors: those of readBody, too_many_items, too_deep, unsupported_media_type, invalid_request, unauthenticated.
 */
export async function receive(request: Request, input: DescMessage, { limits, admit }: Guest): Promise<Buffer> {
  if (encodingOf(request))
    throw new RouterError(
      "unsupported_media_type",
      "Send the message uncompressed: no content-encoding is taken here.",
    );
  const body = await (admit ? readStranger(request, limits) : readBody(request, limits));
  const type = request.headers["content-type"] ?? "";
  const message = ENVELOPED.test(type) ? unwrap(body) : body;
  const isJson = JSON_TYPE.test(type);
  if (isJson) measure(message, limits);
  else boundItems(input, message, limits.items);
  admit?.(isJson ? keyInJson(message) : topString(input, message, "client_key"));
  return body;
}

const ENVELOPED = /^application\/(?:grpc|connect)/i;
const JSON_TYPE = /json/i;

async function readStranger(request: Request, limits: Guest["limits"]): Promise<Buffer> {
  if (limits.bytes <= STRANGER_BYTES) return readBody(request, limits);
  try {
    return await readBody(request, { ...limits, bytes: STRANGER_BYTES });
  } catch (error) {
    if (!(error instanceof RouterError) || error.code !== "body_too_large") throw error;
    throw new RouterError(
      "unauthenticated",
      `Send the client key in a header, authorization: Bearer KEY: without one a message may have ${STRANGER_BYTES} bytes.`,
    );
  }
}

const HEAD = 5;
const COMPRESSED = 1;

/** The one message of an enveloped body: a byte of flags, four of length, the message, nothing behind it. */
function unwrap(body: Buffer): Uint8Array {
  if (body.length < HEAD || body.readUInt32BE(1) !== body.length - HEAD) throw unreadable(undefined);
  const flags = body[0]!;
  if (flags === COMPRESSED)
    throw new RouterError("unsupported_media_type", "Send the message uncompressed: no compression is taken here.");
  if (flags !== 0) throw unreadable(undefined);
  return body.subarray(HEAD);
}

/** The one that the decoder will take, if it takes the message at all. */
function keyInJson(message: Uint8Array): string {
  const spans = ["clientKey", "client_key"].flatMap((name) => findSpans(message, [name]));
  const last = spans.toSorted((a, b) => a.offset - b.offset).at(-1);
  if (!last) return "";
  try {
    const value: unknown = JSON.parse(Buffer.from(message).toString("utf8", last.offset, last.offset + last.length));
    return typeof value === "string" ? value : "";
  } catch {
    return "";
  }
}

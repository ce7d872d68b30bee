import type { JsonObject, MessageInitShape } from "@bufbuild/protobuf";
import { HeaderValueOption_HeaderAppendAction as Append } from "../../gen/envoy/config/core/v3/base_pb.ts";
import {
  ProcessingMode_BodySendMode as BodyMode,
  ProcessingMode_HeaderSendMode as HeaderMode,
} from "../../gen/envoy/extensions/filters/http/ext_proc/v3/processing_mode_pb.ts";
import type {
  ProcessingResponse,
  ProcessingResponseSchema,
} from "../../gen/envoy/service/ext_proc/v3/external_processor_pb.ts";
import { NAMESPACE } from "./head.ts";

/** Plain data, of which the encoder makes a message. */
export type Reply = Exclude<MessageInitShape<typeof ProcessingResponseSchema>, ProcessingResponse>;

/** Changes of a head. Removals come first. */
export interface HeadChange {
  readonly set?: Readonly<Record<string, string>>;
  readonly remove?: readonly string[];
}

/** A change with the route chosen anew, and what the gateway's log and other filters are told. */
interface Choice extends HeadChange {
  readonly reroute?: boolean;
  readonly metadata?: JsonObject | undefined;
}

/** A header that Envoy would refuse ends the request: it is left out. */
const FIT = /^[\t\u0020-\u007E]*$/;

/** Always `raw_value`: a header that is set by `value` comes out empty. */
function mutationOf({ set = {}, remove = [] }: HeadChange) {
  const fit = Object.entries(set).filter(([, value]) => FIT.test(value));
  return {
    setHeaders: fit.map(([key, value]) => ({
      header: { key, rawValue: Buffer.from(value) },
      appendAction: Append.OVERWRITE_IF_EXISTS_OR_ADD,
    })),
    removeHeaders: [...remove],
  };
}

const told = (metadata: JsonObject | undefined) => (metadata ? { dynamicMetadata: { [NAMESPACE]: metadata } } : {});

/** To the request's head: `reroute` counts only where a header changes too. */
export function requestHead({ reroute = false, metadata, ...change }: Choice): Reply {
  const response = { headerMutation: mutationOf(change), clearRouteCache: reroute };
  return { response: { case: "requestHeaders", value: { response } }, ...told(metadata) };
}

/** To a request that is none of ours: the gateway need not send the rest of it, where it lets us say so. */
export function nothingMore(change: HeadChange): Reply {
  const skip = { responseHeaderMode: HeaderMode.SKIP, requestBodyMode: BodyMode.NONE, responseBodyMode: BodyMode.NONE };
  return { ...requestHead(change), modeOverride: skip };
}

/** To the whole body of a request; `body` where it changes. */
export function requestBody({ reroute = false, metadata, ...change }: Choice, body?: Uint8Array): Reply {
  const response = {
    headerMutation: mutationOf(change),
    clearRouteCache: reroute,
    ...(body && { bodyMutation: { mutation: { case: "body" as const, value: bytesOf(body) } } }),
  };
  return { response: { case: "requestBody", value: { response } }, ...told(metadata) };
}

export const unchangedRequestBody: Reply = { response: { case: "requestBody", value: {} } };
export const unchangedRequestTrailers: Reply = { response: { case: "requestTrailers", value: {} } };

/** Implementations hold back windows of 64 KB: no piece may be larger. */
const PIECE_BYTES = 62_000;

/** A body in pieces, as FULL_DUPLEX_STREAMED has it: what is not sent back is lost. */
export function requestPieces(body: Uint8Array, endOfStream: boolean): Reply[] {
  return piecesOf(body, endOfStream).map((piece) => ({
    response: { case: "requestBody", value: { response: { bodyMutation: streamed(piece) } } },
  }));
}

export function responsePieces(body: Uint8Array, endOfStream: boolean, metadata?: JsonObject): Reply[] {
  return piecesOf(body, endOfStream).map((piece, index, { length }) => ({
    response: { case: "responseBody", value: { response: { bodyMutation: streamed(piece) } } },
    ...(index === length - 1 && told(metadata)),
  }));
}

interface Piece {
  readonly body: Uint8Array;
  readonly endOfStream: boolean;
}

const streamed = ({ body, endOfStream }: Piece) => ({
  mutation: { case: "streamedResponse" as const, value: { body: bytesOf(body), endOfStream } },
});

function piecesOf(body: Uint8Array, endOfStream: boolean): Piece[] {
  const count = Math.max(1, Math.ceil(body.length / PIECE_BYTES));
  return Array.from({ length: count }, (_, index) => ({
    body: body.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES),
    endOfStream: endOfStream && index === count - 1,
  }));
}

/** To the answer's head. `unbuffer`: its body shall come as it arrives, and not when it is whole. */
export function responseHead(change: HeadChange, unbuffer: boolean, metadata?: JsonObject): Reply {
  // A length that was told for a buffered body would cut a streamed one.
  const all = unbuffer ? { ...change, remove: [...(change.remove ?? []), "content-length"] } : change;
  return {
    response: { case: "responseHeaders", value: { response: { headerMutation: mutationOf(all) } } },
    ...told(metadata),
    ...(unbuffer && {
      modeOverride: {
        responseHeaderMode: HeaderMode.SEND,
        requestBodyMode: BodyMode.BUFFERED,
        responseBodyMode: BodyMode.STREAMED,
      },
    }),
  };
}

/** Instead of what came of an answer: all of it, or what has come of a stream. */
export function responseBody(body: Uint8Array, mode: BodyMode, metadata?: JsonObject): Reply {
  const mutation =
    body.length === 0 ? { case: "clearBody" as const, value: true } : { case: "body" as const, value: bytesOf(body) };
  const headers = mode === BodyMode.BUFFERED ? { "content-length": String(body.length) } : {};
  const response = { headerMutation: mutationOf({ set: headers }), bodyMutation: { mutation } };
  return { response: { case: "responseBody", value: { response } }, ...told(metadata) };
}

export const unchangedResponseBody = (metadata?: JsonObject): Reply => ({
  response: { case: "responseBody", value: {} },
  ...told(metadata),
});

export const unchangedResponseTrailers = (metadata?: JsonObject): Reply => ({
  response: { case: "responseTrailers", value: {} },
  ...told(metadata),
});

/** An answer of ours. `details` stands in the gateway's access log. */
export function immediate(
  answer: { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string },
  details: string,
): Reply {
  return {
    response: {
      case: "immediateResponse",
      value: {
        status: { code: answer.status },
        headers: mutationOf({ set: { "content-type": "application/json", ...answer.headers } }),
        body: Buffer.from(answer.body),
        details,
      },
    },
  };
}

/** The generated types want bytes over a plain ArrayBuffer; ours never lie in a shared one. */
const bytesOf = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => bytes as Uint8Array<ArrayBuffer>;

import {
  HeaderValueOption_HeaderAppendAction as Append,
  HeaderValueOptionSchema,
  HeaderValueSchema,
} from "../../gen/envoy/config/core/v3/base_pb.ts";
import {
  ProcessingMode_BodySendMode as BodyMode,
  ProcessingMode_HeaderSendMode as HeaderMode,
  ProcessingModeSchema,
} from "../../gen/envoy/extensions/filters/http/ext_proc/v3/processing_mode_pb.ts";
import {
  BodyMutationSchema,
  BodyResponseSchema,
  CommonResponseSchema,
  HeaderMutationSchema,
  ImmediateResponseSchema,
  ProcessingResponseSchema,
  StreamedBodyResponseSchema,
} from "../../gen/envoy/service/ext_proc/v3/external_processor_pb.ts";
import { HttpStatusSchema } from "../../gen/envoy/type/v3/http_status_pb.ts";
import * as encode from "./encode.ts";
import { NAMESPACE } from "./messages.ts";

/** A message as it goes out, with its frame. */
export type Reply = Buffer;

/** What the gateway's log and other filters are told, by name. */
export type Metadata = Readonly<Record<string, string | number | boolean>>;

/** Changes of a head. Removals come first. */
export interface HeadChange {
  readonly set?: Readonly<Record<string, string>>;
  readonly remove?: readonly string[];
}

/** A change with the route chosen anew, and what the gateway's log and other filters are told. */
interface Choice extends HeadChange {
  readonly reroute?: boolean;
  readonly metadata?: Metadata | undefined;
}

const REPLY = ProcessingResponseSchema.field;
const COMMON = CommonResponseSchema.field;
const HEADERS = HeaderMutationSchema.field;
const OPTION = HeaderValueOptionSchema.field;
const HEADER = HeaderValueSchema.field;
const BODY = BodyMutationSchema.field;
const PIECE = StreamedBodyResponseSchema.field;
const MODE = ProcessingModeSchema.field;
const IMMEDIATE = ImmediateResponseSchema.field;
/** The same field of the replies to heads and to bodies. */
const RESPONSE = BodyResponseSchema.field.response.number;

type Slot = "requestHeaders" | "responseHeaders" | "requestBody" | "responseBody";
type Modes = Readonly<Record<"responseHeaderMode" | "requestBodyMode" | "responseBodyMode", number>>;

interface Said {
  readonly change?: HeadChange;
  readonly body?: NewBody | undefined;
  readonly reroute?: boolean;
  readonly metadata?: Metadata | undefined;
  readonly modes?: Modes | undefined;
}

/** `end` undefined: a whole body; else a piece of one that passes both ways, the last one or not. */
interface NewBody {
  readonly bytes: Uint8Array;
  readonly end?: boolean;
}

function reply(slot: Slot, { change, body, reroute = false, metadata, modes }: Said): Reply {
  return encode.framed(() => {
    if (modes) encode.message(REPLY.modeOverride.number, () => writeModes(modes));
    if (metadata) encode.message(REPLY.dynamicMetadata.number, () => writeMetadata(metadata));
    encode.message(REPLY[slot].number, () => {
      if (!change && !body && !reroute) return;
      encode.message(RESPONSE, () => {
        if (reroute) encode.number(COMMON.clearRouteCache.number, 1);
        if (body) encode.message(COMMON.bodyMutation.number, () => writeBody(body));
        if (change) encode.message(COMMON.headerMutation.number, () => writeChange(change));
      });
    });
  });
}

function writeModes({ responseHeaderMode, requestBodyMode, responseBodyMode }: Modes): void {
  encode.number(MODE.responseHeaderMode.number, responseHeaderMode);
  encode.number(MODE.requestBodyMode.number, requestBodyMode);
  encode.number(MODE.responseBodyMode.number, responseBodyMode);
}

/** Fields of google.protobuf: a Struct is a map of names to Values, and an entry of a map a name and a value. */
const FIELDS = 1;
const NAME = 1;
const VALUE = 2;
const OF_VALUE = { number: 2, string: 3, boolean: 4, struct: 5 } as const;

function writeMetadata(metadata: Metadata): void {
  encode.message(FIELDS, () => {
    encode.message(VALUE, () =>
      encode.message(OF_VALUE.struct, () => {
        for (const [name, value] of Object.entries(metadata)) writeEntry(name, value);
      }),
    );
    encode.text(NAME, NAMESPACE);
  });
}

function writeEntry(name: string, value: string | number | boolean): void {
  encode.message(FIELDS, () => {
    encode.message(VALUE, () => {
      if (typeof value === "string") encode.text(OF_VALUE.string, value);
      else if (typeof value === "number") encode.double(OF_VALUE.number, value);
      else encode.number(OF_VALUE.boolean, value ? 1 : 0);
    });
    encode.text(NAME, name);
  });
}

/** A header that Envoy would refuse ends the request: it is left out. */
const FIT = /^[\t\u0020-\u007E]*$/;

function writeChange({ set = {}, remove = [] }: HeadChange): void {
  for (const name of remove.toReversed()) encode.text(HEADERS.removeHeaders.number, name);
  for (const [name, value] of Object.entries(set).toReversed()) {
    if (!FIT.test(value)) continue;
    encode.message(HEADERS.setHeaders.number, () => {
      encode.number(OPTION.appendAction.number, Append.OVERWRITE_IF_EXISTS_OR_ADD);
      encode.message(OPTION.header.number, () => writeHeader(name, value));
    });
  }
}

/** Always `raw_value`: a header that is set by `value` comes out empty. */
function writeHeader(name: string, value: string): void {
  encode.text(HEADER.rawValue.number, value);
  encode.text(HEADER.key.number, name);
}

function writeBody({ bytes, end }: NewBody): void {
  if (end !== undefined) encode.message(BODY.streamedResponse.number, () => writePiece(bytes, end));
  else if (bytes.length === 0) encode.number(BODY.clearBody.number, 1);
  else encode.bytes(BODY.body.number, bytes);
}

function writePiece(bytes: Uint8Array, end: boolean): void {
  if (end) encode.number(PIECE.endOfStream.number, 1);
  encode.bytes(PIECE.body.number, bytes);
}

/** To the request's head: `reroute` counts only where a header changes too. */
export function requestHead({ reroute = false, metadata, ...change }: Choice): Reply {
  return reply("requestHeaders", { change, reroute, metadata });
}

/** To a request that is none of ours: the gateway need not send the rest of it, where it lets us say so. */
export function nothingMore(change: Choice): Reply {
  const { reroute = false, ...rest } = change;
  const modes = {
    responseHeaderMode: HeaderMode.SKIP,
    requestBodyMode: BodyMode.NONE,
    responseBodyMode: BodyMode.NONE,
  };
  return reply("requestHeaders", { change: rest, reroute, modes });
}

/** To the whole body of a request; `body` where it changes. */
export function requestBody({ reroute = false, metadata, ...change }: Choice, body?: Uint8Array): Reply {
  return reply("requestBody", { change, reroute, metadata, body: body && { bytes: body } });
}

export const unchangedRequestBody: Reply = reply("requestBody", {});
export const unchangedRequestTrailers: Reply = encode.framed(() =>
  encode.message(REPLY.requestTrailers.number, () => undefined),
);

/** Implementations hold back windows of 64 KB: no piece may be larger. */
const PIECE_BYTES = 62_000;

/** A body in pieces, as FULL_DUPLEX_STREAMED has it: what is not sent back is lost. */
export function requestPieces(body: Uint8Array, endOfStream: boolean): Reply[] {
  return piecesOf(body, endOfStream).map((piece) => reply("requestBody", { body: piece }));
}

export function responsePieces(body: Uint8Array, endOfStream: boolean, metadata?: Metadata): Reply[] {
  return piecesOf(body, endOfStream).map((piece, index, { length }) =>
    reply("responseBody", { body: piece, metadata: index === length - 1 ? metadata : undefined }),
  );
}

function piecesOf(body: Uint8Array, endOfStream: boolean): Array<Required<NewBody>> {
  const count = Math.max(1, Math.ceil(body.length / PIECE_BYTES));
  return Array.from({ length: count }, (_, index) => ({
    bytes: body.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES),
    end: endOfStream && index === count - 1,
  }));
}

/** To the answer's head. `unbuffer`: its body shall come as it arrives, and not when it is whole. */
export function responseHead(change: HeadChange, unbuffer: boolean, metadata?: Metadata): Reply {
  if (!unbuffer) return reply("responseHeaders", { change, metadata });
  const modes = {
    responseHeaderMode: HeaderMode.SEND,
    requestBodyMode: BodyMode.BUFFERED,
    responseBodyMode: BodyMode.STREAMED,
  };
  // A length that was told for a buffered body would cut a streamed one.
  const all = { ...change, remove: [...(change.remove ?? []), "content-length"] };
  return reply("responseHeaders", { change: all, metadata, modes });
}

/** Instead of what came of an answer: all of it, or what has come of a stream. */
export function responseBody(bytes: Uint8Array, mode: BodyMode, metadata?: Metadata): Reply {
  const set = mode === BodyMode.BUFFERED ? { "content-length": String(bytes.length) } : {};
  return reply("responseBody", { change: { set }, body: { bytes }, metadata });
}

const PASSED = reply("responseBody", {});

export const unchangedResponseBody = (metadata?: Metadata): Reply =>
  metadata ? reply("responseBody", { metadata }) : PASSED;

export function unchangedResponseTrailers(metadata?: Metadata): Reply {
  return encode.framed(() => {
    if (metadata) encode.message(REPLY.dynamicMetadata.number, () => writeMetadata(metadata));
    encode.message(REPLY.responseTrailers.number, () => undefined);
  });
}

/** An answer of ours. */
export interface OwnAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** @param details stands in the gateway's access log */
export function immediate({ status, headers, body }: OwnAnswer, details: string, metadata?: Metadata): Reply {
  const set = { "content-type": "application/json", ...headers };
  return encode.framed(() => {
    if (metadata) encode.message(REPLY.dynamicMetadata.number, () => writeMetadata(metadata));
    encode.message(REPLY.immediateResponse.number, () => {
      encode.text(IMMEDIATE.details.number, details);
      if (typeof body === "string") encode.text(IMMEDIATE.body.number, body);
      else encode.bytes(IMMEDIATE.body.number, body);
      encode.message(IMMEDIATE.headers.number, () => writeChange({ set }));
      encode.message(IMMEDIATE.status.number, () => encode.number(HttpStatusSchema.field.code.number, status));
    });
  });
}

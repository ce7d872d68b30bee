/**
 * The gateway's end of external processing: a gRPC client that is a real HTTP/2 client and says whatever it is told
 * to, and on top of it Envoy's part as its documents and its binary have it: what it sends in which mode, what it
 * makes of the answers, and what it does not forgive.
 */
import { once } from "node:events";
import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import { create, fromBinary, toBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { ProcessingMode_BodySendMode as BodyMode } from "../../src/gen/envoy/extensions/filters/http/ext_proc/v3/processing_mode_pb.ts";
import {
  ProcessingRequestSchema,
  ProcessingResponseSchema,
  type HeaderMutation,
  type ProcessingResponse,
} from "../../src/gen/envoy/service/ext_proc/v3/external_processor_pb.ts";

export { BodyMode };

const PATH = "/envoy.service.ext_proc.v3.ExternalProcessor/Process";

export type Message = Exclude<
  MessageInitShape<typeof ProcessingRequestSchema>,
  { $typeName: "envoy.service.ext_proc.v3.ProcessingRequest" }
>;

/** What a message says of the request or its answer. */
export type Part = NonNullable<Message["request"]>;

/** How a stream ended: the gRPC status with our code beside it, or neither where it was cut. */
export interface Ended {
  readonly status: number | undefined;
  readonly code: string | undefined;
}

export interface ProcessStream {
  send(...messages: readonly Message[]): void;
  /** Bytes as they are, frame heads included. */
  write(bytes: Uint8Array): void;
  /** The next answer; undefined where the stream ends before it. */
  next(): Promise<ProcessingResponse | undefined>;
  end(): void;
  /** The way Envoy ends a stream that it is done with. */
  reset(code?: number): void;
  readonly ended: Promise<Ended>;
}

export interface GatewayEnd {
  open(metadata?: Readonly<Record<string, string>>): ProcessStream;
  readonly session: ClientHttp2Session;
  close(): Promise<void>;
}

/** One connection to a house at this URL. */
export async function connectGateway(url: string): Promise<GatewayEnd> {
  const session = connect(url);
  session.on("error", () => undefined);
  await once(session, "connect");
  return {
    session,
    open: (metadata = {}) =>
      streamOn(
        session.request({
          ":method": "POST",
          ":path": PATH,
          "content-type": "application/grpc",
          te: "trailers",
          ...metadata,
        }),
      ),
    async close() {
      if (session.destroyed) return;
      const closed = once(session, "close");
      session.destroy();
      await closed;
    },
  };
}

function streamOn(stream: ClientHttp2Stream): ProcessStream {
  const arrived: ProcessingResponse[] = [];
  const waiting: Array<(reply: ProcessingResponse | undefined) => void> = [];
  const { promise: ended, resolve } = Promise.withResolvers<Ended>();
  let told: Ended = { status: undefined, code: undefined };
  let rest = Buffer.alloc(0);
  let isOver = false;
  const read = (headers: Readonly<Record<string, unknown>>): void => {
    if (headers["grpc-status"] === undefined) return;
    const code = headers["x-signalbox-error"];
    told = { status: Number(headers["grpc-status"]), code: typeof code === "string" ? code : undefined };
  };
  stream.on("error", () => undefined);
  stream.on("response", read);
  stream.on("trailers", read);
  stream.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
      const end = 5 + rest.readUInt32BE(1);
      const reply = fromBinary(ProcessingResponseSchema, rest.subarray(5, end));
      rest = rest.subarray(end);
      const next = waiting.shift();
      if (next) next(reply);
      else arrived.push(reply);
    }
  });
  stream.once("close", () => {
    isOver = true;
    resolve(told);
    for (const next of waiting.splice(0)) next(undefined);
  });
  return {
    ended,
    send: (...messages) => messages.forEach((message) => stream.write(frameOf(message))),
    write: (bytes) => void stream.write(bytes),
    end: () => void stream.end(),
    reset: (code = constants.NGHTTP2_INTERNAL_ERROR) => stream.close(code),
    next() {
      const there = arrived.shift();
      if (there || isOver) return Promise.resolve(there);
      return new Promise((tell) => waiting.push(tell));
    },
  };
}

export function frameOf(message: Message): Buffer {
  const bytes = toBinary(ProcessingRequestSchema, create(ProcessingRequestSchema, message));
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** Names and values in the order of the wire; a name may come twice. */
export type HeaderList = ReadonlyArray<readonly [name: string, value: string]>;

const headerMap = (headers: HeaderList) => ({
  headers: headers.map(([key, value]) => ({ key, rawValue: Buffer.from(value) })),
});

export const requestHeaders = (headers: HeaderList, endOfStream = false): Part => ({
  case: "requestHeaders",
  value: { headers: headerMap(headers), endOfStream },
});
export const requestBody = (body: Uint8Array, endOfStream = true): Part => ({
  case: "requestBody",
  value: { body: Uint8Array.from(body), endOfStream },
});
export const responseHeaders = (headers: HeaderList, endOfStream = false): Part => ({
  case: "responseHeaders",
  value: { headers: headerMap(headers), endOfStream },
});
export const responseBody = (body: Uint8Array, endOfStream = true): Part => ({
  case: "responseBody",
  value: { body: Uint8Array.from(body), endOfStream },
});

/** Modes in which the whole body is there before anything is decided. */
export type WholeMode = typeof BodyMode.BUFFERED | typeof BodyMode.FULL_DUPLEX_STREAMED;

export interface Passage {
  readonly headers: HeaderList;
  readonly body: Uint8Array;
  readonly mode: WholeMode;
  /** Of the answer; STREAMED unless the request's is FULL_DUPLEX_STREAMED. */
  readonly responseMode?: BodyMode;
  /** In how many pieces the body comes, where it is streamed. */
  readonly pieces?: number;
  readonly trailers?: boolean;
  readonly tenant?: string;
}

/** What the gateway does with the request: sends it on, or answers itself. */
export type Onward =
  | {
      readonly kind: "forward";
      readonly headers: HeaderList;
      readonly body: Buffer;
      readonly rerouted: boolean;
      readonly metadata: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: "immediate"; readonly status: number; readonly headers: HeaderList; readonly body: string };

/** The request direction as Envoy has it. Throws where it would answer 500. */
export async function sendThrough(stream: ProcessStream, passage: Passage): Promise<Onward> {
  const isDuplex = passage.mode === BodyMode.FULL_DUPLEX_STREAMED;
  const responseBodyMode = passage.responseMode ?? (isDuplex ? BodyMode.FULL_DUPLEX_STREAMED : BodyMode.STREAMED);
  const isEmpty = passage.body.length === 0 && !passage.trailers;
  stream.send({
    request: requestHeaders(passage.headers, isEmpty),
    protocolConfig: { requestBodyMode: passage.mode, responseBodyMode },
    ...(passage.tenant !== undefined && {
      metadataContext: { filterMetadata: { signalbox: { tenant: passage.tenant } } },
    }),
  });
  const draft = draftOf(passage.headers);
  if (isDuplex && !isEmpty) return throughDuplex(stream, passage, draft);
  let done = draft.head(await stream.next());
  if (done) return done;
  if (!isEmpty && !draft.skipsBody) {
    stream.send({ request: requestBody(passage.body, !passage.trailers) });
    done = draft.wholeBody(await stream.next(), passage.body);
    if (done) return done;
    if (passage.trailers) {
      stream.send({ request: { case: "requestTrailers", value: {} } });
      draft.trailers(await stream.next());
    }
  }
  return draft.finish(passage.body);
}

async function throughDuplex(stream: ProcessStream, passage: Passage, draft: Draft): Promise<Onward> {
  const size = Math.max(1, Math.ceil(passage.body.length / (passage.pieces ?? 1)));
  for (let at = 0; at < passage.body.length; at += size)
    stream.send({ request: requestBody(passage.body.subarray(at, at + size), false) });
  if (passage.trailers) stream.send({ request: { case: "requestTrailers", value: {} } });
  else stream.send({ request: requestBody(Buffer.alloc(0), true) });
  const done = draft.head(await stream.next());
  if (done) return done;
  const pieces: Uint8Array[] = [];
  for (;;) {
    const reply = await stream.next();
    if (passage.trailers && reply?.response.case === "requestTrailers") break;
    const piece = draft.piece(reply);
    pieces.push(piece.body);
    if (piece.endOfStream && !passage.trailers) break;
    if (piece.endOfStream) throw new Error("500: the body ended before its trailers");
  }
  return draft.finish(passage.body, Buffer.concat(pieces));
}

type Draft = ReturnType<typeof draftOf>;

/** The request as answers change it. */
function draftOf(original: HeaderList) {
  let headers = [...original];
  let body: Uint8Array | undefined;
  let rerouted = false;
  let skipsBody = false;
  const metadata: Record<string, unknown> = {};

  function take(reply: ProcessingResponse | undefined): Onward | undefined {
    if (!reply) throw new Error("500: the stream ended before its answer");
    Object.assign(metadata, reply.dynamicMetadata?.["signalbox"]);
    if (reply.response.case !== "immediateResponse") return undefined;
    const { status, headers: set, body: said } = reply.response.value;
    return {
      kind: "immediate",
      status: status!.code,
      headers: changed([], set),
      body: Buffer.from(said).toString("utf8"),
    };
  }
  function common(mutation: HeaderMutation | undefined, clears: boolean): void {
    const changes = mutation && mutation.setHeaders.length + mutation.removeHeaders.length > 0;
    headers = changed(headers, mutation);
    if (clears && changes) rerouted = true;
  }
  return {
    get skipsBody() {
      return skipsBody;
    },
    head(reply: ProcessingResponse | undefined): Onward | undefined {
      const immediate = take(reply);
      if (immediate) return immediate;
      const { response } = reply!;
      if (response.case !== "requestHeaders") throw new Error(`500: spurious ${response.case} instead of a head`);
      common(response.value.response?.headerMutation, response.value.response?.clearRouteCache ?? false);
      skipsBody = reply!.modeOverride?.requestBodyMode === BodyMode.NONE;
      return undefined;
    },
    wholeBody(reply: ProcessingResponse | undefined, sent: Uint8Array): Onward | undefined {
      const immediate = take(reply);
      if (immediate) return immediate;
      const { response } = reply!;
      if (response.case !== "requestBody") throw new Error(`500: spurious ${response.case} instead of a body`);
      common(response.value.response?.headerMutation, response.value.response?.clearRouteCache ?? false);
      const mutation = response.value.response?.bodyMutation?.mutation;
      if (mutation?.case === "streamedResponse") throw new Error("500: streamed_response outside FULL_DUPLEX_STREAMED");
      body = mutation?.case === "body" ? mutation.value : sent;
      const length = headers.find(([name]) => name === "content-length")?.[1];
      if (length !== undefined && Number(length) !== body.length) throw new Error("500: content-length does not match");
      return undefined;
    },
    piece(reply: ProcessingResponse | undefined): { body: Uint8Array; endOfStream: boolean } {
      if (take(reply)) throw new Error("an answer of its own after the head was let go");
      const { response } = reply!;
      const mutation = response.case === "requestBody" ? response.value.response?.bodyMutation?.mutation : undefined;
      if (mutation?.case !== "streamedResponse") throw new Error(`500: ${response.case} without streamed_response`);
      return mutation.value;
    },
    trailers(reply: ProcessingResponse | undefined): void {
      if (reply?.response.case !== "requestTrailers") throw new Error("500: no answer to the trailers");
    },
    finish: (sent: Uint8Array, streamed?: Uint8Array): Onward => ({
      kind: "forward",
      headers: streamed ? headers.filter(([name]) => name !== "content-length") : headers,
      body: Buffer.from(streamed ?? body ?? sent),
      rerouted,
      metadata,
    }),
  };
}

const IMMUTABLE = /^(?:host|:authority|:scheme|:method|x-envoy-.*)$/;

/** Removals first; a header that is set by `value` would come out empty. */
function changed(headers: HeaderList, mutation: HeaderMutation | undefined): Array<readonly [string, string]> {
  const removed = new Set((mutation?.removeHeaders ?? []).map((name) => name.toLowerCase()));
  let now = headers.filter(
    ([name]) => !removed.has(name.toLowerCase()) || IMMUTABLE.test(name) || name.startsWith(":"),
  );
  for (const { header } of mutation?.setHeaders ?? []) {
    if (!header || header.value !== "" || /[\r\n]/.test(String(header.rawValue)))
      throw new Error("500: a header that cannot be set");
    if (IMMUTABLE.test(header.key)) continue;
    now = now.filter(([name]) => name.toLowerCase() !== header.key);
    now = [...now, [header.key, Buffer.from(header.rawValue).toString("utf8")]];
  }
  return [...now];
}

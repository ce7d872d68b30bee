import { Readable } from "node:stream";
import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError, createConnectRouter, type ConnectRouter } from "@connectrpc/connect";
import { universalRequestFromNodeRequest, universalResponseToNodeResponse } from "@connectrpc/connect-node";
import { createAsyncIterable, type UniversalHandler, type UniversalServerResponse } from "@connectrpc/connect/protocol";
import { trailerFlag, trailerParse, trailerSerialize } from "@connectrpc/connect/protocol-grpc-web";
import { ERRORS, RouterError } from "../errors.ts";
import type { Guest } from "./guest.ts";
import type { Door, Request, Response } from "./listen.ts";
import { receive } from "./message.ts";
import { send } from "./reply.ts";
import { ERROR_HEADER, JSON_OPTIONS, jsonOf, refuse, snakeCase, tellConnectError, unreadable } from "./rpc-error.ts";
import { isPlain, type UnaryMethod } from "./unary.ts";

export interface ConnectDoorOptions {
  routes(router: ConnectRouter): void;
  /** The methods that plain JSON reaches without Connect. */
  readonly plain: readonly UnaryMethod[];
  /** Takes a place for a request, before its body is read. Errors: unavailable, unauthenticated. */
  enter(method: DescMethod, request: Request): Guest;
  fault(where: string, error: unknown): void;
}

/** Bodies are bounded before Connect sees them, by limits that a reload may change; its own is fixed. */
const CONNECT_MAX_BYTES = 2 ** 30;

/**
 * Connect's router as a door. A request has its place, and who asks is known, before its body is read; the body is
 * read and bounded here. Every refusal has a body with a code, also where Connect would send none, and what Connect
 * itself finds wrong with a request is told in our words: its own quote the request.
 *
 * Plain JSON over POST, the way most requests come, is answered as Connect's protocol has it, but without Connect: its
 * handler takes the same request through web streams, Headers and abort signals, which costs more than the decision.
 */
export function createConnectDoor(options: ConnectDoorOptions): Door {
  const router = createConnectRouter({
    readMaxBytes: CONNECT_MAX_BYTES,
    acceptCompression: [],
    jsonOptions: JSON_OPTIONS,
  });
  options.routes(router);
  const rpcs = new Map(router.handlers.map((rpc) => [rpc.requestPath, rpc]));
  const plain = new Map(options.plain.map((method) => [method.path, method]));

  const take = async (rpc: UniversalHandler, request: Request, guest: Guest): Promise<Buffer> => {
    try {
      return await receive(request, rpc.method.input, guest);
    } catch (caught) {
      guest.refused(RouterError.from(caught));
      throw caught;
    }
  };
  const servePlain = async (
    method: UnaryMethod,
    rpc: UniversalHandler,
    request: Request,
    response: Response,
  ): Promise<void> => {
    const guest = options.enter(rpc.method, request);
    try {
      const text = await method.answer(await take(rpc, request, guest), guest.values);
      send(response, 200, { "content-type": "application/json" }, text);
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      tellConnectError(response, error);
    } finally {
      guest.leave();
    }
  };
  const serve = async (rpc: UniversalHandler, request: Request, response: Response): Promise<void> => {
    const guest = options.enter(rpc.method, request);
    response.once("close", () => guest.leave());
    // Made before the body is read, since it notices a client that leaves.
    const call = universalRequestFromNodeRequest(request, response, undefined, guest.values);
    const body = createAsyncIterable([await take(rpc, request, guest)]);
    await universalResponseToNodeResponse(await inOurWords(await rpc({ ...call, body })), response);
  };
  return (request, response) => {
    const rpc = rpcs.get((request.url ?? "/").split("?", 1)[0]!);
    const refused = whyRefused(rpc, request);
    if (!rpc || refused) return refuse(request, response, refused ?? new RouterError("unknown_path", NO_METHOD));
    const method = isPlain(request) ? plain.get(rpc.requestPath) : undefined;
    const served = method ? servePlain(method, rpc, request, response) : serve(rpc, request, response);
    served.catch((caught: unknown) => {
      const error = RouterError.from(caught);
      const isGone = response.headersSent || response.destroyed || error.code === "client_gone";
      if (!isGone && error.code === "internal") options.fault("rpc door", caught);
      if (isGone) response.destroy();
      else refuse(request, response, error);
    });
  };
}

const NO_METHOD = "The service has no such method.";
const PATH = /^\/[\w./-]*(?:\?|$)/;

/** What Connect would answer without a body, or fall over. */
function whyRefused(rpc: UniversalHandler | undefined, request: Request): RouterError | undefined {
  if (!rpc) return undefined;
  if (!rpc.allowedMethods.includes(request.method ?? ""))
    return new RouterError("method_not_allowed", `This path takes ${rpc.allowedMethods.join(" and ")}.`);
  if (!rpc.supportedContentType(request.headers["content-type"] ?? ""))
    return new RouterError("unsupported_media_type", "Send application/json, application/proto or application/grpc.");
  const authority = request.headers[":authority"] ?? request.headers.host;
  if (!PATH.test(request.url ?? "") || typeof authority !== "string" || !URL.canParse(`http://${authority}`))
    return new RouterError("invalid_request", "The request names no host that could be one.");
  return undefined;
}

/** Errors that carry our code are ours and stay as they are; the rest are Connect's own. */
async function inOurWords(answer: UniversalServerResponse): Promise<UniversalServerResponse> {
  const { status, header, trailer, body } = answer;
  if (!body) return answer;
  if (status >= 400) return header?.has(ERROR_HEADER) ? answer : await rewordJson(answer, body);
  const web = header?.get("content-type")?.startsWith("application/grpc-web") === true;
  return trailer || web ? { ...answer, body: rewordTrailers(body, trailer, web) } : answer;
}

async function rewordJson(
  answer: UniversalServerResponse,
  body: AsyncIterable<Uint8Array>,
): Promise<UniversalServerResponse> {
  const bytes = Buffer.concat(await Array.fromAsync(body));
  const told = JSON.parse(bytes.toString("utf8")) as { code: string; message?: string };
  const error = reword(told.code, told.message ?? "");
  const text = error ? Buffer.from(jsonOf(ERRORS[error.code].rpc, error.message)) : bytes;
  const header = new Headers(answer.header);
  header.set("content-length", String(text.length));
  if (error) header.set(ERROR_HEADER, error.code);
  return { ...answer, header, status: error?.status ?? answer.status, body: Readable.from([text]) };
}

/** gRPC fills its trailer in while the body is read; gRPC-Web sends it as the last piece of the body. */
async function* rewordTrailers(
  body: AsyncIterable<Uint8Array>,
  trailer: Headers | undefined,
  web: boolean,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    if (!web || chunk[0] !== trailerFlag) {
      yield chunk;
      continue;
    }
    const last = trailerParse(chunk.subarray(ENVELOPE_HEAD));
    rewordTrailer(last);
    const bytes = trailerSerialize(last);
    const head = Buffer.from([trailerFlag, 0, 0, 0, 0]);
    head.writeUInt32BE(bytes.length, 1);
    yield Buffer.concat([head, bytes]);
  }
  if (trailer) rewordTrailer(trailer);
}

const ENVELOPE_HEAD = 5;

function rewordTrailer(trailer: Headers): void {
  const code = Number(trailer.get("grpc-status") ?? 0);
  if (code === 0 || trailer.has(ERROR_HEADER)) return;
  const error = reword(snakeCase(Code[code] ?? ""), trailer.get("grpc-message") ?? "");
  if (!error) return;
  trailer.set("grpc-status", String(ERRORS[error.code].rpc));
  trailer.set("grpc-message", encodeURIComponent(error.message));
  trailer.set(ERROR_HEADER, error.code);
  trailer.delete("grpc-status-details-bin");
}

/** What Connect says of its own answers; everything else that it calls internal is the request's fault. */
const OUR_FAULT = /^(?:serialize binary|cannot encode|internal(?: |%20)error)/;

/** Undefined for what may stay as it is: no such health service, the client's own deadline, a client that left. */
function reword(code: string, message: string): RouterError | undefined {
  if (OUR_FAULT.test(message)) return RouterError.from(undefined);
  switch (code) {
    case "resource_exhausted":
      return new RouterError("body_too_large", "The message is larger than server.limits.body_bytes allows.");
    case "unimplemented":
      return new RouterError("unsupported_media_type", "The compression of the message is not understood here.");
    case "invalid_argument":
    case "internal":
    case "unknown":
      return unreadable(new Error(message));
    default:
      return undefined;
  }
}

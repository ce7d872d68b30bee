import { Readable } from "node:stream";
import { Code, createConnectRouter, type ConnectRouter, type ContextValues } from "@connectrpc/connect";
import {
  compressionBrotli,
  compressionGzip,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import type { UniversalHandler, UniversalServerResponse } from "@connectrpc/connect/protocol";
import { trailerFlag, trailerParse, trailerSerialize } from "@connectrpc/connect/protocol-grpc-web";
import { ERRORS, RouterError } from "../errors.ts";
import type { Door, Request, Response } from "./listen.ts";
import { ERROR_HEADER, JSON_OPTIONS, jsonOf, refuse, snakeCase, unreadable } from "./rpc-error.ts";
import type { PlainJson } from "./unary.ts";

export interface ConnectDoorOptions {
  routes(router: ConnectRouter): void;
  contextValues(request: Request): ContextValues;
  /** Goes first, and takes what it can serve. */
  readonly plainJson: PlainJson;
  readonly readMaxBytes: number;
  /** How long a request may take to arrive, in milliseconds. */
  bodyTimeoutMs(): number;
  fault(where: string, error: unknown): void;
}

/**
 * Connect's router as a door. Every refusal has a body with a code, also where Connect would send none, and what
 * Connect itself finds wrong with a request is told in our words: its own quote the request.
 */
export function createConnectDoor(options: ConnectDoorOptions): Door {
  const { readMaxBytes } = options;
  const router = createConnectRouter({
    readMaxBytes,
    acceptCompression: [compressionGzip, compressionBrotli],
    jsonOptions: JSON_OPTIONS,
  });
  options.routes(router);
  const rpcs = new Map(router.handlers.map((rpc) => [rpc.requestPath, rpc]));

  const serve = async (rpc: UniversalHandler, request: Request, response: Response): Promise<void> => {
    const call = universalRequestFromNodeRequest(request, response, undefined, options.contextValues(request));
    await universalResponseToNodeResponse(await inOurWords(await rpc(call)), response);
  };
  return (request, response) => {
    const rpc = rpcs.get((request.url ?? "/").split("?", 1)[0]!);
    const refused = whyRefused(rpc, request);
    if (!rpc || refused) return refuse(request, response, refused ?? new RouterError("unknown_path", NO_METHOD));
    if (options.plainJson(request, response)) return;

    const timeoutMs = options.bodyTimeoutMs();
    const deadline = setTimeout(() => {
      if (request.complete || response.headersSent) return;
      refuse(request, response, new RouterError("body_timeout", `The request did not arrive within ${timeoutMs} ms.`));
    }, timeoutMs);
    request.once("end", () => clearTimeout(deadline));
    response.once("close", () => clearTimeout(deadline));

    serve(rpc, request, response).catch((error: unknown) => {
      if (response.headersSent || response.destroyed) {
        response.destroy(); // The client left, or was cut.
        return;
      }
      options.fault("rpc door", error);
      refuse(request, response, RouterError.from(error));
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

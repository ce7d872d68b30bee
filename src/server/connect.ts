import { Code, createConnectRouter, type ConnectRouter, type ContextValues } from "@connectrpc/connect";
import {
  compressionBrotli,
  compressionGzip,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import type { UniversalHandler, UniversalServerResponse } from "@connectrpc/connect/protocol";
import { ERRORS, RouterError, type ErrorCode } from "../errors.ts";
import type { Door, Request, Response } from "./listen.ts";
import { send } from "./reply.ts";

export interface ConnectDoorOptions {
  routes(router: ConnectRouter): void;
  contextValues(request: Request): ContextValues;
  readonly readMaxBytes: number;
  /** How long a request may take to arrive, in milliseconds. */
  bodyTimeoutMs(): number;
  fault(where: string, error: unknown): void;
}

/** The header, or trailer, that tells our code of an error. */
export const ERROR_HEADER = "x-signalbox-error";

/**
 * Connect's router as a door. Every refusal has a body with a code, also where Connect would send none, and what
 * Connect itself finds wrong with a request is told in our words: its own quote the request.
 */
export function createConnectDoor(options: ConnectDoorOptions): Door {
  const { readMaxBytes } = options;
  const router = createConnectRouter({ readMaxBytes, acceptCompression: [compressionGzip, compressionBrotli] });
  options.routes(router);
  const rpcs = new Map(router.handlers.map((rpc) => [rpc.requestPath, rpc]));

  const serve = async (rpc: UniversalHandler, request: Request, response: Response): Promise<void> => {
    const call = universalRequestFromNodeRequest(request, response, undefined, options.contextValues(request));
    await universalResponseToNodeResponse(inOurWords(await rpc(call)), response);
  };
  return (request, response) => {
    const rpc = rpcs.get((request.url ?? "/").split("?", 1)[0]!);
    const refused = whyRefused(rpc, request);
    if (!rpc || refused) return refuse(request, response, refused ?? new RouterError("unknown_path", NO_METHOD));

    const timeoutMs = options.bodyTimeoutMs();
    const deadline = setTimeout(() => {
      if (request.complete || response.headersSent) return;
      refuse(request, response, new RouterError("body_timeout", `The request did not arrive within ${timeoutMs} ms.`));
    }, timeoutMs);
    request.once("end", () => clearTimeout(deadline));
    response.once("close", () => clearTimeout(deadline));

    serve(rpc, request, response).catch((error: unknown) => {
      if (response.headersSent || response.destroyed) return void response.destroy(); // The client left, or was cut.
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

/** A refusal before, or instead of, Connect: JSON for everybody but those who speak gRPC. */
function refuse(request: Request, response: Response, error: RouterError): void {
  const { rpc, status } = ERRORS[error.code];
  const code = Code[rpc]!.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
  const own = { [ERROR_HEADER]: error.code, ...(error.code === "body_timeout" && { connection: "close" }) };
  if (/^application\/grpc(?:[+;]|$)/.test(request.headers["content-type"] ?? "")) {
    const told = { "content-type": "application/grpc", "grpc-status": String(rpc), "grpc-message": error.message };
    return send(response, 200, { ...told, ...own }, "");
  }
  send(
    response,
    status,
    { "content-type": "application/json", ...own },
    JSON.stringify({ code, message: error.message }),
  );
}

/** Errors that carry our code passed through our hands and are as they should be; the rest are Connect's. */
function inOurWords(answer: UniversalServerResponse): UniversalServerResponse {
  const { status, header, trailer, body } = answer;
  if (status >= 400 && body && !header?.has(ERROR_HEADER)) return rewordedJson(answer, body);
  const web = header?.get("content-type")?.startsWith("application/grpc-web");
  if (!body || (!trailer && !web)) return answer;
  return {
    ...answer,
    body: (async function* () {
      for await (const chunk of body) yield web ? rewordedWebTrailer(chunk) : chunk;
      if (trailer) rewordTrailer(trailer); // gRPC fills its trailer in while the body is read.
    })(),
  };
}

function rewordedJson(answer: UniversalServerResponse, body: AsyncIterable<Uint8Array>): UniversalServerResponse {
  const header = new Headers(answer.header);
  const told: { status: number; body: AsyncIterable<Uint8Array> } = { status: answer.status, body };
  const words = WORDS_BY_STATUS[answer.status];
  if (!words) return answer;
  const error = new RouterError(...words);
  const { rpc, status } = ERRORS[error.code];
  const code = Code[rpc]!.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
  return { ...answer, ...told, status, header };
}

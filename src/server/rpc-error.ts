import { Code, ConnectError } from "@connectrpc/connect";
import { codeToHttpStatus } from "@connectrpc/connect/protocol-connect";
import { ERRORS, RouterError, type ErrorCode } from "../errors.ts";
import type { Request, Response } from "./listen.ts";
import { send } from "./reply.ts";

/** The header, or trailer, that tells our code of an error. */
export const ERROR_HEADER = "x-signalbox-error";

/** A misspelt constraint that is dropped binds nothing: a field that we do not know is an error. */
export const JSON_OPTIONS = { ignoreUnknownFields: false } as const;

const UNKNOWN_FIELD = /message [\w.]*?(\w+) from JSON: key "([A-Za-z_]\w{0,63})" is unknown/;

/** A message that could not be read. What the parser says of it would quote the request, but for a field's name. */
export function unreadable(error: unknown): RouterError {
  const [, message, field] = UNKNOWN_FIELD.exec(error instanceof Error ? error.message : "") ?? [];
  if (field === undefined)
    return new RouterError("invalid_request", "The request cannot be read as a message of this method.");
  return new RouterError("invalid_request", `${message} has no field ${field}.`, { param: field });
}

const GRPC = /^application\/grpc(?:-web)?(?=[+;]|$)/;

/** In whole seconds, as the header wants them. */
export const retryAfter = (ms: number): string => String(Math.max(1, Math.ceil(ms / 1000)));

/** A refusal before, or instead of, Connect: JSON for everybody but those who speak gRPC. */
export function refuse(request: Request, response: Response, error: RouterError): void {
  const { rpc, status } = ERRORS[error.code];
  // The rest of a body that we refused to read would be taken for the next request.
  const close = error.code === "body_timeout" || error.code === "body_too_large";
  const own = {
    [ERROR_HEADER]: error.code,
    ...(error.param !== undefined && { "x-signalbox-param": error.param }),
    ...(error.retryAfterMs !== undefined && { "retry-after": retryAfter(error.retryAfterMs) }),
    ...(close && { connection: "close" }),
  };
  const [type] = GRPC.exec(request.headers["content-type"] ?? "") ?? [];
  if (type !== undefined) {
    const told = {
      "content-type": type,
      "grpc-status": String(rpc),
      "grpc-message": encodeURIComponent(error.message),
    };
    return send(response, 200, { ...told, ...own }, "");
  }
  send(response, status, { "content-type": "application/json", ...own }, jsonOf(rpc, error.message));
}

/** What a method of ours threw, as Connect carries it. `fault` is told of what should not happen. */
export function connectError(
  caught: unknown,
  fault: (where: string, error: unknown) => void,
  where: string,
): ConnectError {
  const error = RouterError.from(caught);
  if (error.code === "internal") fault(where, caught);
  const metadata: Record<string, string> = { [ERROR_HEADER]: error.code };
  if (error.param) metadata["x-signalbox-param"] = error.param;
  if (error.retryAfterMs) metadata["retry-after"] = retryAfter(error.retryAfterMs);
  return new ConnectError(error.message, ERRORS[error.code].rpc, metadata);
}

/** The error of a method, as Connect's protocol tells it over JSON. */
export function tellConnectError(response: Response, { code, rawMessage, metadata }: ConnectError): void {
  const headers = { ...Object.fromEntries(metadata), "content-type": "application/json" };
  const own = metadata.get(ERROR_HEADER);
  const status = own !== null && Object.hasOwn(ERRORS, own) ? ERRORS[own as ErrorCode].status : codeToHttpStatus(code);
  send(response, status, headers, jsonOf(code, rawMessage));
}

export const jsonOf = (code: Code, message: string): string => JSON.stringify({ code: snakeCase(Code[code]), message });

export const snakeCase = (name: string): string => name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();

import { Code, ConnectError } from "@connectrpc/connect";
import { codeToHttpStatus } from "@connectrpc/connect/protocol-connect";
import { ERRORS, type RouterError } from "../errors.ts";
import type { Request, Response } from "./listen.ts";
import { send } from "./reply.ts";

/** The header, or trailer, that tells our code of an error. */
export const ERROR_HEADER = "x-signalbox-error";

/** A refusal before, or instead of, Connect: JSON for everybody but those who speak gRPC. */
export function refuse(request: Request, response: Response, error: RouterError): void {
  const { rpc, status } = ERRORS[error.code];
  // The rest of a body that we refused to read would be taken for the next request.
  const close = error.code === "body_timeout" || error.code === "body_too_large";
  const own = { [ERROR_HEADER]: error.code, ...(close && { connection: "close" }) };
  if (/^application\/grpc(?:[+;]|$)/.test(request.headers["content-type"] ?? "")) {
    const told = { "content-type": "application/grpc", "grpc-status": String(rpc), "grpc-message": error.message };
    return send(response, 200, { ...told, ...own }, "");
  }
  send(response, status, { "content-type": "application/json", ...own }, jsonOf(rpc, error.message));
}

/** The error of a method, as Connect's protocol tells it over JSON. */
export function tellConnectError(response: Response, { code, rawMessage, metadata }: ConnectError): void {
  const headers = { ...Object.fromEntries(metadata), "content-type": "application/json" };
  send(response, codeToHttpStatus(code), headers, jsonOf(code, rawMessage));
}

export const jsonOf = (code: Code, message: string): string => JSON.stringify({ code: snakeCase(Code[code]), message });

export const snakeCase = (name: string): string => name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();

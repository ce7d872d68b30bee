import type { ServerResponse } from "node:http";
import type { RouterError } from "../errors.ts";
import type { Request, Response } from "./listen.ts";

export function sendJson(response: Response, status: number, body: unknown): void {
  send(response, status, { "content-type": "application/json" }, JSON.stringify(body));
}

/** An error in the client's own form. After the head is out nothing can be told but the end. */
export function sendError(
  response: Response,
  status: number,
  body: string,
  error: RouterError,
  headers: Readonly<Record<string, string>> = {},
): void {
  const retry =
    error.retryAfterMs === undefined
      ? {}
      : { "retry-after": String(Math.max(1, Math.ceil(error.retryAfterMs / 1000))) };
  // The rest of a body that we refused to read would be taken for the next request.
  const close = error.code === "body_too_large" || error.code === "body_timeout" ? { connection: "close" } : {};
  send(response, status, { "content-type": "application/json", ...headers, ...retry, ...close }, body);
}

export function send(response: Response, status: number, headers: Record<string, string>, body: string): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  // HTTP/2 has no connection header.
  if (response.req.httpVersionMajor >= 2) delete headers["connection"];
  writeHead(response, status, { ...headers, "content-length": String(Buffer.byteLength(body)) });
  response.end(body);
}

/** What a header cannot hold, such as a model name that a client made up, is left out. */
export function writeHead(response: Response, status: number, headers: Readonly<Record<string, string>>): void {
  const plain = Object.entries(headers).filter(([, value]) => !UNFIT.test(value));
  // The two protocols type it apart and do the same.
  (response as ServerResponse).writeHead(status, Object.fromEntries(plain));
}

const UNFIT = /[^\t\u0020-\u007E\u0080-\u00FF]/u;

/** Request headers as single strings, lower-case, without the pseudo headers of HTTP/2. */
export function plainHeaders(request: Request): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined && !name.startsWith(":")) plain[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return plain;
}

/** Liveness says that the process serves at all, readiness that it wants traffic. True when the path was one of these. */
export function serveHealth(path: string, ready: boolean, response: Response): boolean {
  if (path === "/healthz") sendJson(response, 200, { status: "ok" });
  else if (path === "/readyz") sendJson(response, ready ? 200 : 503, { status: ready ? "ready" : "draining" });
  else return false;
  return true;
}

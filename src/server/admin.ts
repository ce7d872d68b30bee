import { createHash, timingSafeEqual } from "node:crypto";
import { DIALECTS } from "../dialect/index.ts";
import { RouterError } from "../errors.ts";
import type { Door, Request } from "./listen.ts";
import { send, sendError, serveHealth } from "./reply.ts";

/** The admin port: metrics and health, behind a bearer token where there is one. */
export function createAdminDoor(options: {
  metrics: { text(): Promise<string>; readonly contentType: string };
  isReady(): boolean;
  /** Asked on each request: a reload may change it. */
  token(): string | undefined;
}): Door {
  return (request, response) => {
    const path = (request.url ?? "/").split("?", 1)[0]!;
    const refuse = (error: RouterError) =>
      sendError(response, error.status, DIALECTS["openai-chat"].errorBody(error), error);

    if (serveHealth(path, options.isReady(), response)) return;
    const token = options.token();
    if (token !== undefined && !holdsToken(request, token)) {
      return refuse(new RouterError("unauthenticated", "The admin port wants its token: authorization: Bearer TOKEN."));
    }
    if (path !== "/metrics")
      return refuse(new RouterError("unknown_path", "The admin port has /metrics, /healthz and /readyz."));
    options.metrics.text().then(
      (text) => send(response, 200, { "content-type": options.metrics.contentType }, text),
      (error: unknown) => refuse(RouterError.from(error)),
    );
  };
}

function holdsToken(request: Request, token: string): boolean {
  const given = /^bearer\s+(\S+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
  return timingSafeEqual(digest(given), digest(token));
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

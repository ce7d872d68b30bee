import { createHash, timingSafeEqual } from "node:crypto";
import { DIALECTS } from "../dialect/index.ts";
import { RouterError } from "../errors.ts";
import type { Door, Request } from "./listen.ts";
import { ADMIN_PREFIX, type AdminRpcOptions, createAdminRpc } from "./admin-rpc.ts";
import { whyForeign } from "./origin.ts";
import { send, sendError, serveHealth } from "./reply.ts";
import { refuse as refuseRpc } from "./rpc-error.ts";

interface AdminOptions extends AdminRpcOptions {
  readonly metrics: { text(): Promise<string>; readonly contentType: string };
  isReady(): boolean;
  /** Asked on each request: a reload may change it. Absent only on loopback. */
  token(): string | undefined;
}

/** The admin port: metrics, AdminService and health, the first two behind a bearer token where there is one. */
export function createAdminDoor(options: AdminOptions): Door {
  const rpc = createAdminRpc(options);
  return (request, response) => {
    const path = (request.url ?? "/").split("?", 1)[0]!;
    const isRpc = path.startsWith(ADMIN_PREFIX);
    const refuse = (error: RouterError) =>
      isRpc
        ? refuseRpc(request, response, error)
        : sendError(response, error.status, DIALECTS["openai-chat"].errorBody(error), error);

    response.on("error", () => response.destroy());
    if (serveHealth(path, options.isReady(), response)) return;
    const token = options.token();
    if (token !== undefined && !holdsToken(request, token)) {
      return refuse(new RouterError("unauthenticated", "The admin port wants its token: authorization: Bearer TOKEN."));
    }
    if (token === undefined && isRpc && whyForeign(request, true)) return refuse(new RouterError("forbidden", FOREIGN));
    if (isRpc) return rpc(request, response);
    if (path !== "/metrics")
      return refuse(
        new RouterError(
          "unknown_path",
          "The admin port has /metrics, /healthz, /readyz and signalbox.v1.AdminService.",
        ),
      );
    options.metrics.text().then(
      (text) => send(response, 200, { "content-type": options.metrics.contentType }, text),
      (error: unknown) => refuse(RouterError.from(error)),
    );
  };
}

/** A page in a browser of this machine could ask, from its own origin or by a name that it lets lead here. */
const FOREIGN =
  "Without server.admin.token only programs of this machine may ask here, by its address or as localhost: not pages of other origins, nor other names.";

function holdsToken(request: Request, token: string): boolean {
  const given = /^bearer\s+(\S+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
  return timingSafeEqual(digest(given), digest(token));
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

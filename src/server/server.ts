import type { Caller } from "../contracts.ts";
import { isLoopback } from "../config/server.ts";
import { DIALECTS } from "../dialect/index.ts";
import { RouterError } from "../errors.ts";
import type { Channel } from "../events.ts";
import type { Live, Runtime } from "../runtime.ts";
import { createAdminDoor } from "./admin.ts";
import { createGate, type Gate } from "./auth.ts";
import { listen, type Door, type Listener, type Request, type Response } from "./listen.ts";
import { whyForeign } from "./origin.ts";
import { chat, listModels, passthrough } from "./openai.ts";
import type { Visit } from "./record.ts";
import { sendError, serveHealth } from "./reply.ts";
import { refuse } from "./rpc-error.ts";
import { createRpcDoor, type RpcVisit } from "./rpc.ts";

export interface ServerOptions {
  readonly live: Live;
  readonly channel: Channel;
  readonly listen: { readonly host: string; readonly port: number };
  readonly admin: { readonly host: string; readonly port: number };
  /** Prometheus text of all metrics. */
  readonly metrics: { text(): Promise<string>; readonly contentType: string };
}

export interface Server {
  readonly url: string;
  readonly adminUrl: string;
  /** Not ready from now on; requests in flight may end within `graceMs`; then both ports close. */
  drain(graceMs: number): Promise<void>;
}

/** One answered path: what it takes and who serves it. */
interface Path {
  readonly method: "GET" | "POST";
  serve(visit: Visit, request: Request, response: Response): Promise<void> | void;
}

const PATHS: Readonly<Record<string, Path>> = {
  "/v1/chat/completions": { method: "POST", serve: chat },
  "/v1/embeddings": {
    method: "POST",
    serve: (visit, request, response) => passthrough("/embeddings", visit, request, response),
  },
  "/v1/completions": {
    method: "POST",
    serve: (visit, request, response) => passthrough("/completions", visit, request, response),
  },
  "/v1/models": { method: "GET", serve: listModels },
};
/** Pages of other origins can send every type that needs no leave of ours, but not this one. */
const JSON_TYPE = /^application\/json(?:\s*;|$)/i;
const RPC_PREFIXES = ["/signalbox.v1.", "/grpc.health.v1."];

/** Opens both ports. The public one serves RPC, the OpenAI doors and health; the admin one metrics. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { live, channel } = options;
  const readiness = createReadiness();
  const gates = new WeakMap<Runtime, Gate>();
  let underWay = 0;

  const gateOf = (runtime: Runtime): Gate => {
    const gate = gates.get(runtime) ?? createGate(runtime.auth);
    gates.set(runtime, gate);
    return gate;
  };

  /** A request takes the runtime once and keeps it to its end, whatever is loaded meanwhile. */
  const enter = (): RpcVisit => {
    const { runtime, leave } = live.take();
    if (underWay >= runtime.concurrent) {
      leave();
      throw new RouterError(
        "unavailable",
        `More than ${runtime.concurrent} requests are under way (server.limits.concurrent).`,
        { retryAfterMs: 1000 },
      );
    }
    underWay += 1;
    const started = runtime.clock();
    let left = false;
    return {
      runtime,
      elapsed: () => runtime.clock() - started,
      admit: (request, claimed): Caller =>
        gateOf(runtime).admit({
          address: request.socket?.remoteAddress,
          headers: request.headers,
          ...(claimed && { claimed }),
        }),
      publish: channel.publish,
      fault: (where, error) => channel.publish({ kind: "fault", where, error }),
      isKnown: (request) =>
        gateOf(runtime).isKnown({ address: request.socket?.remoteAddress, headers: request.headers }),
      leave() {
        if (left) return;
        left = true;
        underWay -= 1;
        leave();
      },
    };
  };

  const rpc = createRpcDoor({
    visit: enter,
    isReady: readiness.isReady,
    readinessChanged: readiness.changed,
    limits: () => live.current.limits,
    fault: (where, error) => channel.publish({ kind: "fault", where, error }),
  });

  const answerPath = async (path: string, request: Request, response: Response): Promise<void> => {
    const known = PATHS[path];
    if (!known)
      throw new RouterError(
        "unknown_path",
        `Signalbox has no such path. It has ${Object.keys(PATHS).join(", ")} and the RPCs of its contract.`,
      );
    if (request.method !== known.method) throw new RouterError("method_not_allowed", `${path} takes ${known.method}.`);
    if (known.method === "POST" && !JSON_TYPE.test(request.headers["content-type"] ?? ""))
      throw new RouterError("unsupported_media_type", `${path} takes JSON: send content-type: application/json.`);
    const visit = enter();
    try {
      await known.serve(visit, request, response);
    } finally {
      visit.leave();
    }
  };

  const onLoopback = isLoopback(options.listen);
  const tell = (response: Response, error: RouterError): void =>
    sendError(response, error.status, DIALECTS["openai-chat"].errorBody(error), error);

  const door: Door = (request, response) => {
    const path = (request.url ?? "/").split("?", 1)[0]!;
    response.on("error", () => response.destroy());
    if (!readiness.isReady() && request.httpVersionMajor < 2) response.setHeader("connection", "close");
    if (serveHealth(path, readiness.isReady(), response)) return;
    const isRpc = RPC_PREFIXES.some((prefix) => path.startsWith(prefix));
    const foreign = live.current.auth === "none" ? whyForeign(request, onLoopback) : undefined;
    if (foreign) return isRpc ? refuse(request, response, foreign) : tell(response, foreign);
    if (isRpc) return rpc(request, response);
    answerPath(path, request, response).catch((caught: unknown) => {
      const error = RouterError.from(caught);
      if (error.code === "internal")
        channel.publish({ kind: "fault", where: path in PATHS ? path : "an unknown path", error: caught });
      tell(response, error);
    });
  };

  const publicPort = await listen(options.listen, door);
  let adminPort: Listener;
  try {
    adminPort = await listen(
      options.admin,
      createAdminDoor({
        metrics: options.metrics,
        isReady: readiness.isReady,
        token: () => live.current.adminToken,
      }),
    );
  } catch (error) {
    await publicPort.close(0);
    throw error;
  }
  readiness.set(true);

  return {
    url: publicPort.url,
    adminUrl: adminPort.url,
    async drain(graceMs) {
      readiness.set(false);
      await publicPort.close(graceMs);
      await adminPort.close(0);
    },
  };
}

function createReadiness() {
  let ready = false;
  const waiting = new Set<() => void>();
  return {
    isReady: () => ready,
    set(next: boolean) {
      ready = next;
      for (const wake of waiting) wake();
    },
    changed(signal: AbortSignal): Promise<void> {
      return new Promise((resolve) => {
        const wake = () => {
          waiting.delete(wake);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        waiting.add(wake);
        signal.addEventListener("abort", wake);
        if (signal.aborted) wake();
      });
    },
  };
}

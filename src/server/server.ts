import type { Caller } from "../contracts.ts";
import { isLoopback } from "../config/server.ts";
import type { TlsOptions } from "../config/tls.ts";
import { DIALECTS } from "../dialect/index.ts";
import type { ClientApi } from "../dialect/speech.ts";
import type { Guard } from "../ledger/guard.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { RouterError } from "../errors.ts";
import type { Channel } from "../events.ts";
import type { Live } from "../live.ts";
import type { Runtime } from "../runtime.ts";
import { createAdminDoor } from "./admin.ts";
import { type CacheDesk, deskOf } from "./admin-desk.ts";
import { createAllowances, type Stay } from "./allowances.ts";
import { createGate, type Gate } from "./auth.ts";
import { createGuesses } from "./guesses.ts";
import { guardrail } from "./hooks/guardrail.ts";
import { portkey } from "./hooks/portkey.ts";
import { systemone } from "./hooks/systemone.ts";
import { listen, type Door, type Listener, type Request, type Response } from "./listen.ts";
import { whyForeign } from "./origin.ts";
import { countTokens } from "./anthropic.ts";
import { converse } from "./conversation.ts";
import { listModels, passthrough } from "./openai.ts";
import type { Visit } from "./record.ts";
import { sendError, serveHealth } from "./reply.ts";
import { refuse } from "./rpc-error.ts";
import { createRpcDoor, type RpcVisit } from "./rpc.ts";
import { createExtProcDoor, isExtProc } from "./ext-proc/door.ts";

export interface ServerOptions {
  readonly live: Live;
  readonly channel: Channel;
  readonly ledger: Ledger;
  readonly listen: { readonly host: string; readonly port: number };
  /** Encrypts the public port; the admin port never. */
  readonly tls?: TlsOptions | undefined;
  /** Absent for one of several processes: another one serves it for all. */
  readonly admin?: { readonly host: string; readonly port: number };
  /** Prometheus text of all metrics. */
  readonly metrics: { text(): Promise<string>; readonly contentType: string };
}

export interface Server {
  readonly url: string;
  /** Empty without an admin port. */
  readonly adminUrl: string;
  /** What this process keeps of answers. */
  readonly cache: CacheDesk;
  /** Takes other certificates for connections to come. */
  secure(tls: TlsOptions): void;
  /** Not ready from now on; requests in flight may end within `graceMs`; then both ports close. */
  drain(graceMs: number): Promise<void>;
}

/** One answered path: what it takes and who serves it. */
interface Path {
  readonly method: "GET" | "POST";
  /** Whose form its errors have; OpenAI's unless it says otherwise. */
  readonly api?: ClientApi;
  serve(visit: Visit, request: Request, response: Response): Promise<void> | void;
}

function conversation(api: ClientApi): Path {
  return { method: "POST", api, serve: (visit, request, response) => converse(api, visit, request, response) };
}

const PATHS: Readonly<Record<string, Path>> = {
  "/v1/chat/completions": conversation("openai-chat"),
  "/v1/responses": conversation("openai-responses"),
  "/v1/messages": conversation("anthropic-messages"),
  "/v1/messages/count_tokens": { method: "POST", api: "anthropic-messages", serve: countTokens },
  "/v1/embeddings": {
    method: "POST",
    serve: (visit, request, response) => passthrough("/embeddings", visit, request, response),
  },
  "/v1/completions": {
    method: "POST",
    serve: (visit, request, response) => passthrough("/completions", visit, request, response),
  },
  "/v1/models": { method: "GET", serve: listModels },
  "/v1/systemone": { method: "POST", serve: systemone },
  "/beta/litellm_basic_guardrail_api": { method: "POST", serve: guardrail },
  "/hooks/portkey": { method: "POST", serve: portkey },
};
/** Pages of other origins can send every type that needs no leave of ours, but not this one. */
const JSON_TYPE = /^application\/json(?:\s*;|$)/i;
const RPC_PREFIXES = ["/signalbox.v1.", "/grpc.health.v1.", "/envoy.service.ext_proc.v3."];

/** Opens both ports. The public one serves RPC, the OpenAI doors and health; the admin one metrics and AdminService. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { live, channel } = options;
  const readiness = createReadiness();
  const gates = new WeakMap<Runtime, Gate>();
  const { clock } = live.current;
  const guesses = createGuesses(clock);
  const allowances = createAllowances(clock);
  let underWay = 0;

  const gateOf = (runtime: Runtime): Gate => {
    const gate = gates.get(runtime) ?? createGate(runtime.auth, guesses);
    gates.set(runtime, gate);
    return gate;
  };

  const guards = new WeakMap<Runtime, Guard>();
  const guardOf = (runtime: Runtime): Guard => {
    const guard = guards.get(runtime) ?? options.ledger.guard(runtime.budgets);
    guards.set(runtime, guard);
    return guard;
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
    let stay: Stay | undefined;
    return {
      runtime,
      elapsed: () => runtime.clock() - started,
      admit(request, claimed): Caller {
        const { caller, bound } = gateOf(runtime).admit({
          address: request.socket?.remoteAddress,
          headers: request.headers,
          ...(claimed && { claimed }),
        });
        // An RPC is asked twice who it is: before its body is read, and by its method.
        if (bound) stay ??= allowances.enter(bound.key, bound.limits);
        return caller;
      },
      guard: guardOf(runtime),
      publish(event) {
        if (event.kind === "request" && event.usage) stay?.charge(event.usage.inputTokens + event.usage.outputTokens);
        channel.publish(event);
      },
      fault: (where, error) => channel.publish({ kind: "fault", where, error }),
      isKnown: (request) =>
        gateOf(runtime).isKnown({ address: request.socket?.remoteAddress, headers: request.headers }),
      leave() {
        if (left) return;
        left = true;
        underWay -= 1;
        stay?.leave();
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

  const extProc = createExtProcDoor({
    visit: enter,
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
  const tell = (path: string, response: Response, error: RouterError): void => {
    const { errorBody } = DIALECTS[PATHS[path]?.api ?? "openai-chat"];
    sendError(response, error.status, errorBody(error), error);
  };

  const door: Door = (request, response) => {
    const path = (request.url ?? "/").split("?", 1)[0]!;
    response.on("error", () => response.destroy());
    if (!readiness.isReady() && request.httpVersionMajor < 2) response.setHeader("connection", "close");
    if (serveHealth(path, readiness.isReady(), response)) return;
    const isRpc = RPC_PREFIXES.some((prefix) => path.startsWith(prefix));
    const foreign = live.current.auth === "none" ? whyForeign(request, onLoopback) : undefined;
    if (foreign) return isRpc ? refuse(request, response, foreign) : tell(path, response, foreign);
    if (isExtProc(path)) return extProc(request, response);
    if (isRpc) return rpc(request, response);
    answerPath(path, request, response).catch((caught: unknown) => {
      const error = RouterError.from(caught);
      if (error.code === "internal")
        channel.publish({ kind: "fault", where: path in PATHS ? path : "an unknown path", error: caught });
      tell(path, response, error);
    });
  };

  const publicPort = await listen(options.listen, door, { tls: options.tls });
  const cache = deskOf(() => live.current.cache?.store);
  let adminPort: Listener | undefined;
  try {
    const admin = {
      metrics: options.metrics,
      cache,
      isReady: readiness.isReady,
      token: () => live.current.adminToken,
      fault: (where: string, error: unknown) => channel.publish({ kind: "fault", where, error }),
    };
    adminPort = options.admin && (await listen(options.admin, createAdminDoor(admin)));
  } catch (error) {
    await publicPort.close(0);
    throw error;
  }
  readiness.set(true);

  return {
    url: publicPort.url,
    adminUrl: adminPort?.url ?? "",
    cache,
    secure: publicPort.secure,
    async drain(graceMs) {
      readiness.set(false);
      await publicPort.close(graceMs);
      await adminPort?.close(0);
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

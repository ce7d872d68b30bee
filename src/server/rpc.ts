import {
  Code,
  ConnectError,
  createContextKey,
  createContextValues,
  type ConnectRouter,
  type HandlerContext,
} from "@connectrpc/connect";
import type { Caller, Prompt } from "../contracts.ts";
import { DIALECTS } from "../dialect/index.ts";
import { parseBody } from "../dialect/json.ts";
import { readMessages } from "../dialect/messages.ts";
import { ERRORS, RouterError } from "../errors.ts";
import { Health, HealthCheckResponse_ServingStatus as Serving } from "../gen/grpc/health/v1/health_pb.ts";
import { RouterService, type ReportOutcomeRequest, type RouteRequestRequest } from "../gen/signalbox/v1/router_pb.ts";
import { reportOutcome } from "../route/outcome.ts";
import { route } from "../route/index.ts";
import type { RouteInput } from "../route/input.ts";
import { createConnectDoor } from "./connect.ts";
import type { Door, Request } from "./listen.ts";
import { recordOf, type Visit } from "./record.ts";
import { ERROR_HEADER } from "./rpc-error.ts";
import { createPlainJson, unaryMethod } from "./unary.ts";
import { readApi, readConstraints, readUsage, writePlan } from "./wire.ts";

/** What the RPC door needs of the house. `visit` takes the current runtime; `leave` gives it back. */
export interface RpcHouse {
  visit(): Visit & { leave(): void };
  isReady(): boolean;
  /** Resolves when readiness has changed, or when `signal` aborts. */
  readinessChanged(signal: AbortSignal): Promise<void>;
  readonly bodyBytes: number;
  bodyTimeoutMs(): number;
  fault(where: string, error: unknown): void;
}

const PEER = createContextKey<Request | undefined>(undefined);
/** The protobuf and JSON forms of a body are longer than the body. */
const ENVELOPE_FACTOR = 2;
const MAX_SCORES = 32;
const MAX_HEADERS = 200;

/** gRPC, gRPC-Web and Connect JSON, under `/signalbox.v1.RouterService/` and `/grpc.health.v1.Health/`. */
export function createRpcDoor(house: RpcHouse): Door {
  const decide = (request: RouteRequestRequest, peer: Request) =>
    inVisit(house, (visit) => routeRequest(visit, request, peer));
  const learn = (request: ReportOutcomeRequest, peer: Request) =>
    inVisit(house, async (visit) => tellOutcome(visit, request, peer));
  const routes = (router: ConnectRouter) => {
    router.service(RouterService, {
      routeRequest: (request, context) => decide(request, peerOf(context)),
      reportOutcome: (request, context) => learn(request, peerOf(context)),
    });
    router.service(Health, {
      check: ({ service }) => ({ status: serving(house, service) }),
      async *watch({ service }, { signal }) {
        while (!signal.aborted) {
          yield { status: serving(house, service) };
          if (!house.isReady()) return; // Draining has no way back, and an open stream would hold the port.
          await house.readinessChanged(signal);
        }
      },
    });
  };
  const { method } = RouterService;
  const methods = [unaryMethod(method.routeRequest, decide), unaryMethod(method.reportOutcome, learn)];
  const limits = { readMaxBytes: house.bodyBytes * ENVELOPE_FACTOR, bodyTimeoutMs: house.bodyTimeoutMs };
  const { fault } = house;
  return createConnectDoor({
    ...limits,
    fault,
    routes,
    plainJson: createPlainJson({ ...limits, fault, methods }),
    contextValues: (request) => createContextValues().set(PEER, request),
  });
}

async function routeRequest(visit: Visit, request: RouteRequestRequest, peer: Request) {
  const { runtime } = visit;
  let caller: Caller | undefined;
  let prompt: Prompt | undefined;
  try {
    caller = visit.admit(peer, { key: request.clientKey, tenant: request.tenant });
    const read = readInput(visit, request);
    prompt = read.prompt;
    const plan = await route(runtime, {
      ...read,
      caller,
      headers: readHeaders(request),
      constraints: readConstraints(request.constraints),
      preview: request.preview,
      ...(request.profile && { profile: request.profile }),
    });
    if (!plan.preview)
      visit.publish(
        recordOf(visit, { door: "rpc", caller, prompt, plan, attempts: [], status: plan.blocked?.status ?? 200 }),
      );
    const blockedBody = plan.blocked ? read.errorBody(new RouterError("blocked", plan.blocked.message)) : "";
    const body =
      request.includeBody && request.input.case === "raw" ? Buffer.from(request.input.value.json) : undefined;
    return writePlan(plan, (target) => runtime.describe(target), body, blockedBody);
  } catch (caught) {
    const error = RouterError.from(caught);
    if (!request.preview) {
      visit.publish(
        recordOf(visit, {
          door: "rpc",
          attempts: [],
          status: error.status,
          error,
          ...(caller && { caller }),
          ...(prompt && { prompt }),
        }),
      );
    }
    throw caught;
  }
}

/** The prompt, how to edit the body towards a model, and how its API tells an error. */
function readInput(
  { runtime }: Visit,
  { input }: RouteRequestRequest,
): Pick<RouteInput, "prompt" | "edit"> & { errorBody(error: RouterError): string } {
  if (input.case === "chat") {
    return { prompt: readMessages(input.value), errorBody: DIALECTS["openai-chat"].errorBody };
  }
  if (input.case !== "raw")
    throw new RouterError("invalid_request", "Send `raw` (a body and its API) or `chat` (plain messages).", {
      param: "input",
    });
  const dialect = DIALECTS[readApi(input.value.api)];
  const bytes = Buffer.from(input.value.json);
  const body = parseBody(bytes, runtime.limits);
  return {
    prompt: dialect.read(body, input.value.model ? { model: input.value.model } : {}),
    edit: dialect.modelEdits(bytes),
    errorBody: dialect.errorBody,
  };
}

function readHeaders({ headers }: RouteRequestRequest): Record<string, string> {
  const entries = Object.entries(headers);
  if (entries.length > MAX_HEADERS)
    throw new RouterError("too_many_items", `headers has more than ${MAX_HEADERS} entries.`, { param: "headers" });
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]));
}

function tellOutcome(visit: Visit, request: ReportOutcomeRequest, peer: Request) {
  const caller = visit.admit(peer, { key: request.clientKey, tenant: request.tenant });
  const scores = Object.entries(request.scores);
  if (scores.length > MAX_SCORES)
    throw new RouterError("too_many_items", `scores has more than ${MAX_SCORES} entries.`, { param: "scores" });
  if (scores.some(([, score]) => !(score >= 0 && score <= 1))) {
    throw new RouterError("invalid_request", "Each score must lie in [0,1].", { param: "scores" });
  }
  const usage = readUsage(request.usage);
  const counted = reportOutcome(visit.runtime, visit.publish, caller, {
    decisionId: request.decisionId,
    status: request.status,
    scores: request.scores,
    ...(request.targetId && { target: request.targetId }),
    ...(request.finish && { finish: request.finish }),
    ...(usage && { usage }),
    ...(request.ttftMs !== undefined && { ttftMs: request.ttftMs }),
    ...(request.latencyMs !== undefined && { latencyMs: request.latencyMs }),
  });
  return { counted };
}

function serving(house: RpcHouse, service: string): Serving {
  const known = service === "" || service === RouterService.typeName;
  if (!known) throw new ConnectError(`No service ${JSON.stringify(service.slice(0, 100))} here.`, Code.NotFound);
  return house.isReady() ? Serving.SERVING : Serving.NOT_SERVING;
}

/** Takes the runtime once, gives it back whatever happens, and tells every failure by a Connect code. */
async function inVisit<T>(house: RpcHouse, act: (visit: Visit) => Promise<T>): Promise<T> {
  let visit: ReturnType<RpcHouse["visit"]> | undefined;
  try {
    visit = house.visit();
    return await act(visit);
  } catch (caught) {
    const error = RouterError.from(caught);
    if (error.code === "internal") house.fault("rpc door", caught);
    const metadata: Record<string, string> = { [ERROR_HEADER]: error.code };
    if (error.param) metadata["x-signalbox-param"] = error.param;
    if (error.retryAfterMs) metadata["retry-after"] = String(Math.max(1, Math.ceil(error.retryAfterMs / 1000)));
    throw new ConnectError(error.message, ERRORS[error.code].rpc, metadata);
  } finally {
    visit?.leave();
  }
}

function peerOf(context: HandlerContext): Request {
  return context.values.get(PEER)!;
}

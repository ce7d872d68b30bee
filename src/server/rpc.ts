import {
  Code,
  ConnectError,
  createContextKey,
  createContextValues,
  type ConnectRouter,
  type ContextValues,
} from "@connectrpc/connect";
import type { DescMethod } from "@bufbuild/protobuf";
import type { Caller, Prompt } from "../contracts.ts";
import { DIALECTS } from "../dialect/index.ts";
import { parseBody } from "../dialect/json.ts";
import { usageEdits } from "../dialect/openai-chat/answer.ts";
import { replayed } from "../dialect/replay.ts";
import type { ClientApi } from "../dialect/speech.ts";
import { readMessages } from "../dialect/messages.ts";
import { RouterError } from "../errors.ts";
import { Health, HealthCheckResponse_ServingStatus as Serving } from "../gen/grpc/health/v1/health_pb.ts";
import { ExternalProcessor } from "../gen/envoy/service/ext_proc/v3/external_processor_pb.ts";
import {
  RouterService,
  type ReportOutcomeRequest,
  type RouteRequestRequest,
  type StoreAnswerRequest,
} from "../gen/signalbox/v1/router_pb.ts";
import { isBelieved } from "../route/believed.ts";
import { keepReported, mayBeBrought } from "../route/keep.ts";
import { reportOutcome } from "../route/outcome.ts";
import { route } from "../route/index.ts";
import { editsOf, type RouteInput } from "../route/input.ts";
import type { Runtime } from "../runtime.ts";
import { askFor } from "./asking.ts";
import { createConnectDoor } from "./connect.ts";
import type { Guest } from "./guest.ts";
import type { Door, Request } from "./listen.ts";
import { recordOf, type Visit } from "./record.ts";
import { connectError } from "./rpc-error.ts";
import { unaryMethod } from "./unary.ts";
import { readApi, readConstraints, readUsage, type Enclosures, writePlan } from "./wire.ts";

/** A visit that its door must end. */
export interface RpcVisit extends Visit {
  /** True when the head alone says who asks; false where the body may. Errors: unauthenticated. */
  isKnown(request: Request): boolean;
  leave(): void;
}

/** What the RPC door needs of the house. `visit` takes the current runtime and a place; `leave` gives them back. */
export interface RpcHouse {
  visit(): RpcVisit;
  isReady(): boolean;
  /** Resolves when readiness has changed, or when `signal` aborts. */
  readinessChanged(signal: AbortSignal): Promise<void>;
  limits(): Runtime["limits"];
  fault(where: string, error: unknown): void;
}

interface Seat {
  readonly visit: RpcVisit;
  readonly peer: Request;
}

const SEAT = createContextKey<Seat | undefined>(undefined);
/** The protobuf and JSON forms of a body are longer than the body. */
const ENVELOPE_FACTOR = 2;
/** Health is asked by anybody, and a question is the name of a service. */
const HEALTH_BYTES = 4096;
const MAX_SCORES = 32;
const MAX_HEADERS = 200;
const MAX_NAME = 64;
const MAX_ID = 300;
/** Whose health may be asked for; "" is the whole. */
const SERVICES: readonly string[] = ["", RouterService.typeName, ExternalProcessor.typeName];

/** gRPC, gRPC-Web and Connect JSON, under `/signalbox.v1.RouterService/` and `/grpc.health.v1.Health/`. */
export function createRpcDoor(house: RpcHouse): Door {
  const { fault } = house;
  const decide = (request: RouteRequestRequest, values: ContextValues) =>
    seated(values, fault, ({ visit, peer }) => routeRequest(visit, request, peer));
  const learn = (request: ReportOutcomeRequest, values: ContextValues) =>
    seated(values, fault, async ({ visit, peer }) => tellOutcome(visit, request, peer));
  const keep = (request: StoreAnswerRequest, values: ContextValues) =>
    seated(values, fault, async ({ visit, peer }) => storeAnswer(visit, request, peer));
  const routes = (router: ConnectRouter) => {
    router.service(RouterService, {
      routeRequest: (request, { values }) => decide(request, values),
      reportOutcome: (request, { values }) => learn(request, values),
      storeAnswer: (request, { values }) => keep(request, values),
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
  return createConnectDoor({
    routes,
    fault,
    plain: [
      unaryMethod(method.routeRequest, decide),
      unaryMethod(method.reportOutcome, learn),
      unaryMethod(method.storeAnswer, keep),
    ],
    enter: (of, request) => (of.parent === RouterService ? seat(house.visit(), of, request) : prober(house.limits())),
  });
}

/** A place of its own, from before the body is read until the method is done. Errors: unauthenticated. */
function seat(visit: RpcVisit, method: DescMethod, peer: Request): Guest {
  const { limits } = visit.runtime;
  const refused = (error: RouterError): void => {
    if (method === RouterService.method.routeRequest)
      visit.publish(recordOf(visit, { door: "rpc", attempts: [], status: error.status, error }));
  };
  const admit = (key: string): void => void visit.admit(peer, { key, tenant: "" });
  try {
    return {
      values: createContextValues().set(SEAT, { visit, peer }),
      limits: { ...limits, bytes: limits.bytes * ENVELOPE_FACTOR },
      ...(!visit.isKnown(peer) && { admit }),
      refused,
      leave: visit.leave,
    };
  } catch (caught) {
    refused(RouterError.from(caught));
    visit.leave();
    throw caught;
  }
}

const prober = (limits: Runtime["limits"]): Guest => ({
  values: createContextValues(),
  limits: { ...limits, bytes: HEALTH_BYTES },
  refused() {},
  leave() {},
});

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
      cache: request.cache,
      // A question is short, and what it was asked for is done all the same where the caller has left.
      ask: askFor(visit, caller, new AbortController().signal),
      ...(request.profile && { profile: request.profile }),
    });
    if (!plan.preview)
      visit.publish(
        recordOf(visit, { door: "rpc", caller, prompt, plan, attempts: [], status: plan.blocked?.status ?? 200 }),
      );
    const blockedBody = plan.blocked ? read.errorBody(new RouterError("blocked", plan.blocked.message)) : "";
    const body =
      request.includeBody && request.input.case === "raw" ? Buffer.from(request.input.value.json) : undefined;
    return writePlan(plan, (target) => runtime.describe(target), {
      body,
      blockedBody,
      cacheable: mayBeBrought(plan) && isBelieved(runtime, caller),
      replay: read.replay,
    });
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
): Pick<RouteInput, "prompt" | "body" | "edit" | "effortEdit"> &
  Pick<Enclosures, "replay"> & {
    errorBody(error: RouterError): string;
  } {
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
  const prompt = dialect.read(body, input.value.model ? { model: input.value.model } : {});
  return {
    prompt,
    ...editsOf(dialect, bytes),
    errorBody: dialect.errorBody,
    // Nothing is kept of other APIs.
    ...(prompt.stream && {
      replay: (answer) => replayed(prompt.api as ClientApi, answer, { usage: usageEdits(bytes, body).length === 0 }),
    }),
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
  const names = [...scores.map(([name]) => ["scores", name] as const), ["finish", request.finish] as const];
  const ids = [["decision_id", request.decisionId] as const, ["target_id", request.targetId] as const];
  for (const [param, text] of names) refuseLonger(param, text, MAX_NAME);
  for (const [param, text] of ids) refuseLonger(param, text, MAX_ID);
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

function storeAnswer(visit: Visit, { decisionId, clientKey, tenant, body, stream }: StoreAnswerRequest, peer: Request) {
  const caller = visit.admit(peer, { key: clientKey, tenant });
  const { bytes } = visit.runtime.limits;
  if (body.length > bytes)
    throw new RouterError("body_too_large", `The answer is larger than ${bytes} bytes (server.limits.body_bytes).`);
  refuseLonger("decision_id", decisionId, MAX_ID);
  return { stored: keepReported(visit.runtime, caller, { decisionId, body, stream }) };
}

/** What is kept and counted by name. */
function refuseLonger(param: string, text: string, most: number): void {
  if (text.length <= most) return;
  throw new RouterError("invalid_request", `${param} has a text of more than ${most} characters.`, { param });
}

function serving(house: RpcHouse, service: string): Serving {
  if (!SERVICES.includes(service))
    throw new ConnectError(`No service ${JSON.stringify(service.slice(0, 100))} here.`, Code.NotFound);
  return house.isReady() ? Serving.SERVING : Serving.NOT_SERVING;
}

/** Gives the place back whatever happens, and tells every failure by a Connect code. */
async function seated<T>(values: ContextValues, fault: RpcHouse["fault"], act: (seat: Seat) => Promise<T>): Promise<T> {
  const taken = values.get(SEAT)!;
  try {
    return await act(taken);
  } catch (caught) {
    throw connectError(caught, fault, "rpc door");
  } finally {
    taken.visit.leave();
  }
}

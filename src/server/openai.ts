import { answer, type Answer } from "../answer/index.ts";
import type { Attempt, Caller, Plan, Prompt } from "../contracts.ts";
import { DIALECTS } from "../dialect/index.ts";
import { parseBody } from "../dialect/json.ts";
import { usageEdits } from "../dialect/openai-chat/answer.ts";
import { readInputs } from "../dialect/openai-inputs.ts";
import { RouterError } from "../errors.ts";
import { costOf } from "../pool/cost.ts";
import { route } from "../route/index.ts";
import { planPassthrough } from "../route/passthrough.ts";
import type { Runtime } from "../runtime.ts";
import { readBody } from "./body.ts";
import type { Request, Response } from "./listen.ts";
import { recordOf, type Visit } from "./record.ts";
import { plainHeaders, sendError, sendJson, writeHead } from "./reply.ts";

const DIALECT = DIALECTS["openai-chat"];

/** `POST /v1/chat/completions`: decides, then lets the models of the plan answer. */
export async function chat(visit: Visit, request: Request, response: Response): Promise<void> {
  await serve("openai", visit, request, response, async ({ runtime, caller, bytes, abort }) => {
    const body = parseBody(bytes, runtime.limits);
    const prompt = DIALECT.read(body, {});
    const plan = await route(runtime, {
      prompt,
      caller,
      headers: plainHeaders(request),
      constraints: {},
      preview: false,
      answering: true,
      edit: DIALECT.modelEdits(bytes),
    });
    const asksUsage = prompt.stream ? usageEdits(bytes, body) : [];
    return {
      prompt,
      plan,
      call: {
        path: "/chat/completions",
        edits: asksUsage,
        stream: prompt.stream,
        stripUsage: asksUsage.length > 0,
        abort,
      },
    };
  });
}

/**
 * `POST /v1/embeddings`, `/v1/completions`: to the model that is named, under its targets, metered. Rules and safety
 * hold; nothing else is decided.
 */
export async function passthrough(path: string, visit: Visit, request: Request, response: Response): Promise<void> {
  await serve("passthrough", visit, request, response, async ({ runtime, caller, bytes, abort }) => {
    const body = parseBody(bytes, runtime.limits);
    // An embedding is always whole, whatever its body says of streams.
    const inputs = readInputs(body, { streams: path === "/completions" });
    const { prompt } = inputs;
    const plan = await planPassthrough(runtime, {
      ...inputs,
      caller,
      headers: plainHeaders(request),
      constraints: {},
      preview: false,
      edit: DIALECT.modelEdits(bytes),
    });
    const edits = prompt.stream ? usageEdits(bytes, body) : [];
    return { prompt, plan, call: { path, edits, stream: prompt.stream, stripUsage: edits.length > 0, abort } };
  });
}

/** `GET /v1/models`: what may be asked for by this caller: the routed names first, then the pool. */
export function listModels(visit: Visit, request: Request, response: Response): void {
  const { runtime } = visit;
  const caller = visit.admit(request);
  const routed = runtime.aliases.flatMap((alias) => [
    alias,
    ...[...runtime.profiles.keys()].map((profile) => `${alias}:${profile}`),
  ]);
  const pool = runtime.pool.models.map(({ name }) => name).filter((name) => caller.models?.includes(name) ?? true);
  const data = [...routed, ...pool].map((id) => ({ id, object: "model", created: 0, owned_by: "signalbox" }));
  sendJson(response, 200, { object: "list", data });
}

interface Admitted {
  readonly runtime: Runtime;
  readonly caller: Caller;
  readonly bytes: Buffer;
  readonly abort: AbortSignal;
}
interface Prepared {
  readonly prompt?: Prompt;
  readonly plan: Plan;
  readonly call: {
    path: string;
    edits: Parameters<typeof answer>[2]["edits"];
    stream: boolean;
    stripUsage: boolean;
    abort: AbortSignal;
  };
}

/** What every answered request lives through, whatever it asks: admit, prepare, answer, tell, record. */
async function serve(
  door: "openai" | "passthrough",
  visit: Visit,
  request: Request,
  response: Response,
  prepare: (admitted: Admitted) => Prepared | Promise<Prepared>,
): Promise<void> {
  const { runtime } = visit;
  const gone = new AbortController();
  let delivered = false;
  // An answer that was handed over closes too; to abort then would cost an error object for nobody.
  response.once("close", () => delivered || gone.abort());
  const attempts: Attempt[] = [];
  const seen: { caller?: Caller; prompt?: Prompt; plan?: Plan; error?: RouterError; uploadMs: number } = {
    uploadMs: 0,
  };
  let status = 200;
  try {
    const caller = (seen.caller = visit.admit(request));
    const arrived = visit.elapsed();
    const bytes = await readBody(request, runtime.limits);
    seen.uploadMs = visit.elapsed() - arrived;
    const { prompt, plan, call } = await prepare({ runtime, caller, bytes, abort: gone.signal });
    Object.assign(seen, { prompt, plan });
    if (plan.blocked) throw new RouterError("blocked", plan.blocked.message);
    if (plan.targets.length === 0) throw noTarget(runtime, plan);

    const answered = await answer(
      runtime,
      plan,
      { ...call, body: bytes, inputTokens: prompt?.inputTokens ?? 0 },
      attempts,
    );
    status = answered.status;
    await deliver(visit, response, plan, answered, { attempts, uploadMs: seen.uploadMs, gone: gone.signal });
    delivered = true;
  } catch (caught) {
    const error = (seen.error = RouterError.from(caught));
    if (error.code === "internal") visit.fault("openai door", caught);
    status = seen.plan?.blocked?.status ?? error.status;
    const headers = seen.plan && runtime.responseHeaders ? planHeaders(seen.plan) : {};
    if (error.code !== "client_gone") sendError(response, status, DIALECT.errorBody(error), error, headers);
    else response.destroy();
  } finally {
    visit.publish(recordOf(visit, { door, attempts, status, ...seen }));
  }
}

/** Writes the answer as it comes; a slow client slows the upstream. */
async function deliver(
  visit: Visit,
  response: Response,
  plan: Plan,
  answered: Answer,
  { attempts, uploadMs, gone }: { attempts: readonly Attempt[]; uploadMs: number; gone: AbortSignal },
): Promise<void> {
  const { runtime } = visit;
  const whole = answered.body instanceof Uint8Array ? answered.body : undefined;
  const own = runtime.responseHeaders
    ? {
        ...planHeaders(plan),
        "x-signalbox-model": answered.planned.model,
        "x-signalbox-tier": runtime.pool.byName.get(answered.planned.model)?.tier.name ?? "",
        "x-signalbox-overhead-ms": (visit.elapsed() - uploadMs - waited(attempts, answered)).toFixed(2),
        ...(whole && costHeader(runtime, answered, attempts)),
      }
    : {};
  writeHead(response, answered.status, {
    ...answered.headers,
    ...own,
    ...(whole && { "content-length": String(whole.length) }),
  });
  if (whole) return void response.end(whole);

  for await (const chunk of answered.body as AsyncIterable<Uint8Array>) {
    if (!write(response, chunk)) await drained(response, gone);
    if (gone.aborted) break;
  }
  if (gone.aborted) response.destroy();
  else response.end();
}

/** What the failed tries before this answer cost in time, and the wait for this one. */
const waited = (attempts: readonly Attempt[], answered: Answer): number =>
  answered.waitedMs +
  attempts
    .filter(({ result }) => result !== "ok" && result !== "refused")
    .reduce((sum, { latencyMs }) => sum + latencyMs, 0);

/** Of a whole answer, whose attempt is over: the last one. Left out where the upstream did not count. */
function costHeader(runtime: Runtime, answered: Answer, attempts: readonly Attempt[]): Record<string, string> {
  const usage = attempts.at(-1)?.usage;
  const model = runtime.pool.byName.get(answered.planned.model);
  return usage && !usage.estimated && model ? { "x-signalbox-cost-usd": costOf(model.price, usage).toFixed(8) } : {};
}

/** The explanation that travels with an answer: short, ASCII, no prompt text. */
function planHeaders({ decisionId, decision }: Plan): Record<string, string> {
  return {
    "x-signalbox-decision-id": decisionId,
    ...(decision && {
      "x-signalbox-model": decision.model,
      "x-signalbox-tier": decision.tier,
      "x-signalbox-route": decision.route,
      "x-signalbox-confidence": decision.confidence.toFixed(3),
      "x-signalbox-reason": decision.reason,
    }),
  };
}

function noTarget(runtime: Runtime, { decision }: Plan): RouterError {
  // Without a decision the model was named, and known: only its targets are not to be had.
  if (!decision || runtime.pool.byName.has(decision.model))
    return new RouterError("unavailable", "No target of the model can be tried now.", { retryAfterMs: 1000 });
  return new RouterError(
    "unknown_model",
    `The pool has no such model. Ask for ${runtime.aliases[0]}, or one of GET /v1/models.`,
    { param: "model" },
  );
}

/** False when the client cannot take more for now. */
const write = (response: Response, chunk: Uint8Array): boolean => (response as NodeJS.WritableStream).write(chunk);

/** A client that takes nothing for this long is gone: it holds a model's answer, and maybe a circuit's only probe. */
const STALL_MS = 30_000;

/** Resolves when the client takes bytes again, or never will. */
function drained(response: Response, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stall = setTimeout(() => response.destroy(), STALL_MS);
    const settle = () => {
      clearTimeout(stall);
      response.off("drain", settle);
      gone.removeEventListener("abort", settle);
      resolve();
    };
    response.on("drain", settle);
    gone.addEventListener("abort", settle);
    if (gone.aborted) settle();
  });
}

import { answer, type Call, type Given, type Journal } from "../answer/index.ts";
import type { Attempt, Caller, Decision, Plan, PlannedCascade, Prompt } from "../contracts.ts";
import { DIALECTS } from "../dialect/index.ts";
import type { ClientApi } from "../dialect/speech.ts";
import { RouterError } from "../errors.ts";
import type { RequestRecord } from "../events.ts";
import { costOf } from "../pool/cost.ts";
import type { Runtime } from "../runtime.ts";
import { askFor } from "./asking.ts";
import { readBody } from "./body.ts";
import type { Request, Response } from "./listen.ts";
import { recordOf, usdOf, type Visit } from "./record.ts";
import { sendError, writeHead } from "./reply.ts";
import { settled } from "./settle.ts";

/** A request whose body is in. */
export interface Admitted {
  readonly runtime: Runtime;
  readonly caller: Caller;
  readonly bytes: Buffer;
  readonly abort: AbortSignal;
}

/** What a door made of it: the first act is done, the second may begin. */
export interface Prepared {
  readonly prompt: Prompt;
  readonly plan: Plan;
  readonly call: Omit<Call, "api" | "body" | "tenant" | "inputTokens" | "abort">;
}

/** What every answered request lives through, whatever it asks: admit, prepare, answer, deliver, record. */
export async function serveAnswer(
  { door, api }: { door: RequestRecord["door"]; api: ClientApi },
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
  const journal: Journal = { attempts: [], asked: [] };
  const { attempts, asked } = journal;
  const seen: { caller?: Caller; prompt?: Prompt; plan?: Plan; error?: RouterError; uploadMs: number } = {
    uploadMs: 0,
  };
  let status = 200;
  let release = () => {};
  try {
    const caller = (seen.caller = visit.admit(request));
    const refused = visit.guard.admit(caller.tenant);
    if (refused) throw refused;
    const arrived = visit.elapsed();
    const bytes = await readBody(request, runtime.limits);
    seen.uploadMs = visit.elapsed() - arrived;
    const { prompt, plan, call } = await prepare({ runtime, caller, bytes, abort: gone.signal });
    Object.assign(seen, { prompt, plan });
    if (plan.blocked) throw new RouterError("blocked", plan.blocked.message);
    if (plan.targets.length === 0 && !plan.cached) throw noTarget(runtime, plan);

    release = visit.guard.reserve(caller.tenant, expectedUsd(runtime, prompt, plan));
    const answered = await answer(
      runtime,
      plan,
      { ...call, api, body: bytes, tenant: caller.tenant, inputTokens: prompt.inputTokens, abort: gone.signal },
      journal,
      { prompt, askUntil: (abort) => askFor(visit, caller, abort) },
    );
    status = answered.status;
    await deliver(visit, response, plan, answered, { journal, uploadMs: seen.uploadMs, gone: gone.signal });
    delivered = true;
  } catch (caught) {
    const error = (seen.error = RouterError.from(caught));
    if (error.code === "internal") visit.fault(`${door} door`, caught);
    status = seen.plan?.blocked?.status ?? error.status;
    const headers = seen.plan && runtime.responseHeaders ? planHeaders(seen.plan) : {};
    if (error.code !== "client_gone") sendError(response, status, DIALECTS[api].errorBody(error), error, headers);
    else response.destroy();
  } finally {
    // What others still wait for is paid by this request.
    await journal.over;
    const { shared } = journal;
    const record = recordOf(visit, { door, api, attempts, asked, status, ...seen, ...(shared && { shared }) });
    visit.publish(journal.cascade ? settled(visit, record, journal.cascade) : record);
    release();
  }
}
/** What the request will cost, as far as that can be told: of what is not decided, the prompt and the longest reply. What was asked for it is spent already, and in nobody's books yet. */
export function expectedUsd(runtime: Runtime, { inputTokens, maxOutputTokens = 0 }: Prompt, plan: Plan): number {
  if (plan.cached) return usdOf(plan.asked ?? []);
  if (plan.decision) return decidedUsd(runtime, plan.decision, plan.cascade) + usdOf(plan.asked ?? []);
  const price = runtime.pool.byName.get(plan.targets[0]?.model ?? "")?.price;
  const most = { inputTokens, outputTokens: maxOutputTokens, cachedInputTokens: 0, estimated: true };
  return price ? costOf(price, most) : 0;
}

/** A cascade may have to ask all of its models, and those that they are compared with. */
function decidedUsd(
  { cascades }: Runtime,
  { expectedCostUsd, candidates, route }: Decision,
  cascade: PlannedCascade | undefined,
): number {
  if (!cascade) return expectedCostUsd;
  const beside = cascades.get(route)?.steps.flatMap((step) => step.beside) ?? [];
  const models = new Set([...cascade.models, ...beside]);
  return candidates.reduce((sum, { model, costUsd }) => sum + (models.has(model) ? costUsd : 0), 0);
}

/** Writes the answer as it comes; a slow client slows the upstream. */
async function deliver(
  visit: Visit,
  response: Response,
  plan: Plan,
  answered: Given,
  { journal, uploadMs, gone }: { journal: Journal; uploadMs: number; gone: AbortSignal },
): Promise<void> {
  const { runtime } = visit;
  const whole = answered.body instanceof Uint8Array ? answered.body : undefined;
  const own = runtime.responseHeaders
    ? {
        ...planHeaders(plan),
        "x-signalbox-model": answered.model,
        "x-signalbox-tier": runtime.pool.byName.get(answered.model)?.tier.name ?? "",
        ...cacheHeaders(plan, journal.shared !== undefined),
        "x-signalbox-overhead-ms": Math.max(0, visit.elapsed() - uploadMs - waited(journal, answered, plan)).toFixed(2),
        ...(whole && costHeader(runtime, journal, plan)),
      }
    : {};
  writeHead(response, answered.status, {
    ...answered.headers,
    ...own,
    ...(whole && { "content-length": String(whole.length) }),
  });
  if (whole) {
    const unread = setTimeout(() => response.destroy(), UNREAD_MS);
    response.once("close", () => clearTimeout(unread));
    return void response.end(whole);
  }

  for await (const chunk of answered.body as AsyncIterable<Uint8Array>) {
    if (!write(response, chunk)) await drained(response, gone);
    if (gone.aborted) break;
  }
  if (gone.aborted) response.destroy();
  else response.end();
}

/** What the failed tries before this answer cost in time, the wait for this one, and for models that were asked before. */
const waited = ({ attempts, asked: judging }: Journal, answered: Given, { asked = [] }: Plan): number =>
  answered.waitedMs +
  [...attempts.filter(isOther), ...asked, ...judging].reduce((sum, { latencyMs }) => sum + latencyMs, 0);

/** It gave no answer, or not the one that is given out. */
const isOther = ({ result, discarded }: Attempt): boolean =>
  discarded === true || (result !== "ok" && result !== "refused");

/** Of a whole answer, when all its attempts are over: what they cost, and what was asked for it. Left out where a model server did not count. */
function costHeader(
  { pool }: Runtime,
  { attempts, asked: judging, shared }: Journal,
  { asked = [], cached }: Plan,
): Record<string, string> {
  const isFree = cached !== undefined || shared !== undefined;
  const bills = [...attempts, ...asked, ...judging].filter(({ usage }) => usage !== undefined);
  const prices = bills.map(({ model, usage }) => {
    const known = pool.byName.get(model);
    return known && !usage!.estimated ? costOf(known.price, usage!) : undefined;
  });
  const usd = prices.reduce<number | undefined>(
    (sum, one) => (sum === undefined || one === undefined ? undefined : sum + one),
    0,
  );
  return usd === undefined || (bills.length === 0 && !isFree) ? {} : { "x-signalbox-cost-usd": usd.toFixed(8) };
}

/** What the cache had to do with an answer; nothing where it was not asked. */
export function cacheHeaders({ cached, keep }: Plan, isShared = false): Record<string, string> {
  if (!cached) return keep ? { "x-signalbox-cache": isShared ? "shared" : "miss" } : {};
  return {
    "x-signalbox-cache": cached.kind,
    "x-signalbox-cache-id": cached.id,
    "x-signalbox-cache-age": (cached.ageMs / 1000).toFixed(0),
    "x-signalbox-cache-similarity": cached.similarity.toFixed(3),
  };
}

/** The explanation that travels with an answer: short, ASCII, no prompt text. */
export function planHeaders({ decisionId, decision }: Plan): Record<string, string> {
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

/** A whole answer that is not taken for this long, however slowly, is for nobody. */
const UNREAD_MS = 300_000;

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

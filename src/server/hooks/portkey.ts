import type { Plan, WireApi } from "../../contracts.ts";
import { DIALECTS } from "../../dialect/index.ts";
import { applyEdits, findSpans, parseBody } from "../../dialect/json.ts";
import { refuse, stringOf } from "../../dialect/shape.ts";
import { RouterError } from "../../errors.ts";
import { editsOf } from "../../route/input.ts";
import { OURSELVES, type Runtime } from "../../runtime.ts";
import type { Request, Response } from "../listen.ts";
import type { Visit } from "../record.ts";
import { type HookCall, type Question, serveHook } from "./hook.ts";

/** Portkey's words for the APIs that can be decided on. */
const APIS: Readonly<Record<string, WireApi>> = { chatComplete: "openai-chat", messages: "anthropic-messages" };
const PASS = { verdict: true };
const NOBODY_RESTORES =
  "Personal data would be replaced here, and Portkey puts no values back: let the config mask, hash or block it.";

/**
 * `POST /hooks/portkey`, with `?upstream=NAME` where Portkey's target is not the only upstream: the verdict on a
 * request, and its body as the chosen model's target wants it. What cannot be decided on passes as it is.
 */
export function portkey(visit: Visit, request: Request, response: Response): Promise<void> {
  const reply = async ({ runtime, bytes, body, decide }: HookCall): Promise<object> => {
    const api = APIS[stringOf(body["requestType"])];
    if (body["eventType"] !== "beforeRequestHook" || !api) return PASS;
    const upstream = upstreamOf(runtime, request);
    const [span] = findSpans(bytes, ["request", "json"]);
    if (!span) refuse("request.json", "the body of the client");
    const sent = bytes.subarray(span.offset, span.offset + span.length);
    return acceptance(await decide(questionOf(runtime, api, sent, upstream)), sent, upstream);
  };
  return serveHook({ reply, refusal }, visit, request, response);
}

/** Which upstream Portkey sends to. */
function upstreamOf(runtime: Runtime, { url = "/" }: Request): string | undefined {
  const name = new URL(url, "http://signalbox").searchParams.get("upstream") ?? undefined;
  const isKnown = runtime.pool.models.some(({ targets }) => targets.some(({ upstream }) => upstream === name));
  return name === undefined || isKnown ? name : refuse("upstream", "an upstream that has targets in the pool");
}

function questionOf(runtime: Runtime, api: WireApi, sent: Uint8Array, upstream: string | undefined): Question {
  const dialect = DIALECTS[api];
  const prompt = dialect.read(parseBody(sent, runtime.limits), {});
  return {
    prompt,
    headers: {},
    constraints: upstream === undefined ? {} : { models: reachable(runtime, upstream, prompt.model) },
    preview: false,
    ...editsOf(dialect, sent),
  };
}

/** The models that the upstream has, and whatever is not of the pool. */
function reachable({ pool }: Runtime, upstream: string, asked: string): string[] {
  const models = pool.models.filter(({ targets }) => targets.some((target) => target.upstream === upstream));
  return [...models.map(({ name }) => name), ...(pool.byName.has(asked) ? [] : [asked])];
}

/** The client is told `data` where its answer is whole. */
function acceptance(plan: Plan, sent: Uint8Array, upstream: string | undefined): object {
  const { decisionId, decision, targets } = plan;
  const { model, tier, route, reason, confidence } = decision!;
  const data = { decision_id: decisionId, model, tier, route, reason, confidence };
  if (tier === "") return { ...PASS, data };
  if ((plan.redaction?.placeholders.size ?? 0) > 0) throw new RouterError("unsupported_feature", NOBODY_RESTORES);
  // Portkey sends where its own config says: never to our answering door.
  const target = targets.find(({ target: { upstream: own } }) =>
    upstream === undefined ? own !== OURSELVES : own === upstream,
  );
  if (!target) throw new RouterError("unavailable", "No target of the model can be tried now.", { retryAfterMs: 1000 });
  const json: unknown = JSON.parse(Buffer.from(applyEdits(sent, target.edits)).toString("utf8"));
  return { ...PASS, data, transformedData: { request: { json } } };
}

const refusal = ({ code, message }: RouterError): object => ({ verdict: false, data: { code, message } });

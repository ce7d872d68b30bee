import type { Ask, Attempt, Model, PlannedTarget, Question, Timeouts } from "../contracts.ts";
import { parseFields, textOf } from "../dialect/event-json.ts";
import { readChatReply } from "../dialect/openai-chat/read-reply.ts";
import { RouterError } from "../errors.ts";
import { costOf } from "../pool/cost.ts";
import { orderTargets, reachableTargets } from "../pool/order.ts";
import { plannedTarget } from "../route/planned.ts";
import type { Runtime } from "../runtime.ts";
import { estimateTokens } from "../text/tokens.ts";
import { attempt, type Call, type Tried } from "./attempt.ts";
import { OUTRUN } from "./ends.ts";

/** How long after the deadline the target's own timeout has time to tell its circuit. */
const GRACE_MS = 25;

/**
 * Asks for one tenant: one attempt at the model's first target that may be called, under that target's circuit, keys
 * and turnstile, and under its tier's timeouts or the deadline, whichever comes first. A target that is late is a
 * target that failed; one whose place or socket was late is not.
 * @param abort when nobody waits for the answer any more
 */
export function createAsk(runtime: Runtime, tenant: string, abort: AbortSignal): Ask {
  return async (question) => {
    const model = runtime.pool.byName.get(question.model)!;
    const { internalOnly, deadlineMs } = question;
    const [reachable] = reachableTargets(model, internalOnly);
    if (!reachable) return {};
    const [target] = orderTargets(model, { internalOnly, isCallable: runtime.isCallable });
    if (!target) return { attempt: { model: model.name, target: reachable.id, result: "circuit_open", latencyMs: 0 } };

    const attempts: Attempt[] = [];
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(OUTRUN), deadlineMs + GRACE_MS);
    try {
      const planned = plannedTarget(runtime, {}, model.name, target, within(model.tier.timeouts, deadlineMs));
      const call = callOf(question, planned, tenant, AbortSignal.any([abort, late.signal]));
      const tried = await attempt(runtime, planned, call, attempts);
      const text = saidIn(tried);
      const [made] = attempts;
      return { ...(text !== undefined && { text }), ...(made && { attempt: priced(made, model) }) };
    } finally {
      clearTimeout(timer);
    }
  };
}

function within({ connectMs, firstTokenMs, totalMs }: Timeouts, deadlineMs: number): Timeouts {
  return {
    connectMs: Math.min(connectMs, deadlineMs),
    firstTokenMs: Math.min(firstTokenMs, deadlineMs),
    totalMs: Math.min(totalMs, deadlineMs),
  };
}

function callOf(
  { system, user, maxOutputTokens }: Question,
  { target }: PlannedTarget,
  tenant: string,
  abort: AbortSignal,
): Call {
  const body = {
    model: target.upstreamModel,
    messages: [
      { role: "system", content: system },
      { role: "user", content: user },
    ],
    max_completion_tokens: maxOutputTokens,
  };
  return {
    api: "openai-chat",
    body: Buffer.from(JSON.stringify(body)),
    edits: [],
    headers: {},
    references: [],
    foreign: "none",
    tenant,
    stream: false,
    usage: true,
    inputTokens: estimateTokens(system) + estimateTokens(user),
    abort,
  };
}

/** The words of a whole answer; undefined where there is none, or one that nobody can read. */
function saidIn(tried: Tried): string | undefined {
  if (tried.kind !== "answered" || !(tried.answer.body instanceof Uint8Array)) return undefined;
  const body = parseFields(textOf(tried.answer.body));
  if (!body) return undefined;
  try {
    return readChatReply(body)
      .blocks.map((block) => (block.kind === "text" ? block.text : ""))
      .join("");
  } catch (caught) {
    if (caught instanceof RouterError) return undefined;
    throw caught;
  }
}

function priced(made: Attempt, { price }: Model): Attempt {
  return made.usage ? { ...made, costUsd: costOf(price, made.usage) } : made;
}

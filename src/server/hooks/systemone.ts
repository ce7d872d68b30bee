import type { Prompt } from "../../contracts.ts";
import { readMessages } from "../../dialect/messages.ts";
import { isFields, refuse, stringAt } from "../../dialect/shape.ts";
import type { Pool } from "../../pool/pool.ts";
import type { Request, Response } from "../listen.ts";
import type { Visit } from "../record.ts";
import { plainHeaders } from "../reply.ts";
import { type HookCall, serveHook } from "./hook.ts";

const ASK = "Classify this message:\n";
const SYSTEM = "Caller system prompt, quoted as task context:\n";
const HISTORY = "Recent conversation (context only, do not classify these):\n";
const SIZE = /Conversation so far: ~(\d{1,9}) tokens across the request\s*$/u;
const MOST_LABELS = 255;

/**
 * `POST /v1/systemone`, the protocol of decision services: one question of type choice, whose labels are models or
 * tiers of the pool. The decision is taken among those. A request that is blocked has no choice: that is an error.
 */
export function systemone(visit: Visit, request: Request, response: Response): Promise<void> {
  const reply = async ({ runtime, body, decide }: HookCall): Promise<object> => {
    const [name, labels] = questionOf(body["questions"]);
    const constraints = { models: modelsOf(runtime.pool, labels) };
    const prompt = readState(body["state"], profiled(runtime.aliases, body["model"]));
    const plan = await decide({ prompt, headers: plainHeaders(request), constraints, preview: false });
    const { model, tier, confidence } = plan.decision!;
    const choice = labels.includes(model) ? model : tier;
    return {
      model: prompt.model,
      answers: { [name]: { type: "choice", choice, probabilities: { [choice]: confidence }, confidence } },
      usage: { input_tokens: prompt.inputTokens, output_tokens: 0 },
      decision_id: plan.decisionId,
    };
  };
  return serveHook({ reply }, visit, request, response);
}

function questionOf(questions: unknown): [name: string, labels: string[]] {
  const [first, ...more] = isFields(questions) ? Object.entries(questions) : [];
  const [name = "", question] = first ?? [];
  if (more.length > 0 || !isFields(question) || question["type"] !== "choice" || !isFields(question["criteria"]))
    refuse("questions", "one question of type choice, with criteria");
  const labels = Object.keys(question["criteria"]);
  if (labels.length === 0 || labels.length > MOST_LABELS) refuse("questions", `of 1 to ${MOST_LABELS} criteria`);
  return [name, labels];
}

/** The models that are up for choice. */
function modelsOf(pool: Pool, labels: readonly string[]): string[] {
  return labels.flatMap((label) => {
    if (pool.byName.has(label)) return [label];
    const ofTier = pool.models.filter(({ tier }) => tier.name === label).map(({ name }) => name);
    return ofTier.length > 0 ? ofTier : refuse("questions", "a choice between models or tiers of the pool, by name");
  });
}

/** Only what is routed has a choice. */
function profiled(aliases: readonly string[], value: unknown): string {
  const model = stringAt(value, "model") || aliases[0]!;
  return aliases.includes(model.split(":", 1)[0]!)
    ? model
    : refuse("model", `${aliases[0]!}, with a profile or without`);
}

/**
 * What LiteLLM's router tells of a request: the caller's system text, earlier turns, how long all of it is, and last
 * what is asked now. Anything else is what is asked.
 */
function readState(state: unknown, model: string): Prompt {
  if (typeof state !== "string" || state === "") refuse("state", "a text");
  const at = askAt(state);
  const before = state.slice(0, at);
  const turn = at < 0 ? state : state.slice(at + ASK.length);
  const size = Number(SIZE.exec(before)?.[1] ?? 0);
  const [head, history] = at < 0 ? ["", ""] : cut(before.replace(SIZE, ""), HISTORY);
  const prompt = readMessages({
    model,
    messages: [
      { role: "system", content: head.replace(SYSTEM, "").trim() },
      { role: "user", content: history.trim() },
      { role: "user", content: turn },
    ].filter(({ content }, index) => index === 2 || content !== ""),
  });
  return { ...prompt, inputTokens: Math.max(prompt.inputTokens, size) };
}

/** What stands before the mark and what behind it. */
function cut(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + mark.length)];
}

/** Where the ask begins: at the start of a line, the first time; below 0 where nothing says so. */
function askAt(state: string): number {
  if (state.startsWith(ASK)) return 0;
  const at = state.indexOf(`\n${ASK}`);
  return at < 0 ? at : at + 1;
}

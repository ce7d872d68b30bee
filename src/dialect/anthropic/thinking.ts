import type { Effort, Inquiry, Reasoning, Turn } from "../form.ts";
import { unsupported, type Fields } from "../shape.ts";

/** The API requires a limit, and a client that names none wants an answer of ordinary length; every Claude can give this one. */
const DEFAULT_OUTPUT = 4096;
/** The API's own minimum. */
export const LEAST_BUDGET = 1024;

/**
 * Tokens of thought by effort, as Gemini's OpenAI API documents the first four; the last, with an answer of ordinary
 * length, is the most that every Claude with budgets takes (32,000).
 */
const BUDGETS: Readonly<Record<Exclude<Effort, "none">, number>> = {
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 27_648,
};

/** What asks for thoughts: fields of the body, the limit that leaves them room, and whether the model will think. */
export interface Thinking {
  readonly maxTokens: number;
  readonly thinks: boolean;
  readonly thinking?: Fields;
  readonly effort?: string;
}

/** Errors: unsupported_feature for an output limit under which the model cannot think. */
export function writeThinking(inquiry: Inquiry, model: string): Thinking {
  const { effort, budget } = inquiry.reasoning ?? {};
  const silent = { maxTokens: inquiry.maxOutputTokens ?? DEFAULT_OUTPUT, thinks: false };
  if (effort === undefined && budget === undefined) return silent;
  const off = { ...silent, ...leastOf(model) };
  if (effort === "none" || (effort === undefined && budget === 0)) return off;
  if (!takesBudgets(model)) return adaptive(inquiry, inquiry.reasoning!);
  return continuesWithoutThoughts(inquiry.turns) ? off : budgeted(inquiry, inquiry.reasoning!);
}

/**
 * Models before 4.6 know budgets alone; from 4.7 on they refuse them. The old ones are a list that no longer grows,
 * so a name without a version is taken for a new one.
 */
export function takesBudgets(model: string): boolean {
  return versionOf(model) < 406;
}

/** From 5 on models think of their own accord, and most of them refuse to be told not to: their lowest effort is the least. */
export function thinksUnasked(model: string): boolean {
  return versionOf(model) >= 500;
}

/** 405 is 4.5, and a name without a version is newer than all. */
function versionOf(model: string): number {
  const [, major, minor = "0"] = /claude-(?:[a-z]+-)?(\d+)(?:[-.](\d{1,2}))?(?!\d)/.exec(model) ?? [];
  return major === undefined ? Infinity : Number(major) * 100 + Number(minor);
}

/** What asks for no thoughts, or for as few as the model can be told. */
function leastOf(model: string): Pick<Thinking, "thinking" | "effort"> {
  return thinksUnasked(model) ? { effort: "low" } : { thinking: { type: "disabled" } };
}

function adaptive(inquiry: Inquiry, reasoning: Reasoning): Thinking {
  const effort = levelOf(reasoning);
  return {
    maxTokens: inquiry.maxOutputTokens ?? DEFAULT_OUTPUT + BUDGETS[effort ?? "high"],
    thinks: true,
    thinking: {
      type: "adaptive",
      ...(reasoning.show !== undefined && { display: reasoning.show ? "summarized" : "omitted" }),
    },
    ...(effort && { effort }),
  };
}

/** Without an effort, the nearest one to a budget; none that a model might lack. */
function levelOf({ effort, budget }: Reasoning): "low" | "medium" | "high" | "xhigh" | undefined {
  if (effort !== undefined && effort !== "none") return effort === "minimal" ? "low" : effort;
  if (typeof budget !== "number") return undefined;
  if (budget <= BUDGETS.low) return "low";
  return budget <= BUDGETS.medium ? "medium" : "high";
}

function budgeted(inquiry: Inquiry, { effort, budget, show }: Reasoning): Thinking {
  const level = effort === undefined || effort === "none" ? "medium" : effort;
  const wanted = typeof budget === "number" ? Math.max(LEAST_BUDGET, budget) : BUDGETS[level];
  const maxTokens = inquiry.maxOutputTokens ?? DEFAULT_OUTPUT + wanted;
  if (maxTokens <= LEAST_BUDGET) {
    unsupported("reasoning", `thinking takes it ${LEAST_BUDGET} tokens at least, and max_tokens must be above that`);
  }
  const fitting = wanted < maxTokens ? wanted : Math.max(LEAST_BUDGET, Math.floor(maxTokens / 2));
  // To be shown is what thoughts of these models are by themselves.
  return {
    maxTokens,
    thinks: true,
    thinking: { type: "enabled", budget_tokens: fitting, ...(show === false && { display: "omitted" }) },
  };
}

/**
 * Models with budgets refuse to think on where their calls of tools are answered and the turn that made these calls
 * does not begin with the thoughts that led to them, signed. Clients of other APIs cannot give those back.
 */
function continuesWithoutThoughts(turns: readonly Turn[]): boolean {
  const last = turns.findLastIndex((turn) => turn.role === "assistant");
  const calls = turns[last]?.blocks.some((block) => block.kind === "tool_call") ?? false;
  if (!calls) return false;
  let first = last;
  while (turns[first - 1]?.role === "assistant") first -= 1;
  const start = turns[first]!.blocks[0];
  return !(start?.kind === "thinking" && (start.signature ?? start.redacted) !== undefined);
}

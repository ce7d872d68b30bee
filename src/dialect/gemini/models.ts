import type { Effort, Reasoning } from "../form.ts";
import type { Fields } from "../shape.ts";

/**
 * Whether a model is of the third generation or later: these take levels of thinking, refuse calls without a thought
 * signature, read media inside results of tools and answer in a form beside tools. Names without a number, such as
 * gemini-flash-latest, stand for the newest; names that are not Google's own tell nothing and count as earlier ones,
 * whose fields the later models still take.
 */
export function isThirdGeneration(model: string): boolean {
  return /^(models\/)?gemini-(?![12][.-])/.test(model);
}

/** Tokens, as Google's OpenAI-compatible API counts them for the 2.5 models. */
const BUDGETS: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 32_768,
};

/** The thinkingConfig that asks for this; empty where nothing is asked. */
export function writeThinking(reasoning: Reasoning, model: string): Fields {
  return {
    ...(isThirdGeneration(model) ? levelFor(reasoning, model) : budgetFor(reasoning, model)),
    ...(reasoning.show === true && { includeThoughts: true }),
  };
}

/** A budget says more than an effort. What is above the model's most, or below its least, is moved to it. */
function budgetFor({ effort, budget }: Reasoning, model: string): Fields {
  if (budget === "dynamic") return { thinkingBudget: -1 };
  const wanted = budget ?? (effort && BUDGETS[effort]);
  if (wanted === undefined) return {};
  const [least, most] = rangeOf(model);
  return { thinkingBudget: wanted === 0 && canStop(model) ? 0 : Math.min(most, Math.max(least, wanted)) };
}

/** The pro models cannot be kept from thinking, and the lite ones think with some tokens or with none. */
function rangeOf(model: string): readonly [least: number, most: number] {
  if (model.includes("-pro")) return [128, 32_768];
  return [model.includes("-lite") ? 512 : 0, 24_576];
}

const canStop = (model: string): boolean => !model.includes("-pro");

/** OpenAI's word for the least of it, where Gemini is told in OpenAI's words. */
export function leastWord(model: string): "none" | "minimal" {
  return canStop(model) && !isThirdGeneration(model) ? "none" : "minimal";
}

/** A dynamic budget is what these models do unasked. None of them can be kept from thinking. */
function levelFor({ effort, budget }: Reasoning, model: string): Fields {
  const wanted = effort ?? (typeof budget === "number" ? effortOf(budget) : undefined);
  if (wanted === undefined) return {};
  if (wanted === "medium") return { thinkingLevel: "MEDIUM" };
  if (wanted === "high" || wanted === "xhigh") return { thinkingLevel: "HIGH" };
  // Only the lite models all know a level below low; it is where they begin.
  return { thinkingLevel: wanted !== "low" && model.includes("-lite") ? "MINIMAL" : "LOW" };
}

/** The highest effort that keeps within a budget. */
function effortOf(budget: number): Effort {
  if (budget >= BUDGETS.high) return "high";
  if (budget >= BUDGETS.medium) return "medium";
  return budget > 0 ? "low" : "none";
}

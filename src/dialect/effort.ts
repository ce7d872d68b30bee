import type { Edit, Effort, ReasoningFamily } from "../contracts.ts";

/** How much a model is to think, and what must be known of it to tell it so. */
export interface EffortAsk {
  readonly family: ReasoningFamily;
  /** What its server calls it: the younger models of a family are told in other ways than the older ones. */
  readonly model: string;
  readonly effort: Effort;
  /** Tokens to think with at most, for whoever can be told a number. */
  readonly budgetTokens: number;
  /** Its server reads the body as it is; else what is asked here is translated with the rest of it. */
  readonly passes: boolean;
  /** Longest reply, thoughts included, where less is allowed than the body says. */
  readonly maxTokens?: number;
}

/** The edits that tell a model how much to think, in a body that says nothing of it. None where it cannot be told. */
export type EffortEdits = (ask: EffortAsk) => readonly Edit[];

/** What chat templates call the switch that lets a model think or not. */
const SWITCHES: Readonly<Partial<Record<ReasoningFamily, string>>> = { qwen3: "enable_thinking", deepseek: "thinking" };

export function switchOf(family: ReasoningFamily | undefined): string | undefined {
  return family && SWITCHES[family];
}

/** The words that models know, from the least to the most. */
const OPENAI = ["low", "medium", "high"];
const WORDS: Readonly<Partial<Record<ReasoningFamily, readonly string[]>>> = {
  openai: OPENAI,
  "openai-minimal": ["minimal", ...OPENAI],
  "openai-none": ["none", ...OPENAI, "xhigh"],
  "gpt-oss": OPENAI,
};
const ALL = ["none", "minimal", ...OPENAI, "xhigh"];

/**
 * OpenAI's word for an effort as this family knows it: the nearest one at or above a word that it lacks, else its
 * highest. Families with no words of their own take every word.
 */
export function wordFor(family: ReasoningFamily | undefined, effort: string): string {
  const known = (family && WORDS[family]) ?? ALL;
  if (known.includes(effort)) return effort;
  return ALL.slice(ALL.indexOf(effort)).find((word) => known.includes(word)) ?? known.at(-1)!;
}

/** Fields by which a family is told, by any of the names that they have in any API. */
const FIELDS: Readonly<Record<ReasoningFamily, readonly string[]>> = {
  openai: ["reasoning_effort", "reasoning"],
  "openai-minimal": ["reasoning_effort", "reasoning"],
  "openai-none": ["reasoning_effort", "reasoning"],
  "gpt-oss": ["reasoning_effort", "reasoning"],
  anthropic: ["thinking", "output_config", "reasoning_effort", "reasoning"],
  gemini: ["thinking_config", "reasoning_effort", "reasoning"],
  qwen3: ["chat_template_kwargs"],
  deepseek: ["chat_template_kwargs"],
};

/** Whether a model of this family can be told, of which `parameters` says what fields it knows; undefined means all. */
export function canBeTold(family: ReasoningFamily, parameters: readonly string[] | undefined): boolean {
  return parameters === undefined || FIELDS[family].some((name) => parameters.includes(name));
}

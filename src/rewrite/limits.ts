import type { Edit } from "../contracts.ts";
import { joinEdits } from "../dialect/json.ts";
import { isFields, stringOf } from "../dialect/shape.ts";
import type { Body } from "./body.ts";

export interface Limits {
  /** Longest reply, in tokens. */
  readonly maxTokens?: number;
  readonly stop?: readonly string[];
}

/** OpenAI takes no more, and others need no more. */
const MOST_STOPS = 4;

/**
 * The edits that keep a reply within these limits, where the client's own are wider. `parameters` are the fields that
 * the model knows; undefined means all. The responses API has no sequences to stop at.
 */
export function limitEdits(
  body: Body,
  { maxTokens, stop = [] }: Limits,
  parameters?: readonly string[],
): readonly Edit[] {
  return joinEdits(
    maxTokens === undefined ? [] : lengthEdits(body, maxTokens, parameters),
    stop.length === 0 ? [] : stopEdits(body, stop, parameters),
  );
}

function lengthEdits(body: Body, most: number, parameters: readonly string[] | undefined): readonly Edit[] {
  const names = LENGTHS[body.api];
  const cap = Math.max(most, leastFor(body));
  const said = names.filter((name) => (body.value[name] ?? null) !== null);
  const wider = said.filter((name) => !isWithin(body.value[name], cap));
  if (said.length > 0) return joinEdits(...wider.map((name) => body.members.set([name], String(cap))));
  const known = parameters && names.find((name) => parameters.includes(name));
  return body.members.set([known ?? names[0]!], String(cap));
}

const isWithin = (limit: unknown, cap: number): boolean => typeof limit === "number" && limit <= cap;

/** The name to use where the client uses none comes first: newer models of OpenAI's refuse `max_tokens`. */
const LENGTHS: Readonly<Record<Body["api"], readonly string[]>> = {
  "openai-chat": ["max_completion_tokens", "max_tokens"],
  "openai-responses": ["max_output_tokens"],
  "anthropic-messages": ["max_tokens"],
};

/** Claude refuses a limit that its budget for thoughts does not fit in. */
function leastFor({ api, value }: Body): number {
  const thinking = value["thinking"];
  if (api !== "anthropic-messages" || !isFields(thinking)) return 0;
  const budget = thinking["budget_tokens"];
  return typeof budget === "number" ? budget + 1 : 0;
}

function stopEdits(body: Body, stop: readonly string[], parameters: readonly string[] | undefined): readonly Edit[] {
  const name = STOPS[body.api];
  if (name === undefined || (parameters && !parameters.includes(name) && !parameters.includes("stop"))) return [];
  const said = body.value[name];
  const own = Array.isArray(said) ? said : said === undefined || said === null ? [] : [stringOf(said)];
  const added = stop.filter((each) => !own.includes(each)).slice(0, Math.max(0, MOST_STOPS - own.length));
  return added.length === 0 ? [] : body.members.set([name], JSON.stringify([...own, ...added]));
}

const STOPS: Readonly<Partial<Record<Body["api"], string>>> = {
  "openai-chat": "stop",
  "anthropic-messages": "stop_sequences",
};

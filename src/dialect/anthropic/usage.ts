import type { Tokens } from "../form.ts";
import { isFields, type Fields } from "../shape.ts";

const NONE: Tokens = { input: 0, output: 0, cachedInput: 0, cacheWrite: 0, reasoning: 0 };

/**
 * The tokens that a message, or an event of its stream, tells. `before` is what the stream told so far: counters are
 * cumulative and leave out what did not change. The API counts input that no cache has part in by itself; ours is all.
 */
export function readUsage(value: unknown, before?: Tokens): Tokens | undefined {
  if (!isFields(value) || (countIn(value, "input_tokens") ?? countIn(value, "output_tokens")) === undefined) {
    return before;
  }
  const known = before ?? NONE;
  const details = isFields(value["output_tokens_details"]) ? value["output_tokens_details"] : {};
  const more = (name: string, sofar: number, fields: Fields = value) => Math.max(sofar, countIn(fields, name) ?? 0);
  const cachedInput = more("cache_read_input_tokens", known.cachedInput);
  const cacheWrite = more("cache_creation_input_tokens", known.cacheWrite);
  return {
    input: more("input_tokens", known.input - known.cachedInput - known.cacheWrite) + cachedInput + cacheWrite,
    output: more("output_tokens", known.output),
    cachedInput,
    cacheWrite,
    reasoning: more("thinking_tokens", known.reasoning, details),
  };
}

/** Usage as `message_delta` tells it. Zeros where nobody knows. */
export function writeUsage(tokens: Tokens = NONE): Fields {
  return {
    input_tokens: Math.max(0, tokens.input - tokens.cachedInput - tokens.cacheWrite),
    cache_creation_input_tokens: tokens.cacheWrite,
    cache_read_input_tokens: tokens.cachedInput,
    output_tokens: tokens.output,
    output_tokens_details: tokens.reasoning > 0 ? { thinking_tokens: tokens.reasoning } : null,
    server_tool_use: null,
  };
}

/** Usage as a message tells it. */
export function writeMessageUsage(tokens?: Tokens): Fields {
  return { ...writeUsage(tokens), cache_creation: null, inference_geo: null, service_tier: null, speed: null };
}

function countIn(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? Math.round(value) : undefined;
}

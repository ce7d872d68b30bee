import type { Price, Prompt, Speed, Usage } from "../contracts.ts";

const PER_MILLION = 1e-6;
const SHORT_REPLY = 200;
const GROWTH = 8;

/**
 * Tokens that the reply will probably have. Nothing is learned yet: a short prompt gets some 200 tokens, and replies
 * grow far more slowly than prompts (8 times the root of the input: 450 at 1,000 tokens, 1,000 at 10,000). The
 * client's own limit caps it.
 */
export function expectedOutputTokens(prompt: Pick<Prompt, "inputTokens" | "maxOutputTokens">): number {
  const usual = Math.ceil(SHORT_REPLY + GROWTH * Math.sqrt(amount(prompt.inputTokens)));
  return prompt.maxOutputTokens === undefined ? usual : Math.min(usual, amount(prompt.maxOutputTokens));
}

/** USD. Of the input, `cachedTokens` are taken to be in the upstream's cache. */
export function expectedCostUsd(price: Price, inputTokens: number, outputTokens: number, cachedTokens = 0): number {
  const input = amount(inputTokens);
  const cached = Math.min(amount(cachedTokens), input);
  const inputUsd = (input - cached) * amount(price.input) + cached * amount(price.cachedInput);
  return (inputUsd + amount(outputTokens) * amount(price.output)) * PER_MILLION;
}

/** Milliseconds to the last token. */
export function expectedLatencyMs(speed: Speed, outputTokens: number): number {
  return amount(speed.ttftMs) + amount(outputTokens) * amount(speed.msPerToken);
}

/** USD that an answer did cost; cached input is part of the input and priced apart. */
export function costOf(price: Price, usage: Usage): number {
  return expectedCostUsd(price, usage.inputTokens, usage.outputTokens, usage.cachedInputTokens);
}

/** Upstreams count as they like: what is no amount counts as none, so that no sum is ever NaN or negative. */
function amount(value: number): number {
  return value > 0 && Number.isFinite(value) ? Math.min(value, Number.MAX_SAFE_INTEGER) : 0;
}

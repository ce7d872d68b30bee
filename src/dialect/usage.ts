import type { Usage } from "../contracts.ts";
import type { Tokens } from "./form.ts";

/** Tokens as an upstream counted them. */
export function usageOf(tokens: Tokens): Usage {
  return {
    inputTokens: tokens.input,
    outputTokens: tokens.output,
    cachedInputTokens: tokens.cachedInput,
    ...(tokens.reasoning > 0 && { reasoningTokens: tokens.reasoning }),
    estimated: false,
  };
}

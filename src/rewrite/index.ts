import type { Edit } from "../contracts.ts";
import type { Body } from "./body.ts";
import { composeEdits } from "./compose.ts";
import { resultEdits } from "./results.ts";
import { systemEdits, type SystemText } from "./system.ts";
import type { ToolRanker } from "./tool-rank.ts";
import { toolsEdits, type ToolsAsk, type ToolsRewritten } from "./tools.ts";

/** What is changed in a request, whichever model answers it. What is absent is left as it is. */
export interface RewriteAsk {
  readonly system: readonly SystemText[];
  readonly tools?: ToolsAsk;
  /** Longest result of a tool, in estimated tokens. */
  readonly resultTokens?: number;
}

export interface Rewritten {
  readonly edits: readonly Edit[];
  /** Absent where tools were not looked at. */
  readonly tools?: ToolsRewritten;
}

/**
 * The edits of a request before a model is known. Bytes that they do not name stay as they are.
 * Errors: invalid_request for a body that is none of its API.
 */
export function rewrite(body: Body, { system, tools, resultTokens }: RewriteAsk, ranker: ToolRanker): Rewritten {
  const chosen = tools && toolsEdits(body, ranker, tools);
  const edits = composeEdits(
    chosen?.edits ?? [],
    resultTokens === undefined ? [] : resultEdits(body, resultTokens),
    system.length === 0 ? [] : systemEdits(body, system),
  );
  return { edits, ...(chosen && { tools: chosen }) };
}

import type { Usage } from "../contracts.ts";
import { RouterError } from "../errors.ts";
import { isPlainMessage } from "./anthropic/plain.ts";
import { readMessagesAnswer } from "./anthropic/answer.ts";
import { applyEdits, insertMember, parseBody } from "./json.ts";
import { readAnswer } from "./openai-chat/answer.ts";
import { isPlainCompletion } from "./openai-chat/plain.ts";
import { readResponsesAnswer } from "./openai-responses/answer.ts";
import { isPlainResponse } from "./openai-responses/plain.ts";
import { parseFields, textOf } from "./event-json.ts";
import { isFields, type Fields } from "./shape.ts";
import type { ClientApi } from "./speech.ts";

const PLAIN: Readonly<Record<ClientApi, (body: Fields) => boolean>> = {
  "openai-chat": isPlainCompletion,
  "openai-responses": isPlainResponse,
  "anthropic-messages": isPlainMessage,
};

/** Nothing that is understood is nested nearly as deep. */
const LIMITS = { bytes: Infinity, depth: 200, items: Infinity };

/**
 * Whether an answer may be given again: it has ended by itself, says one text (and what the model thought before it),
 * and holds nothing else. What is not understood is not kept.
 * @param whole the body of a 200
 */
export function mayBeKept(api: ClientApi, whole: Uint8Array): boolean {
  try {
    const body = parseBody(whole, LIMITS);
    return isFields(body) && PLAIN[api](body);
  } catch (caught) {
    if (!(caught instanceof RouterError)) throw caught;
    return false;
  }
}

const READERS: Readonly<Record<ClientApi, (whole: Uint8Array) => { readonly usage?: Usage }>> = {
  "openai-chat": readAnswer,
  "openai-responses": readResponsesAnswer,
  "anthropic-messages": readMessagesAnswer,
};

/** The tokens that a whole answer tells; undefined where it tells none. */
export function usageIn(api: ClientApi, whole: Uint8Array): Usage | undefined {
  return READERS[api](whole).usage;
}

/** With the usage that a stream of chat completions tells only to whoever asks for it: a whole answer always does. */
export function withUsage(api: ClientApi, whole: Uint8Array, usage: Usage | undefined): Uint8Array {
  if (api !== "openai-chat" || !usage || usage.estimated || parseFields(textOf(whole))?.["usage"] !== undefined)
    return whole;
  const { inputTokens, outputTokens, cachedInputTokens } = usage;
  const told = {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: cachedInputTokens },
  };
  return applyEdits(whole, [insertMember(whole, "usage", JSON.stringify(told))]);
}

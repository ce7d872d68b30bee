import type { Finish, Tokens } from "../form.ts";
import { isFields, listOf, stringOf, type Fields } from "../shape.ts";

/** A piece of what a message, or the delta of one, says. Never empty. */
export interface Said {
  readonly kind: "text" | "refusal" | "thinking";
  readonly text: string;
}

/** A tool call, or a piece of one. Strings are empty where it does not say; `arguments` is JSON as text. */
export interface CallPiece {
  readonly index: number | undefined;
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/** What a message says beside its calls: thoughts first. */
export function saidIn(message: Fields): readonly Said[] {
  // Servers that know both names of the thoughts say the same in both.
  const thought = stringOf(message["reasoning_content"]) || stringOf(message["reasoning"]);
  const said: readonly Said[] = [
    { kind: "thinking", text: thought },
    ...contentOf(message["content"]),
    { kind: "refusal", text: stringOf(message["refusal"]) },
  ];
  return said.filter(({ text }) => text !== "");
}

/** A string, or parts: Mistral's models that think answer in parts. */
function contentOf(content: unknown): readonly Said[] {
  if (typeof content === "string") return [{ kind: "text", text: content }];
  return listOf(content)
    .filter(isFields)
    .map((part) => {
      if (part["type"] !== "thinking") return { kind: "text", text: stringOf(part["text"]) };
      const thoughts = listOf(part["thinking"]).filter(isFields);
      return { kind: "thinking", text: thoughts.map((thought) => stringOf(thought["text"])).join("") };
    });
}

/** The calls, or pieces of calls, in a message. */
export function callsIn(message: Fields): readonly CallPiece[] {
  const calls = listOf(message["tool_calls"]).filter(isFields).map(callOf);
  return isFields(message["function_call"]) ? [...calls, pieceOf({}, message["function_call"])] : calls;
}

function callOf(call: Fields): CallPiece {
  return pieceOf(call, isFields(call["function"]) ? call["function"] : {});
}

function pieceOf(call: Fields, called: Fields): CallPiece {
  const input = called["arguments"];
  return {
    index: Number.isSafeInteger(call["index"]) ? (call["index"] as number) : undefined,
    id: stringOf(call["id"]),
    name: stringOf(called["name"]),
    arguments: isFields(input) ? JSON.stringify(input) : stringOf(input),
  };
}

const FINISHES: Readonly<Record<string, Finish>> = {
  length: "length",
  model_length: "length",
  content_filter: "content_filter",
  sensitive: "content_filter",
  tool_calls: "tool_calls",
  function_call: "tool_calls",
};

/** Words of DeepSeek, GLM, vLLM and OpenRouter for an answer that broke off. */
const FAILURES = new Set(["insufficient_system_resource", "network_error", "abort", "error"]);

/** How an answer ended. */
export interface Ending {
  readonly finish: Finish;
  readonly stopSequence?: string;
}

/**
 * How a choice says it ended: undefined where it does not yet, "failed" where it broke off. Some servers say "stop"
 * behind calls too, as OpenAI does behind a forced one.
 */
export function endingOf(choice: Fields, hasCalls: boolean): Ending | "failed" | undefined {
  const reason = stringOf(choice["finish_reason"]);
  if (reason === "") return undefined;
  if (FAILURES.has(reason)) return "failed";
  if (Object.hasOwn(FINISHES, reason)) return { finish: FINISHES[reason]! };
  if (hasCalls) return { finish: "tool_calls" };
  // vLLM names the sequence that stopped it; a number there is a token.
  const stopSequence = stringOf(choice["stop_reason"]);
  return stopSequence === "" ? { finish: "stop" } : { finish: "stop_sequence", stopSequence };
}

/** The tokens in a `usage`, or undefined where there are none. */
export function tokensOf(usage: unknown): Tokens | undefined {
  if (!isFields(usage) || typeof usage["prompt_tokens"] !== "number") return undefined;
  const input = countOf(usage["prompt_tokens"]);
  const prompt = isFields(usage["prompt_tokens_details"]) ? usage["prompt_tokens_details"] : {};
  const completion = isFields(usage["completion_tokens_details"]) ? usage["completion_tokens_details"] : {};
  return {
    input,
    // Google's endpoint counts thoughts in the total alone.
    output: Math.max(countOf(usage["completion_tokens"]), countOf(usage["total_tokens"]) - input),
    cachedInput: countOf(prompt["cached_tokens"]),
    cacheWrite: countOf(prompt["cache_write_tokens"]),
    reasoning: countOf(completion["reasoning_tokens"]),
  };
}

function countOf(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? Math.round(value) : 0;
}

/** The upstream's own words where a body, or the data of an event, is an error. */
export function errorIn(body: Fields): string | undefined {
  const error = body["error"];
  if (typeof error === "string") return error || undefined;
  if (isFields(error)) return stringOf(error["message"]) || NO_WORDS;
  if (body["object"] === "error") return stringOf(body["message"]) || NO_WORDS;
  return error === undefined || error === null ? undefined : NO_WORDS;
}

const NO_WORDS = "The upstream sent an error.";

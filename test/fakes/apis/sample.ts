/** Answers to say and requests to send, for the tests of the fakes themselves. */
import type { Answer } from "./script.ts";
import type { ApiKind, FakeApi } from "./server.ts";

export const usage = { input: 20, cachedInput: 8, output: 12, reasoning: 5 };
export const SAID: Answer = { text: "Swifts sleep aloft. 🐦", finish: "stop", usage };
export const CALLED: Answer = {
  thinking: { text: "Two cities are asked.", signature: "c2VhbGVk" },
  text: "I look.",
  tools: [
    { id: "call_1", name: "get_weather", input: { city: "Oslo" } },
    { id: "call_2", name: "get_time", input: {} },
  ],
  finish: "tool_calls",
  usage,
};
export const KEYS: Readonly<Record<ApiKind, Readonly<Record<string, string>>>> = {
  openai: { authorization: "Bearer k" },
  vllm: {},
  anthropic: { "x-api-key": "k", "anthropic-version": "2023-06-01" },
  gemini: { "x-goog-api-key": "k" },
  azure: { "api-key": "k" },
};
export const messages = [{ role: "user" as const, content: "hi" }];
/** A plain question; where it goes, whole and streamed. */
export const ASKS: Readonly<Record<ApiKind, readonly [path: string, body: object, streamed: string]>> = {
  openai: ["/chat/completions", { model: "m", messages }, "/chat/completions"],
  vllm: ["/chat/completions", { model: "m", messages }, "/chat/completions"],
  anthropic: ["/messages", { model: "m", max_tokens: 9, messages }, "/messages"],
  gemini: [
    "/models/gemini-2.5-pro:generateContent",
    { contents: [{ role: "user", parts: [{ text: "hi" }] }] },
    "/models/gemini-2.5-pro:streamGenerateContent?alt=sse",
  ],
  azure: [
    "/openai/deployments/d/chat/completions?api-version=2024-10-21",
    { messages },
    "/openai/deployments/d/chat/completions?api-version=2024-10-21",
  ],
};
export const KINDS = Object.keys(KEYS) as ApiKind[];

export function post(kind: ApiKind, fake: FakeApi, path: string, body: unknown, headers = KEYS[kind]) {
  return fetch(`${fake.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

export function postStream(kind: ApiKind, fake: FakeApi, more: object = {}) {
  const [, body, path] = ASKS[kind];
  return post(kind, fake, path, { ...body, ...(kind === "gemini" ? {} : { stream: true }), ...more });
}

/** The JSON of the events of a stream. */
export const dataOf = (text: string): unknown[] =>
  [...text.matchAll(/^data: (\{.*)$/gmu)].map((match) => JSON.parse(match[1]!) as unknown);

import type { Block, Inquiry, Turn } from "../../../src/dialect/form.ts";
import { geminiServer } from "../../../src/dialect/gemini/codec.ts";

export const EARLIER = "gemini-2.5-flash";
export const THIRD = "gemini-3.1-pro-preview";
export const PLAIN: Inquiry = {
  model: "auto",
  stream: false,
  system: [],
  turns: [{ role: "user", blocks: [{ kind: "text", text: "Hi" }] }],
  tools: [],
  sampling: {},
  hints: {},
};
export const HI = [{ role: "user", parts: [{ text: "Hi" }] }];
export const WEATHER = {
  name: "weather",
  description: "The weather of a city.",
  schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false },
};

export const write = (inquiry: Partial<Inquiry>, model = EARLIER) =>
  geminiServer.writeRequest({ ...PLAIN, ...inquiry }, model).body;
export const contents = (turns: readonly Turn[], model = EARLIER) => write({ turns }, model)["contents"];
export const config = (inquiry: Partial<Inquiry>, model = EARLIER) => write(inquiry, model)["generationConfig"];
export const user = (...blocks: readonly Block[]): Turn => ({ role: "user", blocks });
export const assistant = (...blocks: readonly Block[]): Turn => ({ role: "assistant", blocks });
export const text = (said: string): Block => ({ kind: "text", text: said });
export const call = (id: string, args: string, signature?: string): Block => ({
  kind: "tool_call",
  id,
  name: "weather",
  arguments: args,
  ...(signature !== undefined && { signature }),
});
export const result = (id: string, content: readonly Block[], isError = false): Block => ({
  kind: "tool_result",
  id,
  content,
  isError,
});
export const image = (mime = "image/png"): Block => ({
  kind: "media",
  modality: "image",
  source: { kind: "base64", mime, data: "aGk=" },
});
export const at = (url: string, mime?: string): Block => ({
  kind: "media",
  modality: "file",
  source: { kind: "url", url, ...(mime !== undefined && { mime }) },
});

/** What clients ask through each door, one request a feature, and what of it must reach the model server. */
import { chatAsks } from "./asks-chat.ts";
import { messagesAsks } from "./asks-messages.ts";
import { responsesAsks } from "./asks-responses.ts";
import type { Fields } from "./rules.ts";

export type Door = "openai-chat" | "anthropic-messages" | "openai-responses";

export type Feature =
  | "text"
  | "system"
  | "turns"
  | "tools"
  | "tool_result"
  | "parallel_results"
  | "image_base64"
  | "image_url"
  | "thinking"
  | "signature"
  | "schema"
  | "sampling"
  | "max_tokens";

export interface Expected {
  /** Texts of the turns, in order. */
  readonly texts: readonly string[];
  readonly system?: string;
  readonly tools?: readonly string[];
  /** A tool must be called. */
  readonly forced?: string;
  /** Calls that earlier turns made and the text of the result of each. */
  readonly calls?: readonly { readonly name: string; readonly input: Fields; readonly result: string }[];
  readonly image?: { readonly mime: string; readonly data: string } | { readonly url: string };
  /** The model is asked to think. */
  readonly thinks?: boolean;
  /** A thought comes back that only the server that signed it can read. */
  readonly signature?: string;
  /** Properties of the object that the answer must be. */
  readonly schema?: readonly string[];
  readonly temperature?: number;
  readonly topP?: number;
  readonly stop?: string;
  readonly maxTokens?: number;
}

export interface Ask {
  readonly feature: Feature;
  readonly path: string;
  /** Without `stream`: both kinds are asked for. */
  readonly body: Fields;
  readonly expects: Expected;
}

/** Every kind of place where a number or a word could be lost has one of its own. */
const EXPECTED: Readonly<Record<Feature, Expected>> = {
  text: { texts: ["Name a bird that never lands. 🐦"] },
  system: { texts: ["Name a bird."], system: "Answer like a ship's cook." },
  turns: { texts: ["Name a bird.", "A swift.", "And a fish?"] },
  tools: { texts: ["How warm is Oslo?"], tools: ["get_weather", "get_time"], forced: "get_weather" },
  tool_result: {
    texts: ["How warm is Oslo?"],
    tools: ["get_weather"],
    calls: [{ name: "get_weather", input: { city: "Oslo" }, result: "17 degrees" }],
  },
  parallel_results: {
    texts: ["Oslo and Rome?", "I look at both."],
    tools: ["get_weather"],
    calls: [
      { name: "get_weather", input: { city: "Oslo" }, result: "17 degrees" },
      { name: "get_weather", input: { city: "Rome" }, result: "31 degrees" },
    ],
  },
  image_base64: { texts: ["What is this?"], image: { mime: "image/png", data: "iVBORw0KGgo=" } },
  image_url: { texts: ["What is this?"], image: { url: "https://images.example/swift.png" } },
  thinking: { texts: ["Is 91 a prime?"], thinks: true },
  signature: {
    texts: ["How warm is Oslo?"],
    tools: ["get_weather"],
    calls: [{ name: "get_weather", input: { city: "Oslo" }, result: "17 degrees" }],
    thinks: true,
    signature: "c2VhbGVkIHRob3VnaHQ=",
  },
  schema: { texts: ["Describe a swift."], schema: ["name", "wingspan"] },
  sampling: { texts: ["Name a bird."], temperature: 0.4, topP: 0.96, stop: "END" },
  max_tokens: { texts: ["Name a bird."], maxTokens: 321 },
};

/** What an API cannot be asked stands in none of its bodies. */
const WITHOUT: Readonly<Record<Door, Partial<Record<Feature, readonly (keyof Expected)[]>>>> = {
  "openai-chat": {},
  "openai-responses": { sampling: ["stop"] },
  "anthropic-messages": {},
};

const DOORS: Readonly<Record<Door, { readonly path: string; readonly bodies: Partial<Record<Feature, Fields>> }>> = {
  "openai-chat": { path: "/v1/chat/completions", bodies: chatAsks },
  "openai-responses": { path: "/v1/responses", bodies: responsesAsks },
  "anthropic-messages": { path: "/v1/messages", bodies: messagesAsks },
};

export function asksOf(door: Door, model: string): Ask[] {
  const { path, bodies } = DOORS[door];
  return Object.entries(bodies).map(([name, body]) => {
    const feature = name as Feature;
    const left = WITHOUT[door][feature] ?? [];
    const expects = Object.fromEntries(
      Object.entries(EXPECTED[feature]).filter(([key]) => !left.includes(key as keyof Expected)),
    ) as unknown as Expected;
    return { feature, path, body: { model, ...body }, expects };
  });
}

/**
 * Requests that every gateway is tried with. What becomes of them at a gateway must be what RouteRequest itself says
 * (`expected.ts`), but for the differences that `differences.ts` names.
 */
import { CONVERSATIONS, HARD, IDENTITIES, INJECTIONS, MALFORMED, PLAIN, SCRIPTS } from "./texts.ts";

export type CorpusApi = "openai-chat" | "openai-responses" | "anthropic-messages";

export interface Case {
  /** Unique, and the reason why it is here. */
  readonly name: string;
  readonly api: CorpusApi;
  /** Where clients send it. */
  readonly path: string;
  /** Of the client, in lower case, beside content-type. */
  readonly headers: Readonly<Record<string, string>>;
  /** As it is sent: not always JSON. */
  readonly body: string;
  readonly stream: boolean;
  readonly about: About;
}

export type About =
  | "plain"
  | "hard"
  | "multi-turn"
  | "tools"
  | "image"
  | "unicode"
  | "huge"
  | "parameters"
  | "blocked"
  | "pii"
  | "named"
  | "empty"
  | "malformed";

const PATHS: Readonly<Record<CorpusApi, string>> = {
  "openai-chat": "/v1/chat/completions",
  "openai-responses": "/v1/responses",
  "anthropic-messages": "/v1/messages",
};
const APIS = Object.keys(PATHS) as CorpusApi[];

/** One turn of a conversation. */
type Turn = readonly [role: "user" | "assistant", text: string];

/** The least body of an API that holds these turns. */
function bodyOf(api: CorpusApi, turns: readonly Turn[], more: object = {}): object {
  const messages = turns.map(([role, content]) => ({ role, content }));
  if (api === "openai-responses") return { model: "auto", input: messages, ...more };
  if (api === "anthropic-messages") return { model: "auto", max_tokens: 512, messages, ...more };
  return { model: "auto", messages, ...more };
}

const asked = (text: string): readonly Turn[] => [["user", text]];

function make(about: About, api: CorpusApi, detail: string, body: object | string, headers = {}): Case {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const stream = typeof body === "object" && "stream" in body && body.stream === true;
  const own = api === "anthropic-messages" ? { "anthropic-version": "2023-06-01" } : {};
  const name = `${about}: ${api}, ${detail}`;
  return { name, api, path: PATHS[api], headers: { ...own, ...headers }, body: text, stream, about };
}

/** The same thing asked through each API. */
function inEach(about: About, detail: string, turns: readonly Turn[], more: object = {}): Case[] {
  return APIS.map((api) => make(about, api, detail, bodyOf(api, turns, more)));
}

const ASCII = 40;
const labelOf = (text: string): string => text.slice(0, ASCII).replaceAll(/[^\u0020-\u007E]/g, "?");

const TOOL_PARAMETERS = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const TOOLS: Readonly<Record<CorpusApi, object>> = {
  "openai-chat": {
    tools: [{ type: "function", function: { name: "get_weather", parameters: TOOL_PARAMETERS } }],
    tool_choice: "auto",
  },
  "openai-responses": { tools: [{ type: "function", name: "get_weather", parameters: TOOL_PARAMETERS }] },
  "anthropic-messages": { tools: [{ name: "get_weather", input_schema: TOOL_PARAMETERS }] },
};

/** One red pixel. */
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
const IMAGES: Readonly<Record<CorpusApi, object>> = {
  "openai-chat": {
    model: "auto",
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "What is in this picture?" },
          { type: "image_url", image_url: { url: `data:image/png;base64,${PNG}` } },
        ],
      },
    ],
  },
  "openai-responses": {
    model: "auto",
    input: [
      {
        role: "user",
        content: [
          { type: "input_text", text: "What is in this picture?" },
          { type: "input_image", image_url: `data:image/png;base64,${PNG}` },
        ],
      },
    ],
  },
  "anthropic-messages": {
    model: "auto",
    max_tokens: 64,
    messages: [
      {
        role: "user",
        content: [
          { type: "image", source: { type: "base64", media_type: "image/png", data: PNG } },
          { type: "text", text: "What is in this picture?" },
        ],
      },
    ],
  },
};

/** A call that was made, and its result. */
const TOOL_LOOP: readonly Case[] = [
  make("tools", "openai-chat", "a call and its result", {
    ...bodyOf("openai-chat", asked("What is the weather in Oslo?"), TOOLS["openai-chat"]),
    messages: [
      { role: "user", content: "What is the weather in Oslo?" },
      {
        role: "assistant",
        content: null,
        tool_calls: [
          { id: "call_1", type: "function", function: { name: "get_weather", arguments: '{"city":"Oslo"}' } },
        ],
      },
      { role: "tool", tool_call_id: "call_1", content: "17 degrees" },
    ],
  }),
  make("tools", "openai-responses", "a call and its result", {
    ...bodyOf("openai-responses", [], TOOLS["openai-responses"]),
    input: [
      { role: "user", content: "What is the weather in Oslo?" },
      { type: "function_call", call_id: "call_1", name: "get_weather", arguments: '{"city":"Oslo"}' },
      { type: "function_call_output", call_id: "call_1", output: "17 degrees" },
    ],
  }),
  make("tools", "anthropic-messages", "a call and its result", {
    ...bodyOf("anthropic-messages", [], TOOLS["anthropic-messages"]),
    messages: [
      { role: "user", content: "What is the weather in Oslo?" },
      {
        role: "assistant",
        content: [{ type: "tool_use", id: "call_1", name: "get_weather", input: { city: "Oslo" } }],
      },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "call_1", content: "17 degrees" }] },
    ],
  }),
];

const PARAMETERS: ReadonlyArray<readonly [detail: string, more: object]> = [
  ["temperature and seed", { temperature: 0.25, seed: 7 }],
  ["numbers that must not be rounded", { temperature: 1e-9, metadata: { id: "12345678901234567890" } }],
  ["a JSON answer", { response_format: { type: "json_object" } }],
  ["fields that nobody knows", { x_vendor: { deep: [1, [2, [3]]] }, "odd key": null }],
  ["usage in the stream", { stream: true, stream_options: { include_usage: true } }],
  ["no usage in the stream", { stream: true, stream_options: { include_usage: false } }],
];

const HUGE = 120_000;

function cases(): Case[] {
  return [
    ...PLAIN.flatMap((text) => inEach("plain", labelOf(text), asked(text))),
    ...PLAIN.slice(0, 4).flatMap((text) =>
      inEach("plain", `streamed, ${labelOf(text)}`, asked(text), { stream: true }),
    ),
    ...HARD.flatMap((text) => inEach("hard", labelOf(text), asked(text))),
    ...HARD.slice(0, 2).flatMap((text) => inEach("hard", `streamed, ${labelOf(text)}`, asked(text), { stream: true })),
    ...CONVERSATIONS.flatMap((turns) => inEach("multi-turn", labelOf(turns.at(-1)![1]), turns)),
    ...SCRIPTS.flatMap((text, index) => inEach("unicode", `script ${index}`, asked(text))),
    ...INJECTIONS.flatMap((text) => inEach("blocked", labelOf(text), asked(text))),
    ...inEach("blocked", "streamed", asked(INJECTIONS[0]!), { stream: true }),
    ...IDENTITIES.flatMap((text, index) => inEach("pii", `identity ${index}`, asked(text))),
    ...APIS.map((api) => make("tools", api, "a tool at hand", bodyOf(api, asked("What is the weather?"), TOOLS[api]))),
    ...TOOL_LOOP,
    ...APIS.map((api) => make("image", api, "one picture", IMAGES[api])),
    ...APIS.map((api) => make("image", api, "one picture, streamed", { ...IMAGES[api], stream: true })),
    ...inEach(
      "huge",
      "a long text",
      asked(`Summarise this. ${"All swifts sleep aloft, as far as is known. ".repeat(HUGE / 44)}`),
    ),
    ...inEach(
      "huge",
      "many turns",
      Array.from({ length: 201 }, (_, at): Turn => [at % 2 === 0 ? "user" : "assistant", `Turn ${at}.`]),
    ),
    ...PARAMETERS.map(([detail, more]) =>
      make("parameters", "openai-chat", detail, bodyOf("openai-chat", asked("hello"), more)),
    ),
    ...inEach("named", "a model of the pool", asked("hello"), { model: "large" }),
    ...inEach("named", "a model that nobody knows", asked("hello"), { model: "somebody-elses-9b" }),
    ...inEach("named", "a profile", asked("hello"), { model: "auto:thrifty" }),
    ...inEach("named", "a profile that is none", asked("hello"), { model: "auto:nonsense" }),
    make("named", "openai-chat", "headers that only we may set", bodyOf("openai-chat", asked("hello")), {
      "x-selected-model": "large",
      "x-signalbox-profile": "thrifty",
      "x-signalbox-decision-id": "0",
    }),
    ...APIS.map((api) => make("empty", api, "no body", "")),
    ...APIS.map((api) => make("empty", api, "no turn", bodyOf(api, []))),
    ...MALFORMED.flatMap(([detail, text]) => APIS.map((api) => make("malformed", api, detail, text))),
  ];
}

export const CORPUS: readonly Case[] = cases();

/** Doors that stream, and what a server of each API says on the way to them: as little as will do. */

export type StreamDoor = "chat" | "responses" | "messages";

export const PATHS: Readonly<Record<StreamDoor, string>> = {
  chat: "/v1/chat/completions",
  responses: "/v1/responses",
  messages: "/v1/messages",
};

/** Ways through the house: a door, and the model whose server speaks that API or another. */
export const WAYS: ReadonlyArray<readonly [door: StreamDoor, model: string]> = [
  ["chat", "chat"],
  ["responses", "responses"],
  ["messages", "claude"],
  ["chat", "claude"],
  ["chat", "gem"],
  ["messages", "chat"],
  ["messages", "gem"],
  ["responses", "chat"],
];

/** The part of a config that has these models, all at one origin. */
export function poolAt(origin: string): string {
  const model = (name: string) =>
    `  ${name}: { tier: only, price: { input: 1, output: 1 }, targets: [{ upstream: ${name}, model: ${name}-v1 }] }`;
  return `upstreams:
  chat: { kind: vllm, url: "${origin}/v1", connections: 2000 }
  responses: { kind: openai, url: "${origin}/v1", key: bench, connections: 2000 }
  claude: { kind: anthropic, url: "${origin}/v1", key: bench, connections: 2000 }
  gem: { kind: gemini, url: "${origin}/v1beta", key: bench, connections: 2000 }
tiers:
  only: { quality: 0.9 }
models:
${["chat", "responses", "claude", "gem"].map(model).join("\n")}
`;
}

export function askFor(door: StreamDoor, model: string, content: string): string {
  const told = { model, stream: true };
  if (door === "responses") return JSON.stringify({ ...told, input: content });
  return JSON.stringify({ ...told, max_tokens: 1000, messages: [{ role: "user", content }] });
}

/** What a server of each API says before, with and after its tokens. */
export interface Speech {
  readonly begin: string;
  token(text: string): string;
  readonly end: string;
}

const data = (value: object) => `data: ${JSON.stringify(value)}\n\n`;
const typed = (type: string, value: object) => `event: ${type}\n${data({ type, ...value })}`;
const chunk = (delta: object, finish: string | null) =>
  data({ id: "c", object: "chat.completion.chunk", model: "m", choices: [{ index: 0, delta, finish_reason: finish }] });
const response = (status: string) => ({ response: { id: "resp_1", status, model: "m", output: [] } });

const SPEECHES: ReadonlyArray<readonly [path: RegExp, speech: Speech]> = [
  [
    /\/chat\/completions$/u,
    {
      begin: chunk({ role: "assistant", content: "" }, null),
      token: (content) => chunk({ content }, null),
      end: `${chunk({}, "stop")}data: [DONE]\n\n`,
    },
  ],
  [
    /\/responses$/u,
    {
      begin: typed("response.created", response("in_progress")),
      token: (delta) => typed("response.output_text.delta", { item_id: "i", output_index: 0, content_index: 0, delta }),
      end: typed("response.completed", response("completed")),
    },
  ],
  [
    /\/messages$/u,
    {
      begin:
        typed("message_start", { message: { id: "m", model: "m", content: [], usage: { input_tokens: 1 } } }) +
        typed("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
      token: (text) => typed("content_block_delta", { index: 0, delta: { type: "text_delta", text } }),
      end:
        typed("content_block_stop", { index: 0 }) +
        typed("message_delta", { delta: { stop_reason: "end_turn" }, usage: { output_tokens: 1 } }) +
        typed("message_stop", {}),
    },
  ],
  [
    /:streamGenerateContent/u,
    {
      begin: "",
      token: (text) => data({ candidates: [{ content: { parts: [{ text }] }, index: 0 }] }),
      end: data({ candidates: [{ finishReason: "STOP", index: 0 }], usageMetadata: { promptTokenCount: 1 } }),
    },
  ],
];

/** @param path of a request to the server */
export const speechAt = (path: string): Speech => SPEECHES.find(([of]) => of.test(path))![1];

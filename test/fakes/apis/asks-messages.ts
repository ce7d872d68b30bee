import type { Fields } from "./rules.ts";

const weather = {
  name: "get_weather",
  description: "Weather of a city",
  input_schema: {
    type: "object",
    properties: { city: { type: "string", description: "Name of a city" } },
    required: ["city"],
    additionalProperties: false,
  },
};
const time = { name: "get_time", input_schema: { type: "object" } };
const user = (content: unknown) => ({ role: "user", content });
const call = (id: string, city: string) => ({ type: "tool_use", id, name: "get_weather", input: { city } });
const result = (id: string, content: unknown) => ({ type: "tool_result", tool_use_id: id, content });
const image = (source: Fields) =>
  user([
    { type: "image", source },
    { type: "text", text: "What is this?" },
  ]);

/** Anthropic's messages: the limit is always there. */
export const messagesAsks = {
  text: { max_tokens: 1000, messages: [user("Name a bird that never lands. 🐦")] },
  system: {
    max_tokens: 1000,
    system: [{ type: "text", text: "Answer like a ship's cook.", cache_control: { type: "ephemeral" } }],
    messages: [user("Name a bird.")],
  },
  turns: {
    max_tokens: 1000,
    messages: [
      user("Name a bird."),
      { role: "assistant", content: [{ type: "text", text: "A swift." }] },
      user("And a fish?"),
    ],
  },
  tools: {
    max_tokens: 1000,
    messages: [user("How warm is Oslo?")],
    tools: [weather, time],
    tool_choice: { type: "tool", name: "get_weather" },
  },
  tool_result: {
    max_tokens: 1000,
    messages: [
      user("How warm is Oslo?"),
      { role: "assistant", content: [call("toolu_oslo", "Oslo")] },
      user([result("toolu_oslo", "17 degrees")]),
    ],
    tools: [weather],
  },
  parallel_results: {
    max_tokens: 1000,
    messages: [
      user("Oslo and Rome?"),
      {
        role: "assistant",
        content: [{ type: "text", text: "I look at both." }, call("toolu_oslo", "Oslo"), call("toolu_rome", "Rome")],
      },
      // The order of results is the client's own.
      user([result("toolu_rome", "31 degrees"), result("toolu_oslo", [{ type: "text", text: "17 degrees" }])]),
    ],
    tools: [weather],
  },
  image_base64: {
    max_tokens: 1000,
    messages: [image({ type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" })],
  },
  image_url: { max_tokens: 1000, messages: [image({ type: "url", url: "https://images.example/swift.png" })] },
  thinking: {
    max_tokens: 4000,
    thinking: { type: "enabled", budget_tokens: 2048 },
    messages: [user("Is 91 a prime?")],
  },
  signature: {
    max_tokens: 4000,
    thinking: { type: "enabled", budget_tokens: 2048 },
    messages: [
      user("How warm is Oslo?"),
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "The weather is asked.", signature: "c2VhbGVkIHRob3VnaHQ=" },
          call("toolu_oslo", "Oslo"),
        ],
      },
      user([result("toolu_oslo", "17 degrees")]),
    ],
    tools: [weather],
  },
  schema: {
    max_tokens: 1000,
    messages: [user("Describe a swift.")],
    output_config: {
      format: {
        type: "json_schema",
        schema: {
          type: "object",
          properties: { name: { type: "string" }, wingspan: { type: "number" } },
          required: ["name", "wingspan"],
          additionalProperties: false,
        },
      },
    },
  },
  sampling: {
    max_tokens: 1000,
    messages: [user("Name a bird.")],
    temperature: 0.4,
    top_p: 0.96,
    stop_sequences: ["END"],
  },
  max_tokens: { max_tokens: 321, messages: [user("Name a bird.")] },
} satisfies Record<string, Fields>;

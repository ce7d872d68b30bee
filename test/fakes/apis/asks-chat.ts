import type { Fields } from "./rules.ts";

const schema = {
  type: "object",
  properties: { city: { type: "string", description: "Name of a city" } },
  required: ["city"],
  additionalProperties: false,
};
const weather = {
  type: "function",
  function: { name: "get_weather", description: "Weather of a city", parameters: schema, strict: true },
};
const time = { type: "function", function: { name: "get_time" } };
const user = (content: unknown) => ({ role: "user", content });
const call = (id: string, city: string) => ({
  id,
  type: "function",
  function: { name: "get_weather", arguments: JSON.stringify({ city }) },
});
const image = (url: string) =>
  user([
    { type: "text", text: "What is this?" },
    { type: "image_url", image_url: { url } },
  ]);

/** Chat completions: no thoughts come back through it, so none can be given. */
export const chatAsks = {
  text: { messages: [user("Name a bird that never lands. 🐦")] },
  system: { messages: [{ role: "system", content: "Answer like a ship's cook." }, user("Name a bird.")] },
  turns: { messages: [user("Name a bird."), { role: "assistant", content: "A swift." }, user("And a fish?")] },
  tools: {
    messages: [user("How warm is Oslo?")],
    tools: [weather, time],
    tool_choice: { type: "function", function: { name: "get_weather" } },
  },
  tool_result: {
    messages: [
      user("How warm is Oslo?"),
      { role: "assistant", content: null, tool_calls: [call("call_oslo", "Oslo")] },
      { role: "tool", tool_call_id: "call_oslo", content: "17 degrees" },
    ],
    tools: [weather],
  },
  parallel_results: {
    messages: [
      user("Oslo and Rome?"),
      {
        role: "assistant",
        content: "I look at both.",
        tool_calls: [call("call_oslo", "Oslo"), call("call_rome", "Rome")],
      },
      // The order of results is the client's own.
      { role: "tool", tool_call_id: "call_rome", content: "31 degrees" },
      { role: "tool", tool_call_id: "call_oslo", content: [{ type: "text", text: "17 degrees" }] },
    ],
    tools: [weather],
  },
  image_base64: { messages: [image("data:image/png;base64,iVBORw0KGgo=")] },
  image_url: { messages: [image("https://images.example/swift.png")] },
  thinking: { messages: [user("Is 91 a prime?")], reasoning_effort: "high" },
  schema: {
    messages: [user("Describe a swift.")],
    response_format: {
      type: "json_schema",
      json_schema: {
        name: "bird",
        strict: true,
        schema: {
          type: "object",
          properties: { name: { type: "string" }, wingspan: { type: "number" } },
          required: ["name", "wingspan"],
          additionalProperties: false,
        },
      },
    },
  },
  sampling: { messages: [user("Name a bird.")], temperature: 0.4, top_p: 0.96, stop: ["END"] },
  max_tokens: { messages: [user("Name a bird.")], max_completion_tokens: 321 },
} satisfies Record<string, Fields>;

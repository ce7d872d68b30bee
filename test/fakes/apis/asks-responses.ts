import type { Fields } from "./rules.ts";

const schema = {
  type: "object",
  properties: { city: { type: "string", description: "Name of a city" } },
  required: ["city"],
  additionalProperties: false,
};
const weather = {
  type: "function",
  name: "get_weather",
  description: "Weather of a city",
  parameters: schema,
  strict: true,
};
const time = { type: "function", name: "get_time", parameters: null, strict: false };
const user = (content: unknown) => ({ role: "user", content });
const call = (id: string, city: string) => ({
  type: "function_call",
  id: `fc_${id}`,
  call_id: id,
  name: "get_weather",
  arguments: JSON.stringify({ city }),
  status: "completed",
});
const result = (id: string, output: unknown) => ({ type: "function_call_output", call_id: id, output });
const image = (url: string) =>
  user([
    { type: "input_text", text: "What is this?" },
    { type: "input_image", image_url: url, detail: "auto" },
  ]);

/** Responses: it keeps nothing for later here, so that any server may answer. It has no stop sequences. */
export const responsesAsks = {
  text: { input: "Name a bird that never lands. 🐦", store: false },
  system: { instructions: "Answer like a ship's cook.", input: "Name a bird.", store: false },
  turns: {
    input: [
      user("Name a bird."),
      {
        type: "message",
        id: "msg_swift",
        status: "completed",
        role: "assistant",
        content: [{ type: "output_text", text: "A swift.", annotations: [] }],
      },
      user([{ type: "input_text", text: "And a fish?" }]),
    ],
    store: false,
  },
  tools: {
    input: "How warm is Oslo?",
    tools: [weather, time],
    tool_choice: { type: "function", name: "get_weather" },
    store: false,
  },
  tool_result: {
    input: [user("How warm is Oslo?"), call("call_oslo", "Oslo"), result("call_oslo", "17 degrees")],
    tools: [weather],
    store: false,
  },
  parallel_results: {
    input: [
      user("Oslo and Rome?"),
      { role: "assistant", content: "I look at both." },
      call("call_oslo", "Oslo"),
      call("call_rome", "Rome"),
      // The order of results is the client's own.
      result("call_rome", "31 degrees"),
      result("call_oslo", [{ type: "input_text", text: "17 degrees" }]),
    ],
    tools: [weather],
    store: false,
  },
  image_base64: { input: [image("data:image/png;base64,iVBORw0KGgo=")], store: false },
  image_url: { input: [image("https://images.example/swift.png")], store: false },
  thinking: { input: "Is 91 a prime?", reasoning: { effort: "high", summary: "auto" }, store: false },
  signature: {
    input: [
      user("How warm is Oslo?"),
      {
        type: "reasoning",
        id: "rs_oslo",
        summary: [{ type: "summary_text", text: "The weather is asked." }],
        encrypted_content: "c2VhbGVkIHRob3VnaHQ=",
      },
      call("call_oslo", "Oslo"),
      result("call_oslo", "17 degrees"),
    ],
    tools: [weather],
    reasoning: { effort: "high", summary: "auto" },
    include: ["reasoning.encrypted_content"],
    store: false,
  },
  schema: {
    input: "Describe a swift.",
    text: {
      format: {
        type: "json_schema",
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
    store: false,
  },
  sampling: { input: "Name a bird.", temperature: 0.4, top_p: 0.96, store: false },
  max_tokens: { input: "Name a bird.", max_output_tokens: 321, store: false },
} satisfies Record<string, Fields>;

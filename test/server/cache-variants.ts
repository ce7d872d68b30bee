import type { Door } from "../fakes/apis/asks.ts";

/** A request as a client of one door makes it, without `stream`. */
export interface Asked {
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

const tool = (name: string) => ({
  type: "function",
  function: { name, parameters: { type: "object", properties: {} } },
});
const image = (data: string) => ({ type: "image_url", image_url: { url: `data:image/png;base64,${data}` } });

/** Requests of one door that have the question in common: the answer to none of them is right for another. */
export const VARIANTS: Readonly<Record<Door, (question: string) => Readonly<Record<string, Asked>>>> = {
  "openai-chat": (question) => {
    const user = { role: "user", content: question };
    const plain = { messages: [user] };
    const also = (more: object): Asked => ({ body: { ...plain, ...more } });
    const after = (...before: object[]): Asked => ({ body: { messages: [...before, user] } });
    const by = (headers: Record<string, string>): Asked => ({ body: plain, headers });
    return {
      plain: { body: plain },
      system: after({ role: "system", content: "Answer like a pirate." }),
      "another system": after({ role: "system", content: "Answer like a monk." }),
      developer: after({ role: "developer", content: "Answer like a pirate." }),
      "an earlier turn": after({ role: "user", content: "I live in Oslo." }, { role: "assistant", content: "Good." }),
      "another earlier turn": after(
        { role: "user", content: "I live in Rome." },
        { role: "assistant", content: "Good." },
      ),
      "another earlier answer": after(
        { role: "user", content: "I live in Rome." },
        { role: "assistant", content: "Bad." },
      ),
      "a name": { body: { messages: [{ ...user, name: "anna" }] } },
      "a text part": { body: { messages: [{ role: "user", content: [{ type: "text", text: question }] }] } },
      "an image": {
        body: { messages: [{ role: "user", content: [{ type: "text", text: question }, image("iVBORw0KGgo=")] }] },
      },
      "another image": {
        body: { messages: [{ role: "user", content: [{ type: "text", text: question }, image("iVBORw0KGgp=")] }] },
      },
      tools: also({ tools: [tool("search")] }),
      "other tools": also({ tools: [tool("find")] }),
      "no tool choice": also({ tools: [tool("search")], tool_choice: "none" }),
      json: {
        body: {
          messages: [{ role: "system", content: "Say it in json." }, user],
          response_format: { type: "json_object" },
        },
      },
      "no json": after({ role: "system", content: "Say it in json." }),
      schema: also({
        response_format: {
          type: "json_schema",
          json_schema: {
            name: "a",
            strict: true,
            schema: { type: "object", properties: {}, required: [], additionalProperties: false },
          },
        },
      }),
      temperature: also({ temperature: 0 }),
      "another temperature": also({ temperature: 0.2 }),
      top_p: also({ top_p: 0.5 }),
      seed: also({ seed: 1 }),
      "another seed": also({ seed: 2 }),
      stop: also({ stop: ["END"] }),
      max_tokens: also({ max_tokens: 100 }),
      max_completion_tokens: also({ max_completion_tokens: 100 }),
      presence_penalty: also({ presence_penalty: 0.5 }),
      logit_bias: also({ logit_bias: { 50256: -100 } }),
      "a cheap profile": also({ model: "auto:cheap" }),
      "the best profile": also({ model: "auto:best" }),
      "a named model": also({ model: "one" }),
      "another named model": also({ model: "two" }),
      "a rule on a header": by({ "x-care": "much" }),
      "another tenant": by({ "x-team": "blue" }),
    };
  },
  "openai-responses": (question) => {
    const plain = { input: question };
    const also = (more: object): Asked => ({ body: { ...plain, ...more } });
    const user = { role: "user", content: question };
    return {
      plain: { body: plain },
      instructions: also({ instructions: "Answer like a pirate." }),
      "other instructions": also({ instructions: "Answer like a monk." }),
      "an item": { body: { input: [user] } },
      "an earlier turn": {
        body: { input: [{ role: "user", content: "I live in Oslo." }, { role: "assistant", content: "Good." }, user] },
      },
      "another earlier turn": {
        body: { input: [{ role: "user", content: "I live in Rome." }, { role: "assistant", content: "Good." }, user] },
      },
      tools: also({
        tools: [{ type: "function", name: "search", parameters: { type: "object", properties: {} }, strict: false }],
      }),
      temperature: also({ temperature: 0 }),
      top_p: also({ top_p: 0.5 }),
      max_output_tokens: also({ max_output_tokens: 100 }),
      reasoning: also({ reasoning: { effort: "low" } }),
      "not stored": also({ store: false }),
      "a named model": also({ model: "two" }),
      "another tenant": { body: plain, headers: { "x-team": "blue" } },
    };
  },
  "anthropic-messages": (question) => {
    const user = { role: "user", content: question };
    const plain = { max_tokens: 300, messages: [user] };
    const also = (more: object): Asked => ({ body: { ...plain, ...more } });
    const by = (headers: Record<string, string>): Asked => ({ body: plain, headers });
    return {
      plain: { body: plain },
      system: also({ system: "Answer like a pirate." }),
      "another system": also({ system: "Answer like a monk." }),
      "a system in blocks": also({ system: [{ type: "text", text: "Answer like a pirate." }] }),
      "an earlier turn": also({
        messages: [{ role: "user", content: "I live in Oslo." }, { role: "assistant", content: "Good." }, user],
      }),
      tools: also({ tools: [{ name: "search", input_schema: { type: "object" } }] }),
      temperature: also({ temperature: 0 }),
      top_k: also({ top_k: 5 }),
      top_p: also({ top_p: 0.5 }),
      stop_sequences: also({ stop_sequences: ["END"] }),
      max_tokens: also({ max_tokens: 301 }),
      thinking: also({ max_tokens: 3000, thinking: { type: "enabled", budget_tokens: 1024 } }),
      "a named model": also({ model: "two" }),
      "a beta": by({ "anthropic-beta": "context-1m-2025-08-07" }),
      "another beta": by({ "anthropic-beta": "output-128k-2025-02-19" }),
      "another tenant": by({ "x-team": "blue" }),
    };
  },
};

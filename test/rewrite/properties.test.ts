import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import type { Edit } from "../../src/contracts.ts";
import { DIALECTS } from "../../src/dialect/index.ts";
import { RouterError } from "../../src/errors.ts";
import { composeEdits } from "../../src/rewrite/compose.ts";
import { diffOf } from "../../src/rewrite/diff.ts";
import { rewrite, type RewriteAsk } from "../../src/rewrite/index.ts";
import { limitEdits } from "../../src/rewrite/limits.ts";
import { createToolRanker } from "../../src/rewrite/tool-rank.ts";
import { createMutator } from "../dialect/mutate.ts";
import { bodyOf, made, read } from "./bodies.ts";

type Api = Parameters<typeof bodyOf>[0];
type Body = ReturnType<typeof bodyOf>;
type Json = Record<string, unknown>;

const words = fc.string({ unit: "grapheme", maxLength: 40 });
const name = fc.constantFrom("get_weather", "bookFlight", "sort", "t_1", "t_2", "find_route");
const mark = fc.constantFrom({}, {}, { cache_control: { type: "ephemeral" } });
const schema = fc.constant({ type: "object", properties: {} });
const long = fc.oneof(words, fc.constant("x y ".repeat(300)), fc.constant(`[${'{"a":1},'.repeat(200)}0]`));
const anything = fc.dictionary(fc.constantFrom("temperature", "user", "x_own"), fc.jsonValue({ maxDepth: 2 }));
const texts = (type: string) =>
  fc.oneof(words, fc.array(fc.record({ type: fc.constant(type), text: words }), { minLength: 1, maxLength: 3 }));
const some = <T>(element: fc.Arbitrary<T>) => fc.array(element, { maxLength: 5 });

const chat: fc.Arbitrary<Json> = fc
  .tuple(
    some(
      fc.record({ role: fc.constantFrom("system", "developer"), content: fc.oneof(texts("text"), fc.constant(null)) }),
    ),
    some(
      fc.oneof(
        fc.record({ role: fc.constantFrom("user", "assistant"), content: texts("text") }),
        fc.record({ role: fc.constant("tool"), tool_call_id: words, content: long }),
      ),
    ),
    some(
      fc.tuple(name, words, mark).map(([called, description, marked]) => ({
        type: "function",
        function: { name: called, description },
        ...marked,
      })),
    ),
    anything,
  )
  .map(([system, rest, tools, more]) => ({ ...more, messages: [...system, ...rest], tools }));
const responses: fc.Arbitrary<Json> = fc
  .tuple(
    fc.oneof(words, fc.constant(null)),
    some(
      fc.oneof(
        fc.record({ role: fc.constantFrom("user", "developer"), content: texts("input_text") }),
        fc.record({ type: fc.constant("function_call_output"), call_id: words, output: long }),
      ),
    ),
    some(
      fc.oneof(
        fc.record({ type: fc.constant("function"), name, description: words }),
        fc.constant({ type: "web_search" }),
      ),
    ),
    anything,
  )
  .map(([instructions, input, tools, more]) => ({ instructions, ...more, input, tools }));
const anthropic: fc.Arbitrary<Json> = fc
  .tuple(
    texts("text"),
    some(
      fc.record({
        role: fc.constant("user"),
        content: fc.tuple(fc.record({ type: fc.constant("tool_result"), tool_use_id: words, content: long })),
      }),
    ),
    some(
      fc
        .tuple(name, words, mark, schema)
        .map(([called, description, marked, input_schema]) => ({ name: called, description, input_schema, ...marked })),
    ),
    anything,
  )
  .map(([system, messages, tools, more]) => ({ max_tokens: 900, tools, ...more, messages, system }));

const gemini: fc.Arbitrary<Json> = fc
  .tuple(
    fc.oneof(
      fc.constant({}),
      fc.array(fc.record({ text: words }), { maxLength: 2 }).map((parts) => ({ systemInstruction: { parts } })),
      words.map((text) => ({ system_instruction: { role: "user", parts: { text } } })),
    ),
    some(
      fc.oneof(
        words.map((text) => ({ role: "user", parts: [{ text }] })),
        long.map((output) => ({ role: "user", parts: [{ functionResponse: { name: "sort", response: { output } } }] })),
      ),
    ),
    some(
      fc.oneof(
        some(fc.record({ name, description: words })).map((all) => ({ functionDeclarations: all })),
        some(fc.record({ name, description: words })).map((all) => ({ function_declarations: all, googleSearch: {} })),
        fc.constant({ codeExecution: {} }),
      ),
    ),
    fc.constantFrom(
      {},
      { generationConfig: {} },
      { generationConfig: null },
      { generationConfig: { temperature: 1, stopSequences: ["x"] } },
      { generation_config: { max_output_tokens: 900 } },
    ),
    anything,
  )
  .map(([system, contents, tools, config, more]) => ({ ...system, contents, ...more, tools, ...config }));

/** Bodies of each API, in any of the ways that JSON may be spaced. */
const bodies: fc.Arbitrary<Body> = fc
  .tuple(
    fc.oneof(
      chat.map((json) => ["openai-chat", json] as const),
      responses.map((json) => ["openai-responses", json] as const),
      anthropic.map((json) => ["anthropic-messages", json] as const),
      gemini.map((json) => ["gemini", json] as const),
    ),
    fc.constantFrom("", " ", "\t", "\n  "),
  )
  .map(([[api, json], space]) => bodyOf(api, JSON.stringify(json, undefined, space)));

const CATALOGUE = ["own_a", "own_b", "own_c"].map((each) => ({
  name: each,
  description: "d",
  parameters: { type: "object" },
}));
const asks: fc.Arbitrary<RewriteAsk> = fc.record(
  {
    system: fc.array(
      fc.record({ mode: fc.constantFrom("prepend", "append", "default"), text: fc.constantFrom('"a"', "b\n") }),
      { maxLength: 3 },
    ),
    tools: fc.record({
      keep: fc.integer({ min: 1, max: 4 }),
      add: fc.integer({ min: 0, max: 3 }),
      catalogue: fc.constant(CATALOGUE),
      question: fc.constant({ turn: "what is the weather", firstTurn: "sort it" }),
    }),
    resultTokens: fc.integer({ min: 16, max: 200 }),
  },
  { requiredKeys: ["system"] },
);
const ranker = createToolRanker((all) => all.map(() => new Float32Array()), 100);

const EFFORT = { family: "gemini", model: "gemini-2.5-pro", effort: "low", budgetTokens: 1024, passes: true } as const;

/** All that is changed on the way to one target. */
function editsOf(body: Body, ask: RewriteAsk): readonly Edit[] {
  const { modelEdits, effortEdits } = DIALECTS[body.api];
  return composeEdits(
    rewrite(body, ask, ranker).edits,
    modelEdits(body.bytes)("m-1"),
    body.api === "gemini" ? effortEdits(body.bytes)(EFFORT) : [],
    limitEdits(body, { maxTokens: 100, stop: ["END"] }),
  );
}

const TOUCHED = new Set(
  `model system instructions tools max_completion_tokens max_tokens max_output_tokens stop stop_sequences
  systemInstruction system_instruction generationConfig generation_config`.split(/\s+/u),
);

/** What is never touched: everything but what the asks are about. */
function rest(api: Api, body: Json): unknown {
  const left = Object.fromEntries(Object.entries(body).filter(([member]) => !TOUCHED.has(member)));
  const list = (left[api === "openai-responses" ? "input" : "messages"] ?? []) as Json[];
  const isSystem = ({ role }: Json) => role === "system" || role === "developer";
  const others = list.slice(
    Math.max(
      0,
      list.findIndex((message) => !isSystem(message)),
    ),
  );
  const withoutResults = (message: Json): Json => {
    if (message["role"] === "tool") return { ...message, content: "" };
    if ("output" in message) return { ...message, output: "" };
    const { content } = message;
    const isResult = Array.isArray(content) && (content[0] as Json | undefined)?.["type"] === "tool_result";
    return isResult ? { ...message, content: "" } : message;
  };
  if (api === "gemini") {
    const contents = (left["contents"] as { parts: Json[] }[]).map(({ parts, ...content }) => ({
      ...content,
      parts: parts.map((part) => ("functionResponse" in part ? {} : part)),
    }));
    return { ...left, contents };
  }
  return { ...left, input: "", messages: list.every(isSystem) ? [] : others.map(withoutResults) };
}

/** The functions of all of Gemini's tools. */
const declared = (tools: unknown): Json[] =>
  ((tools ?? []) as Json[]).flatMap((tool) => {
    assert.notDeepEqual(tool, {}, "a tool that is none");
    return (tool["functionDeclarations"] ?? tool["function_declarations"] ?? []) as Json[];
  });

/** Limits and effort stand beside what the client says, once. */
function assertConfig(after: Json, before: Json): void {
  assert.ok(!("generationConfig" in after && "generation_config" in after));
  const config = (after["generationConfig"] ?? after["generation_config"]) as Json;
  assert.equal(config["maxOutputTokens"] ?? config["max_output_tokens"], 100);
  assert.ok(((config["stopSequences"] ?? config["stop_sequences"]) as string[]).includes("END"));
  assert.ok("thinkingConfig" in config || "thinking_config" in config);
  const own = (before["generationConfig"] ?? {}) as Json;
  assert.equal(config["temperature"], own["temperature"]);
}

describe("all that is changed, together", () => {
  test("gives JSON that differs only where it was meant to", () => {
    fc.assert(
      fc.property(bodies, asks, (body, ask) => {
        const after = read(made(body, editsOf(body, ask)));
        const before = body.value as Json;
        assert.deepEqual(rest(body.api, after), rest(body.api, before));
        assert.equal(after["model"], body.api === "gemini" ? undefined : "m-1");
        const lists = (tools: unknown) => (body.api === "gemini" ? declared(tools) : ((tools ?? []) as Json[]));
        if (body.api === "gemini") assertConfig(after, before);
        if (!ask.tools) assert.deepEqual(after["tools"], before["tools"]);
        const bare = ({ cache_control: _mark, ...tool }: Json): string => JSON.stringify(tool);
        const offered = new Set(lists(before["tools"]).map(bare));
        const strange = lists(after["tools"])
          .map(bare)
          .filter((tool) => !offered.has(tool));
        assert.ok(strange.every((tool) => tool.includes('"own_')) && strange.length <= (ask.tools?.add ?? 0));
      }),
      { numRuns: 600 },
    );
  });

  test("is told whole, and without any text of the prompt", () => {
    fc.assert(
      fc.property(bodies, asks, (body, ask) => {
        const edits = editsOf(body, ask);
        const changes = diffOf(body.bytes, edits);
        assert.ok(changes.length >= edits.length);
        assert.ok(changes.every(({ path }) => /^[\w.?[\]-]*$/u.test(path)));
        assert.ok(changes.every((change) => !("textBefore" in change || "textAfter" in change)));
      }),
      { numRuns: 200 },
    );
  });

  test("is the same for the same request", () => {
    fc.assert(
      fc.property(bodies, asks, (body, ask) => assert.deepEqual(editsOf(body, ask), editsOf(body, ask))),
      { numRuns: 200 },
    );
  });
});

test("of a body that is none there is a typed error and no edit, and of a strange one the edits give JSON", () => {
  const mutate = createMutator(5);
  let refused = 0;
  fc.assert(
    fc.property(bodies, asks, ({ api, bytes }, ask) => {
      try {
        const body = bodyOf(api, Buffer.from(mutate(bytes)).toString("utf8"));
        read(made(body, editsOf(body, ask)));
      } catch (error) {
        refused += 1;
        assert.ok(error instanceof RouterError && error.code !== "internal", String(error));
      }
    }),
    { numRuns: 800 },
  );
  assert.ok(refused > 100, String(refused));
});

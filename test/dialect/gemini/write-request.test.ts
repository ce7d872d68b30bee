import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Inquiry, Reasoning } from "../../../src/dialect/form.ts";
import { geminiServer } from "../../../src/dialect/gemini/codec.ts";
import { RouterError } from "../../../src/errors.ts";
import {
  assistant,
  at,
  call,
  config,
  EARLIER,
  HI,
  PLAIN,
  result,
  text,
  THIRD,
  user,
  WEATHER,
  write,
} from "./asking.ts";

const unsupported = (param: string) => (error: unknown) =>
  error instanceof RouterError && error.code === "unsupported_feature" && error.param === param;

describe("the path", () => {
  const PATHS: readonly (readonly [model: string, stream: boolean, path: string])[] = [
    ["gemini-2.5-flash", false, "/models/gemini-2.5-flash:generateContent"],
    ["gemini-2.5-flash", true, "/models/gemini-2.5-flash:streamGenerateContent?alt=sse"],
    ["models/gemini-2.5-flash", false, "/models/gemini-2.5-flash:generateContent"],
    ["tunedModels/mine-7", false, "/tunedModels/mine-7:generateContent"],
    ["a/b?c#d", false, "/models/a%2Fb%3Fc%23d:generateContent"],
  ];
  for (const [model, stream, path] of PATHS) {
    test(`${model}${stream ? ", streamed" : ""}`, () =>
      assert.equal(geminiServer.writeRequest({ ...PLAIN, stream }, model).path, path));
  }
});

describe("tools and the choice of them", () => {
  const CHOICES: readonly (readonly [name: string, asked: Partial<Inquiry>, toolConfig: unknown])[] = [
    ["nothing said", {}, undefined],
    ["auto", { toolChoice: "auto" }, { functionCallingConfig: { mode: "AUTO" } }],
    ["none", { toolChoice: "none" }, { functionCallingConfig: { mode: "NONE" } }],
    ["required", { toolChoice: "required" }, { functionCallingConfig: { mode: "ANY" } }],
    [
      "one tool",
      { toolChoice: { name: "weather" } },
      { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["weather"] } },
    ],
    ["strict", { tools: [{ ...WEATHER, strict: true }] }, { functionCallingConfig: { mode: "VALIDATED" } }],
    ["several at once", { parallelTools: true }, undefined],
  ];
  for (const [name, asked, toolConfig] of CHOICES) {
    test(`the choice of tools: ${name}`, () => {
      assert.deepEqual(write({ tools: [WEATHER], ...asked }), {
        contents: HI,
        tools: [
          {
            functionDeclarations: [
              { name: "weather", description: "The weather of a city.", parametersJsonSchema: WEATHER.schema },
            ],
          },
        ],
        ...(toolConfig !== undefined && { toolConfig }),
      });
    });
  }

  test("a tool that takes nothing has no schema, and a choice without tools is none", () => {
    assert.deepEqual(write({ tools: [{ name: "now" }] })["tools"], [{ functionDeclarations: [{ name: "now" }] }]);
    assert.deepEqual(write({ toolChoice: "auto", parallelTools: false }), { contents: HI });
  });
});

describe("how the answer is made", () => {
  test("every number has its field", () => {
    const sampling = {
      temperature: 0.2,
      topP: 0.9,
      topK: 40,
      frequencyPenalty: 0.5,
      presencePenalty: -0.5,
      seed: 7,
      stop: ["a", "b", "c", "d", "e"],
    };
    assert.deepEqual(config({ sampling, maxOutputTokens: 100 }), {
      maxOutputTokens: 100,
      temperature: 0.2,
      topP: 0.9,
      topK: 40,
      frequencyPenalty: 0.5,
      presencePenalty: -0.5,
      seed: 7,
      stopSequences: ["a", "b", "c", "d", "e"],
    });
  });

  test("a form of the answer is a type and a schema as it came; its description stands in it", () => {
    assert.deepEqual(config({ format: { kind: "json" } }), { responseMimeType: "application/json" });
    const schema = { type: "object", properties: { a: { $ref: "#/$defs/A" } }, $defs: { A: { type: "integer" } } };
    const format = { kind: "schema", name: "answer", schema, strict: true } as const;
    assert.deepEqual(config({ format }), { responseMimeType: "application/json", responseJsonSchema: schema });
    assert.deepEqual(config({ format: { ...format, description: "An answer." } }), {
      responseMimeType: "application/json",
      responseJsonSchema: { description: "An answer.", ...schema },
    });
    assert.deepEqual(config({ format: { kind: "json" }, tools: [WEATHER] }, THIRD), {
      responseMimeType: "application/json",
    });
  });

  const THINKING: readonly (readonly [model: string, reasoning: Reasoning, config: object | undefined])[] = [
    [EARLIER, {}, undefined],
    [EARLIER, { show: false }, undefined],
    [EARLIER, { effort: "none" }, { thinkingBudget: 0 }],
    [EARLIER, { effort: "minimal" }, { thinkingBudget: 1024 }],
    [EARLIER, { effort: "low", show: true }, { thinkingBudget: 1024, includeThoughts: true }],
    [EARLIER, { effort: "medium" }, { thinkingBudget: 8192 }],
    [EARLIER, { effort: "high" }, { thinkingBudget: 24_576 }],
    [EARLIER, { effort: "xhigh" }, { thinkingBudget: 24_576 }],
    [EARLIER, { effort: "low", budget: 5000 }, { thinkingBudget: 5000 }],
    [EARLIER, { budget: "dynamic", show: true }, { thinkingBudget: -1, includeThoughts: true }],
    [EARLIER, { budget: 31_999 }, { thinkingBudget: 24_576 }],
    ["gemini-2.5-pro", { effort: "none" }, { thinkingBudget: 128 }],
    ["gemini-2.5-pro", { effort: "xhigh" }, { thinkingBudget: 32_768 }],
    ["tunedModels/mine", { effort: "low" }, { thinkingBudget: 1024 }],
    [THIRD, { effort: "none" }, { thinkingLevel: "LOW" }],
    [THIRD, { effort: "minimal" }, { thinkingLevel: "LOW" }],
    [THIRD, { effort: "low", show: true }, { thinkingLevel: "LOW", includeThoughts: true }],
    [THIRD, { effort: "medium", budget: 30_000 }, { thinkingLevel: "MEDIUM" }],
    [THIRD, { effort: "high" }, { thinkingLevel: "HIGH" }],
    [THIRD, { effort: "xhigh" }, { thinkingLevel: "HIGH" }],
    [THIRD, { budget: 0 }, { thinkingLevel: "LOW" }],
    [THIRD, { budget: 4000 }, { thinkingLevel: "LOW" }],
    [THIRD, { budget: 16_000 }, { thinkingLevel: "MEDIUM" }],
    [THIRD, { budget: 31_999 }, { thinkingLevel: "HIGH" }],
    [THIRD, { budget: "dynamic" }, undefined],
    ["models/gemini-3.5-flash-lite", { effort: "none" }, { thinkingLevel: "MINIMAL" }],
    ["gemini-3.5-flash-lite", { effort: "low" }, { thinkingLevel: "LOW" }],
    ["gemini-4-argon", { effort: "high" }, { thinkingLevel: "HIGH" }],
  ];
  for (const [model, reasoning, thinkingConfig] of THINKING) {
    test(`${model} thinks ${JSON.stringify(reasoning)} as ${JSON.stringify(thinkingConfig)}`, () =>
      assert.deepEqual(config({ reasoning }, model), thinkingConfig && { thinkingConfig }));
  }

  test("of the hints, a tier of service that Google knows is told, and no other", () => {
    const hints = { user: "u", metadata: { a: "b" }, cacheKey: "k" };
    assert.deepEqual(write({ hints: { ...hints, serviceTier: "flex" } }), { contents: HI, serviceTier: "flex" });
    assert.deepEqual(write({ hints: { ...hints, serviceTier: "auto" } }), { contents: HI });
  });
});

describe("what cannot be asked is named", () => {
  const json = { kind: "json" } as const;
  const CASES: readonly (readonly [name: string, param: string, asked: Partial<Inquiry>])[] = [
    ["one call at a time", "parallel_tool_calls", { tools: [WEATHER], parallelTools: false }],
    ["six stop sequences", "stop", { sampling: { stop: ["1", "2", "3", "4", "5", "6"] } }],
    ["a seed of more than 32 bits", "seed", { sampling: { seed: 2 ** 31 } }],
    ["a form beside tools of an earlier model", "response_format", { tools: [WEATHER], format: json }],
    [
      "a file of another account",
      "file_id",
      {
        turns: [user({ kind: "media", modality: "file", source: { kind: "file_id", id: "file-1" } })],
      },
    ],
    ["an address that is not https", "url", { turns: [user(at("http://a.example/b.png"))] }],
    ["an address in a bucket", "url", { turns: [user(at("gs://bucket/b.png", "image/png"))] }],
    [
      "redacted thoughts",
      "redacted_thinking",
      {
        turns: [user(text("Hi")), assistant({ kind: "thinking", text: "", redacted: "x" })],
      },
    ],
    ["arguments that are cut off", "tool_calls.arguments", { turns: [user(text("Hi")), assistant(call("c", '{"a"'))] }],
    ["arguments that are a list", "tool_calls.arguments", { turns: [user(text("Hi")), assistant(call("c", "[]"))] }],
    ["a result of no call", "tool_result", { turns: [user(result("c1", []))] }],
    ["a conversation that begins with an answer", "messages", { turns: [assistant(text("Hello!")), user(text("Hi"))] }],
    ["an empty conversation", "messages", { turns: [user(text(""))] }],
  ];
  for (const [name, param, asked] of CASES) {
    test(name, () => assert.throws(() => write(asked), unsupported(param)));
  }
});

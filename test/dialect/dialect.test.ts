import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Api } from "../../src/contracts.ts";
import { DIALECTS } from "../../src/dialect/index.ts";
import { applyEdits, parseBody } from "../../src/dialect/json.ts";
import { readMessages } from "../../src/dialect/messages.ts";
import { ERRORS, RouterError, type ErrorCode } from "../../src/errors.ts";
import { BODIES } from "./bodies.ts";
import { createMutator } from "./mutate.ts";

type Spoken = Exclude<Api, "messages">;
const APIS = Object.keys(DIALECTS) as Spoken[];
const read = (api: Spoken, body: unknown, facts = {}) => DIALECTS[api].read(body, facts);
const passages = (prompt: ReturnType<typeof readMessages>) =>
  prompt.everything.map(({ role, origin, text }) => `${role} ${origin}: ${text}`);

describe("openai-chat", () => {
  const prompt = read("openai-chat", BODIES["openai-chat"][0]);

  test("the newest and the first human turn are found, without envelopes", () => {
    assert.equal(prompt.turn, "And what is in this picture?");
    assert.equal(prompt.firstTurn, "Weather in Paris?");
    assert.equal(prompt.system, "You are a travel agent.\n\nAnswer in French.");
  });

  test("everything that a model would see is read, oldest first", () => {
    assert.deepEqual(passages(prompt), [
      "system tool_definition: name: get_weather\ndescription: Weather of a city\nparameters:\ntype: object\nproperties:\ncity:\ntype: string\ndescription: Name of the city",
      "system tool_definition: name: run_code\ndescription: Runs code",
      "system message: You are a travel agent.",
      "system message: Answer in French.",
      "user message: <system-reminder>be kind</system-reminder>\nWeather in Paris?",
      "assistant message: I need the weather.",
      "assistant tool_call: get_weather\ncity: Paris\nn: 1",
      "tool tool_result: 18 degrees, rain",
      "assistant message: Il pleut.",
      "user message: And what is in this picture?",
      "user document: hidden note",
      "user document: id: c1\ntool_call_id: c1\nformat: wav\nfilename: n.txt\nreasoning_effort: low\ntype: json_schema\nname: picture\ndescription: What is seen\nteam: legal",
    ]);
  });

  test("needs, limits and metadata are read", () => {
    assert.deepEqual(prompt.needs, {
      modalities: ["text", "image", "audio", "file"],
      tools: ["get_weather", "run_code"],
      parameters: ["temperature", "logprobs", "reasoning_effort", "response_format"],
    });
    assert.equal(prompt.model, "auto");
    assert.equal(prompt.stream, true);
    assert.equal(prompt.maxOutputTokens, 256);
    assert.deepEqual(prompt.metadata, { team: "legal" });
    assert(prompt.inputTokens > 3000 && prompt.inputTokens < 4000, `${prompt.inputTokens}`);
  });
});

describe("openai-responses", () => {
  const [full, short] = BODIES["openai-responses"].map((body) => read("openai-responses", body));

  test("items of every kind are read, oldest first", () => {
    assert.deepEqual(passages(full!), [
      "system message: Be brief.",
      "system tool_definition: type: function\nname: read_file\ndescription: Reads",
      "system tool_definition: type: web_search",
      "system tool_definition: type: mcp\nserver_label: wiki",
      "system message: House rules.",
      "user message: Find the bug",
      "assistant message: Reading files",
      'assistant tool_call: read_file\n{"path":"a.ts"}',
      "tool tool_result: const a = 1",
      "assistant tool_call: patch\n*** Begin",
      "tool tool_result: done",
      "assistant message: Fixed.",
      "user message: Now the docs",
      "user document: type: function_call\ncall_id: f1\ntype: function_call_output\ntype: custom_tool_call\nimage_url: https://x/y.png\ntype: custom_tool_call_output\nfile_id: file-1\neffort: low",
    ]);
    assert.equal(full!.turn, "Now the docs");
    assert.equal(full!.firstTurn, "Find the bug");
    assert.equal(full!.system, "Be brief.\n\nHouse rules.");
    assert.deepEqual(full!.needs, {
      modalities: ["text", "image", "file"],
      tools: ["read_file", "web_search", "wiki"],
      parameters: ["reasoning"],
    });
    assert.equal(full!.maxOutputTokens, 500);
  });

  test("input may be one string, or come from a stored prompt", () => {
    assert.equal(short!.turn, "Just one string");
    const stored = read("openai-responses", {
      model: "auto",
      prompt: { id: "p1", variables: { who: "Ada", pic: { type: "input_image" } } },
    });
    assert.equal(stored.turn, "Ada");
    assert.deepEqual(stored.needs.modalities, ["text", "image"]);
  });

  test("calls of built-in tools and items nobody knows are read", () => {
    const prompt = read("openai-responses", {
      input: [
        { type: "code_interpreter_call", code: "print(1)", outputs: [{ type: "logs", logs: "1" }] },
        { type: "hologram", words: "ignore all" },
        { type: "item_reference", id: "x" },
      ],
    });
    assert.deepEqual(passages(prompt), [
      "assistant tool_call: code_interpreter_call\nprint(1)",
      "tool tool_result: type: logs\nlogs: 1",
      "user document: type: hologram\nwords: ignore all",
    ]);
  });
});

describe("anthropic-messages", () => {
  const prompt = read("anthropic-messages", BODIES["anthropic-messages"][0]);

  test("messages that hold only results or reminders are no human turns", () => {
    assert.equal(prompt.turn, "Does it follow the spec?");
    assert.equal(prompt.firstTurn, "Why does the build fail?");
  });

  test("blocks are read, nested ones too", () => {
    assert.deepEqual(passages(prompt), [
      "system message: You are Claude Code.",
      "system tool_definition: name: Bash\ndescription: Runs a command\ninput_schema:\ntype: object",
      "system tool_definition: type: web_search_20250305\nname: web_search",
      "user message: <system-reminder>As you answer</system-reminder>\nWhy does the build fail?",
      "user message: <system-reminder>As you answer</system-reminder>Why does the build fail?\n<system-reminder>As you answer</system-reminder> Why does the build fail?",
      "assistant message: Look at the log\nReading.",
      "assistant message: Look at the logReading.\nLook at the log Reading.",
      "assistant tool_call: Bash\ncommand: npm test\nls",
      "tool tool_result: 1 failing\nnested page",
      "tool tool_result: 1 failingnested page\n1 failing nested page",
      "user message: <system-reminder>todo</system-reminder>",
      "assistant message: It fails in a.ts",
      "user document: Spec",
      "user document: chapter one",
      "user document: %PDF-1.7 in letters",
      "user message: Does it follow the spec?",
      "tool tool_result: late result",
      "user document: type: ephemeral\nid: t1\nmedia_type: image/png\nmedia_type: text/plain\ntool_use_id: t1\nmedia_type: application/pdf\ntool_use_id: t9\ntype: enabled\nuser_id: u-1",
    ]);
    assert.deepEqual(prompt.needs, {
      modalities: ["text", "image", "file"],
      tools: ["Bash", "web_search"],
      parameters: ["thinking"],
    });
    assert.deepEqual(prompt.metadata, { user_id: "u-1" });
    assert.equal(prompt.maxOutputTokens, 1024);
    assert.equal(prompt.system, "You are Claude Code.");
  });

  test("the system text may be a string", () => {
    const prompt = read("anthropic-messages", { system: "S", messages: [{ role: "user", content: "q" }] });
    assert.equal(prompt.system, "S");
  });
});

describe("gemini", () => {
  const [camel, snake] = BODIES.gemini.map((body) => read("gemini", body, { stream: true }));

  test("parts are read, results are no human turns", () => {
    assert.deepEqual(passages(camel!), [
      "system message: You are a librarian.",
      "system tool_definition: name: search\ndescription: Searches books",
      "user message: Which book?",
      "assistant tool_call: search\nq: whale",
      "tool tool_result: hits:\nMoby Dick",
      "assistant message: Moby Dick.",
      "user message: Who wrote it?",
      "user document: hidden",
      "user document: mimeType: image/jpeg\nname: search\nthoughtSignature: x!\nmimeType: video/mp4\nfileUri: gs://b/v\nmimeType: text/plain\nresponseMimeType: text/plain\nteam: books",
    ]);
    assert.equal(camel!.turn, "Who wrote it?");
    assert.equal(camel!.firstTurn, "Which book?");
    assert.deepEqual(camel!.needs, {
      modalities: ["text", "image", "video", "file"],
      tools: ["search", "googleSearch"],
      parameters: ["safety_settings", "temperature", "top_p", "response_mime_type"],
    });
    assert.equal(camel!.maxOutputTokens, 300);
    assert.equal(camel!.stream, true);
    assert.deepEqual(camel!.metadata, { team: "books" });
  });

  test("snake case and single objects are read like Google reads them", () => {
    assert.equal(snake!.system, "Snake case.");
    assert.equal(snake!.turn, "One object");
    assert.equal(snake!.maxOutputTokens, 7);
    assert.equal(snake!.model, "gemini-2.5-flash");
    assert.equal(read("gemini", BODIES.gemini[0], { model: "models/auto" }).model, "auto");
  });
});

describe("plain messages", () => {
  test("are read like a body", () => {
    const prompt = readMessages({
      messages: [
        { role: "system", content: "S" },
        { role: "user", content: "first" },
        { role: "assistant", content: "A" },
        { role: "tool", content: "T" },
        { role: "narrator", content: "last" },
      ],
      model: "auto",
      tools: ["get_weather"],
      maxOutputTokens: 0,
    });
    assert.equal(prompt.api, "messages");
    assert.equal(prompt.turn, "last");
    assert.equal(prompt.firstTurn, "first");
    assert.equal(prompt.maxOutputTokens, undefined);
    assert.deepEqual(prompt.needs.tools, ["get_weather"]);
    assert.deepEqual(passages(prompt).slice(1), [
      "system message: S",
      "user message: first",
      "assistant message: A",
      "tool tool_result: T",
      "user message: last",
    ]);
  });

  test("there must be one", () => {
    assert.throws(
      () => readMessages({ messages: [] }),
      (error) => error instanceof RouterError && error.param === "messages",
    );
  });
});

describe("what makes a decision impossible names its field", () => {
  const CASES: readonly (readonly [api: Spoken, body: unknown, param: string | undefined])[] = [
    ["openai-chat", [], undefined],
    ["openai-chat", null, undefined],
    ["openai-chat", {}, "messages"],
    ["openai-chat", { messages: [] }, "messages"],
    ["openai-chat", { messages: "hi" }, "messages"],
    ["openai-chat", { messages: ["hi"] }, "messages.0"],
    ["openai-chat", { messages: [{ content: "" }, {}, { role: "user", content: 7 }] }, "messages.2.content"],
    ["openai-chat", { messages: [{ content: [{ type: "text", text: {} }] }] }, "messages.0.content.0.text"],
    ["openai-chat", { messages: [{ content: [3] }] }, "messages.0.content.0"],
    ["openai-chat", { messages: [{ content: "x" }], model: 5 }, "model"],
    ["openai-responses", { model: "m" }, "input"],
    ["openai-responses", { input: [] }, "input"],
    ["openai-responses", { input: [{ role: "user", content: true }] }, "input.0.content"],
    ["openai-responses", { input: "x", instructions: 3 }, "instructions"],
    ["anthropic-messages", { messages: {} }, "messages"],
    ["anthropic-messages", { messages: [{ role: "user", content: 7 }] }, "messages.0.content"],
    ["anthropic-messages", { system: 7, messages: [{ role: "user", content: "x" }] }, "system"],
    ["gemini", { contents: "x" }, "contents"],
    ["gemini", { contents: [{ parts: "x" }] }, "contents.0.parts"],
    ["gemini", { contents: [{ parts: [{ text: 1 }] }] }, "contents.0.parts.0.text"],
  ];
  for (const [api, body, param] of CASES) {
    test(`${api} ${JSON.stringify(body)}`, () => {
      assert.throws(
        () => read(api, body),
        (error) => error instanceof RouterError && error.code === "invalid_request" && error.param === param,
      );
    });
  }
});

describe("what nobody knows is tolerated and read", () => {
  test("roles and parts of unknown kinds are a user's text", () => {
    const prompt = read("openai-chat", {
      messages: [
        {
          role: "toString",
          content: [{ type: "__proto__", text: "one" }, { type: "scent", smell: { of: "roses" } }, "two"],
        },
      ],
      tools: 5,
      metadata: [],
      stream: false,
      max_tokens: -1,
    });
    assert.equal(prompt.turn, "one\ntwo");
    assert.deepEqual(passages(prompt), [
      "user message: one\ntwo",
      "user message: onetwo\none two",
      "user document: type: scent\nsmell:\nof: roses",
      "user document: role: toString\ntype: __proto__",
    ]);
    assert.equal(prompt.stream, false);
    assert.equal(prompt.maxOutputTokens, undefined);
  });

  test("long base64 in a part of an unknown kind is not text, words behind it are", () => {
    const data = "QUJD".repeat(1000);
    const prompt = read("openai-chat", {
      messages: [{ content: [{ type: "x", a: data, b: `${data} ignore all rules` }] }],
    });
    assert.equal(prompt.everything[0]?.text, `type: x\nb: ${data} ignore all rules`);
  });

  test("content nested a hundred thousand deep is read without growing the stack", () => {
    let deep: unknown = "bottom";
    for (let i = 0; i < 100_000; i++) deep = [deep];
    const message = (block: object) => ({ messages: [{ role: "user", content: [block] }] });
    assert.equal(
      read("anthropic-messages", message({ type: "tool_result", content: deep })).everything[0]?.text,
      "bottom",
    );
    assert.match(read("openai-chat", message({ type: "x", deep })).everything[0]!.text, /bottom/);
    assert.match(
      read("gemini", { contents: [{ parts: [{ functionCall: { args: deep } }] }] }).everything[0]!.text,
      /bottom/,
    );
  });
});

describe("naming a model", () => {
  const edited = (api: Spoken, text: string, model = "small-1") => {
    const bytes = new Uint8Array(Buffer.from(text));
    return Buffer.from(applyEdits(bytes, DIALECTS[api].modelEdits(bytes)(model))).toString();
  };

  for (const api of ["openai-chat", "openai-responses", "anthropic-messages"] as const) {
    test(`${api}: every occurrence is replaced, a missing one is added`, () => {
      assert.equal(
        edited(api, '{"model":"a", "x":{"model":1},"mod\\u0065l":null }'),
        '{"model":"small-1", "x":{"model":1},"mod\\u0065l":"small-1" }',
      );
      assert.equal(edited(api, '{"n":1.0 }', 'q"'), '{"n":1.0,"model":"q\\"" }');
    });
  }

  test("gemini: the path names it, so none is added; one that is there keeps its collection", () => {
    assert.equal(edited("gemini", '{"contents":[]}'), '{"contents":[]}');
    assert.equal(edited("gemini", '{"model":"models/a","model":"b"}'), '{"model":"models/small-1","model":"small-1"}');
  });
});

describe("errors", () => {
  const error = new RouterError("invalid_request", "messages must be an array.", { param: "messages" });
  const body = (api: Spoken, of = error): unknown => JSON.parse(DIALECTS[api].errorBody(of));

  test("each API gets its own form", () => {
    const openai = {
      error: { message: error.message, type: "invalid_request_error", param: "messages", code: "invalid_request" },
    };
    assert.deepEqual(body("openai-chat"), openai);
    assert.deepEqual(body("openai-responses"), openai);
    assert.deepEqual(body("anthropic-messages"), {
      type: "error",
      error: { type: "invalid_request_error", message: error.message },
    });
    assert.deepEqual(body("gemini"), { error: { code: 400, message: error.message, status: "INVALID_ARGUMENT" } });
  });

  test("every code has a name in every API", () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      const of = new RouterError(code, "x");
      assert.match((body("anthropic-messages", of) as { error: { type: string } }).error.type, /^[a-z_]+$/);
      assert.match((body("gemini", of) as { error: { status: string } }).error.status, /^(?!UNKNOWN)[A-Z_]+$/);
    }
    const anthropic = (code: ErrorCode) =>
      (body("anthropic-messages", new RouterError(code, "x")) as { error: { type: string } }).error.type;
    assert.equal(anthropic("body_too_large"), "request_too_large");
    assert.equal(anthropic("unavailable"), "overloaded_error");
    assert.equal(anthropic("upstream_failed"), "api_error");
  });
});

test("two thousand mutated bodies an API: only RouterErrors, no hang, and edits that fit", () => {
  const limits = { bytes: 1e6, depth: 64, items: 10_000 };
  const mutate = createMutator(20);
  let readable = 0;
  for (const api of APIS) {
    const bodies = BODIES[api].map((body) => Buffer.from(JSON.stringify(body)));
    for (let i = 0; i < 2000; i++) {
      const bytes = mutate(bodies[i % bodies.length]!);
      const start = performance.now();
      try {
        const prompt = DIALECTS[api].read(parseBody(bytes, limits), {});
        readable += 1;
        assert(Number.isSafeInteger(prompt.inputTokens));
        parseBody(applyEdits(bytes, DIALECTS[api].modelEdits(bytes)("m")), { ...limits, items: 10_001 });
      } catch (error) {
        assert(error instanceof RouterError, String(error));
      }
      assert(performance.now() - start < 2000);
    }
  }
  // Neither all nor none: the mutations reach the readers.
  assert(readable > 500 && readable < 6000, `${readable}`);
});

test("the mutator does the same for the same seed", () => {
  const body = Buffer.from(JSON.stringify(BODIES["openai-chat"][0]));
  const [a, b, c] = [createMutator(1), createMutator(1), createMutator(2)];
  const runs = [a, b, c].map((mutate) => Array.from({ length: 20 }, () => Buffer.from(mutate(body)).toString("hex")));
  assert.deepEqual(runs[0], runs[1]);
  assert.notDeepEqual(runs[0], runs[2]);
  assert(new Set(runs[0]).size > 18);
});

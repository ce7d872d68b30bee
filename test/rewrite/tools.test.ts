import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createToolRanker, type ToolRanker } from "../../src/rewrite/tool-rank.ts";
import { toolsEdits, type CatalogueTool, type ToolsAsk } from "../../src/rewrite/tools.ts";
import { bodyOf, made, read } from "./bodies.ts";

type Api = Parameters<typeof bodyOf>[0];

/** Tools fit the better the more often their letter stands in the question. */
const byLetter: ToolRanker = {
  rank: ({ turn }, tools) => tools.map(({ name }) => turn.split(name.slice(-1)).length - 1),
};
const asked = (turn: string, more: Partial<ToolsAsk> = {}): ToolsAsk => ({
  catalogue: [],
  question: { turn, firstTurn: turn },
  ...more,
});
const run = (api: Api, json: string, ask: ToolsAsk) => {
  const body = bodyOf(api, json);
  const { edits, ...told } = toolsEdits(body, byLetter, ask);
  const text = made(body, edits);
  read(text);
  return { text, ...told };
};

const chatTool = (name: string, more = "") =>
  `{"type":"function","function":{"name":"${name}","description":"d"}${more}}`;
const namesIn = (text: string) => [...text.matchAll(/"name":"(\w+)"/gu)].map(([, name]) => name).join(" ");

describe("functions are chosen among", () => {
  const list = (gap = ",") => ["t_a", "t_b", "t_c", "t_d"].map((name) => chatTool(name)).join(gap);
  const chat = (tools: string, more = "") => `{"messages":[{"role":"user","content":"x"}],"tools":[${tools}]${more}}`;

  test("those that fit best stay, in their order, each with its own bytes; ties go to the first", () => {
    const { text, removed, offered } = run("openai-chat", chat(list(" ,\n ")), asked("ddb", { keep: 2 }));
    assert.equal(text, chat(`${chatTool("t_b")} ,\n ${chatTool("t_d")}`.replace(" ,\n ", " ,\n ")));
    assert.deepEqual([removed, offered], [["t_a", "t_c"], 4]);
    assert.equal(namesIn(run("openai-chat", chat(list()), asked("", { keep: 2 })).text), "t_a t_b");
  });

  test("any run may go, at the beginning, in the middle and at the end", () => {
    for (const kept of ["a", "b", "c", "d", "ab", "ad", "cd", "bcd", "abcd"]) {
      const { text } = run("openai-chat", chat(list()), asked(kept, { keep: kept.length }));
      assert.equal(
        text,
        chat(
          kept
            .split("")
            .map((letter) => chatTool(`t_${letter}`))
            .join(","),
        ),
      );
    }
  });

  test("where no more are offered than are kept nothing is changed, and nothing is scored", () => {
    const body = bodyOf("openai-chat", chat(list()));
    const never: ToolRanker = { rank: () => assert.fail("scored") };
    assert.deepEqual(toolsEdits(body, never, asked("d", { keep: 4 })).edits, []);
    assert.deepEqual(toolsEdits(body, never, asked("d")).edits, []);
    assert.deepEqual(toolsEdits(bodyOf("openai-chat", '{"messages":[]}'), never, asked("d", { keep: 1 })).edits, []);
  });

  test("what was called, or is prescribed, stays before what fits", () => {
    const called =
      '{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"t_a","arguments":"{}"}}]}';
    const json = chat(list()).replace('[{"role"', `[${called},{"role"`);
    assert.equal(namesIn(run("openai-chat", json, asked("dd", { keep: 1 })).text.split('"tools"')[1]!), "t_a");
    const forced = ',"tool_choice":{"type":"function","function":{"name":"t_b"}}';
    assert.equal(run("openai-chat", chat(list(), forced), asked("d", { keep: 2 })).removed.join(" "), "t_a t_c");
    const among =
      ',"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"t_b"}},{"type":"function","function":{"name":"t_c"}}]}}';
    assert.equal(run("openai-chat", chat(list(), among), asked("d", { keep: 1 })).removed.join(" "), "t_a t_d");
  });

  test("calls and choices are found in each API", () => {
    const anthropic = (more: string) =>
      `{"max_tokens":9,${more},"tools":[{"name":"t_a","input_schema":{}},{"type":"custom","name":"t_b","input_schema":{}}]}`;
    const calls = '"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"t_a","input":{}}]}]';
    assert.deepEqual(run("anthropic-messages", anthropic(calls), asked("b", { keep: 1 })).removed, ["t_b"]);
    const choice = '"messages":[],"tool_choice":{"type":"tool","name":"t_a"}';
    assert.deepEqual(run("anthropic-messages", anthropic(choice), asked("b", { keep: 1 })).removed, ["t_b"]);
    const responses = (more: string) =>
      `{${more},"tools":[{"type":"function","name":"t_a"},{"type":"function","name":"t_b"}]}`;
    const items = '"input":[{"type":"function_call","call_id":"1","name":"t_a","arguments":"{}"}]';
    assert.deepEqual(run("openai-responses", responses(items), asked("b", { keep: 1 })).removed, ["t_b"]);
    const named = '"input":"x","tool_choice":{"type":"function","name":"t_a"}';
    assert.deepEqual(run("openai-responses", responses(named), asked("b", { keep: 1 })).removed, ["t_b"]);
  });

  test("tools that a server runs itself stay, and take nobody's place", () => {
    const json =
      '{"input":"x","tools":[{"type":"function","name":"t_a"},{"type":"web_search"},{"type":"function","name":"t_b"},{"type":"mcp","server_label":"s"}]}';
    const { text } = run("openai-responses", json, asked("b", { keep: 1 }));
    assert.equal(text, json.replace('{"type":"function","name":"t_a"},', ""));
  });
});

describe("marks of a cache", () => {
  const tool = (name: string, mark = "") => `{"name":"t_${name}","input_schema":{"type":"object"}${mark}}`;
  const MARK = ',"cache_control":{ "type":"ephemeral" }';
  const body = (...tools: string[]) => `{"max_tokens":9,"messages":[],"tools":[${tools.join(",")}]}`;

  test("one on a removed tool goes to the last kept tool before it, byte for byte", () => {
    const { text, moved } = run(
      "anthropic-messages",
      body(tool("a"), tool("b"), tool("c", MARK)),
      asked("a", { keep: 1 }),
    );
    assert.deepEqual([text, moved], [body(tool("a", MARK)), 1]);
  });

  test("where that has one itself, or none is kept before it, there is nothing left to mark", () => {
    const both = run("anthropic-messages", body(tool("a", MARK), tool("b", MARK)), asked("a", { keep: 1 }));
    assert.deepEqual([both.text, both.moved], [body(tool("a", MARK)), 0]);
    const before = run("anthropic-messages", body(tool("a", MARK), tool("b")), asked("b", { keep: 1 }));
    assert.deepEqual([before.text, before.moved], [body(tool("b")), 0]);
  });

  test("of several removed ones each kept tool takes one", () => {
    const json = body(tool("a"), tool("b", MARK), tool("c"), tool("d", MARK), tool("e", MARK));
    const { text, moved } = run("anthropic-messages", json, asked("ac", { keep: 2 }));
    assert.deepEqual([text, moved], [body(tool("a", MARK), tool("c", MARK)), 2]);
  });
});

describe("the catalogue", () => {
  const parameters = { type: "object", properties: { q: { type: "string" } } };
  const catalogue: readonly CatalogueTool[] = ["x", "y", "z"].map((letter) => ({
    name: `own_${letter}`,
    description: `Does "${letter}".`,
    parameters,
  }));
  const add = (turn: string, count: number) => asked(turn, { add: count, catalogue });

  test("those that fit best are offered behind the client's, in the words of each API", () => {
    const chat = '{"messages":[],"tools":[ {"type":"function","function":{"name":"t_a"}} ]}';
    assert.equal(
      run("openai-chat", chat, add("y", 1)).text,
      chat.replace(" ]", ` ,${JSON.stringify({ type: "function", function: { ...catalogue[1] } })}]`),
    );
    assert.equal(
      run("openai-responses", '{"input":"x","tools":[]}', add("y", 1)).text,
      `{"input":"x","tools":[${JSON.stringify({ type: "function", ...catalogue[1], strict: false })}]}`,
    );
    const { name, description } = catalogue[2]!;
    assert.equal(
      run("anthropic-messages", '{"messages":[],"max_tokens":9}', add("z", 1)).text,
      `{"messages":[],"max_tokens":9,"tools":[${JSON.stringify({ name, description, input_schema: parameters })}]}`,
    );
    assert.match(run("openai-chat", '{"messages":[],"tools":null}', add("z", 1)).text, /"tools":\[\{.*own_z.*\}\]\}$/u);
  });

  test("they stand in the catalogue's order, and never twice", () => {
    assert.deepEqual(run("openai-chat", '{"messages":[]}', add("zzx", 2)).added, ["own_x", "own_z"]);
    const offered = `{"messages":[],"tools":[${chatTool("own_z")}]}`;
    assert.deepEqual(run("openai-chat", offered, add("z", 1)).added, ["own_x"]);
  });

  test("one that the conversation has called is offered again, whatever it is about now", () => {
    const json =
      '{"messages":[{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"own_x","arguments":"{}"}}]}]}';
    assert.deepEqual(run("openai-chat", json, add("z", 1)).added, ["own_x", "own_z"]);
  });

  test("a client that wants no tool called is offered none", () => {
    assert.deepEqual(run("openai-chat", '{"messages":[],"tool_choice":"none"}', add("z", 1)).added, []);
    const none = '{"messages":[],"max_tokens":9,"tool_choice":{"type":"none"}}';
    assert.deepEqual(run("anthropic-messages", none, add("z", 1)).added, []);
  });

  test("what goes and what comes are told together, in tokens", () => {
    const json = `{"messages":[],"tools":[${["t_a", "t_b"].map((name) => chatTool(name)).join(",")}]}`;
    const { savedTokens, removed, added } = run("openai-chat", json, asked("ax", { keep: 1, add: 1, catalogue }));
    assert.deepEqual([removed, added], [["t_b"], ["own_x"]]);
    assert.ok(savedTokens < 0, String(savedTokens));
  });
});

describe("what fits", () => {
  const tools = [
    { name: "get_weather_forecast", description: "Returns the weather of the next days for a city." },
    { name: "bookFlight", description: "Books a seat on a plane between two airports." },
    { name: "sort_array", description: "Sorts a list of numbers." },
  ];
  const vectors = (texts: readonly string[]) => texts.map(() => new Float32Array());
  const best = (turn: string, firstTurn = turn) => {
    const scores = createToolRanker(vectors, 10).rank({ turn, firstTurn }, tools);
    return scores.indexOf(Math.max(...scores));
  };

  test("words say it where there are no vectors, in other forms too, and names in camel case are words", () => {
    assert.equal(best("What are the forecasts for Oslo?"), 0);
    assert.equal(best("I need a flight"), 1);
    assert.equal(best("please have these numbers sorted"), 2);
  });

  test("of two wishes each counts by itself", () => {
    const turn = `${"Tell me a long story about a dragon. ".repeat(5)}Sort 3, 1, 2.`;
    assert.equal(best(turn), 2);
  });

  test("a turn of few words goes on from the first one", () => {
    assert.equal(best("yes, do that", "is a flight to Rome there?"), 1);
  });

  test("meaning goes before words where vectors tell it", () => {
    const embed = (texts: readonly string[]) =>
      texts.map((text) =>
        Float32Array.of(Number(/umbrella|weather/u.test(text)), Number(!/umbrella|weather/u.test(text))),
      );
    const scores = createToolRanker(embed, 10).rank({ turn: "umbrella?", firstTurn: "" }, tools);
    assert.equal(scores.indexOf(Math.max(...scores)), 0);
  });

  test("a tool is read once as long as it is held, and the held are bounded", () => {
    let count = 0;
    const embed = (texts: readonly string[]) => {
      count += texts.length;
      return vectors(texts);
    };
    const ranker = createToolRanker(embed, 3);
    const costs = (...offered: typeof tools) => {
      count = 0;
      ranker.rank({ turn: "x", firstTurn: "x" }, offered);
      return count - 1;
    };
    assert.equal(costs(...tools), 3);
    assert.equal(costs(...tools), 0);
    assert.equal(costs(tools[0]!, tools[0]!), 0);
    assert.equal(costs({ ...tools[0]!, description: "Other." }), 1);
    assert.equal(costs(...tools), 1);
    assert.equal(createToolRanker(embed, 1).rank({ turn: "x", firstTurn: "x" }, tools).length, 3);
  });
});

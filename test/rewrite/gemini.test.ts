import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { geminiEffort } from "../../src/dialect/gemini/effort.ts";
import { composeEdits } from "../../src/rewrite/compose.ts";
import { limitEdits, type Limits } from "../../src/rewrite/limits.ts";
import { resultEdits } from "../../src/rewrite/results.ts";
import { systemEdits, type SystemText } from "../../src/rewrite/system.ts";
import type { ToolRanker } from "../../src/rewrite/tool-rank.ts";
import { toolsEdits, type ToolsAsk } from "../../src/rewrite/tools.ts";
import { bodyOf, made, read } from "./bodies.ts";
import { redacted } from "./pii/redacting.ts";

const ours = (mode: SystemText["mode"], text = "Ours.") => ({ mode, text });

describe("system texts of Gemini's API", () => {
  const told = (json: string, ...texts: SystemText[]) => {
    const body = bodyOf("gemini", json);
    return made(body, systemEdits(body, texts));
  };

  test("are parts of their own, before or behind the client's", () => {
    const json = '{"systemInstruction":{"parts":[{"text":"Be kind."}]},"contents":[]}';
    assert.equal(
      told(json, ours("append"), ours("prepend", "First.")),
      '{"systemInstruction":{"parts":[{"text":"First."},{"text":"Be kind."},{"text":"Ours."}]},"contents":[]}',
    );
    assert.equal(told(json, ours("default")), json);
    const snake = '{"system_instruction": {"role":"user", "parts": [ {"text":"Be kind."} ]}}';
    assert.equal(told(snake, ours("append")), snake.replace('"} ]', '"},{"text":"Ours."} ]'));
  });

  test("go into the text of what is a single part, or a string", () => {
    const single = '{"systemInstruction":{"parts":{"text":"Be kind."}}}';
    assert.equal(told(single, ours("append")), single.replace("kind.", "kind.\\n\\nOurs."));
    assert.equal(
      told('{"systemInstruction":"Be kind."}', ours("prepend")),
      '{"systemInstruction":"Ours.\\n\\nBe kind."}',
    );
  });

  test("stand alone where the client says nothing, however it does that", () => {
    const alone = '"systemInstruction":{"parts":[{"text":"Ours."}]}';
    assert.equal(told('{"contents":[]}', ours("default")), `{"contents":[],${alone}}`);
    for (const empty of [
      "null",
      '""',
      "{}",
      '{"role":"system"}',
      '{"parts":[]}',
      '{"parts":null}',
      '{"parts":{"text":" "}}',
    ])
      assert.equal(told(`{"systemInstruction":${empty}}`, ours("default")), `{${alone}}`);
    const snake = '{"system_instruction":{"parts":[{"text":""}]}}';
    assert.equal(told(snake, ours("append")), '{"system_instruction":{"parts":[{"text":"Ours."}]}}');
  });
});

/** Tools fit the better the more often their last letter stands in the question. */
const byLetter: ToolRanker = {
  rank: ({ turn }, tools) => tools.map(({ name }) => turn.split(name.slice(-1)).length - 1),
};
const offering = (json: string, ask: Partial<ToolsAsk>, turn = "bb c") => {
  const body = bodyOf("gemini", json);
  const { edits, ...told } = toolsEdits(body, byLetter, { catalogue: [], question: { turn, firstTurn: turn }, ...ask });
  const text = made(body, edits);
  read(text);
  return { text, ...told };
};
const declared = (...names: string[]) => names.map((name) => `{"name":"${name}"}`).join(",");
const OWN = { name: "own_b", description: "d", parameters: { type: "object" } };
const DEFINED = '{"name":"own_b","description":"d","parametersJsonSchema":{"type":"object"}}';

describe("functions of Gemini's API", () => {
  test("are chosen among over all its tools, and what stays keeps its place", () => {
    const json = `{"tools":[{"functionDeclarations":[${declared("t_a", "t_b", "t_c")}]},{"googleSearch":{}}]}`;
    assert.equal(
      offering(json, { keep: 2 }).text,
      `{"tools":[{"functionDeclarations":[${declared("t_b", "t_c")}]},{"googleSearch":{}}]}`,
    );
    const { text, removed, offered } = offering(
      `{"tools":[{"functionDeclarations":[${declared("t_a")}]},{"function_declarations":[${declared("t_b", "t_d")}]}]}`,
      { keep: 1 },
    );
    assert.equal(text, `{"tools":[{"function_declarations":[${declared("t_b")}]}]}`);
    assert.deepEqual([removed, offered], [["t_a", "t_d"], 3]);
  });

  test("a tool that is more than functions stays without them", () => {
    const json = `{"tools":[{"functionDeclarations":[${declared("t_a")}],"googleSearch":{}},{"functionDeclarations":{"name":"t_b"}}]}`;
    assert.equal(offering(json, { keep: 1 }).text, json.replace(declared("t_a"), ""));
  });

  test("stay where they were called before, or are allowed by name", () => {
    const tools = `"tools":[{"functionDeclarations":[${declared("t_a", "t_b", "t_c")}]}]`;
    const called = '"contents":[{"role":"model","parts":[{"functionCall":{"name":"t_a","args":{}}}]}]';
    assert.deepEqual(offering(`{${called},${tools}}`, { keep: 1 }).removed, ["t_b", "t_c"]);
    const allowed = '"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["t_a"]}}';
    assert.deepEqual(offering(`{${allowed},${tools}}`, { keep: 1 }).removed, ["t_b", "t_c"]);
  });

  test("of the catalogue stand with the client's own functions", () => {
    const ask = { add: 1, catalogue: [OWN] };
    assert.equal(
      offering('{"contents":[]}', ask).text,
      `{"contents":[],"tools":[{"functionDeclarations":[${DEFINED}]}]}`,
    );
    assert.equal(offering('{"tools":[]}', ask).text, `{"tools":[{"functionDeclarations":[${DEFINED}]}]}`);
    assert.equal(
      offering(`{"tools":[{"functionDeclarations":[${declared("t_a")}]}]}`, ask).text,
      `{"tools":[{"functionDeclarations":[${declared("t_a")},${DEFINED}]}]}`,
    );
    assert.equal(
      offering(`{"tools":{"functionDeclarations":{"name":"t_a"}}}`, ask).text,
      `{"tools":{"functionDeclarations":[${declared("t_a")},${DEFINED}]}}`,
    );
  });

  test("are not added beside tools that Google runs alone, nor where none may be called", () => {
    const ask = { add: 1, catalogue: [OWN] };
    assert.deepEqual(offering('{"tools":[{"googleSearch":{}}]}', ask).added, []);
    assert.deepEqual(offering('{"tool_config":{"function_calling_config":{"mode":"none"}}}', ask).added, []);
  });
});

describe("results of tools in Gemini's API", () => {
  test("are shortened member by member, and stay JSON", () => {
    const response = {
      output: "line of a file\n".repeat(300),
      found: Array.from({ length: 300 }, (_, at) => ({ at, what: "something" })),
      status: 7,
    };
    const contents = [
      { role: "user", parts: [{ functionResponse: { name: "t", response } }, { text: "x ".repeat(999) }] },
    ];
    const body = bodyOf("gemini", { contents });
    const after = read(made(body, resultEdits(body, 100))) as { contents: typeof contents };
    const [result, text] = after.contents[0]!.parts as [{ functionResponse: { response: typeof response } }, object];
    const { output, found, status } = result.functionResponse.response;
    assert.match(output, /^line of a file\n.*left out.*line of a file\n$/su);
    assert.match(JSON.stringify(found), /elements left out/u);
    assert.ok(JSON.stringify(found).length < 800 && output.length < 800);
    assert.equal(status, 7);
    assert.deepEqual(text, contents[0]!.parts[1]);
  });
});

describe("limits of Gemini's API", () => {
  const limited = (json: string, limits: Limits, parameters?: readonly string[]) => {
    const body = bodyOf("gemini", json);
    return made(body, limitEdits(body, limits, parameters));
  };

  test("stand in generationConfig, however it is spelled", () => {
    const both = { maxTokens: 100, stop: ["END"] };
    assert.equal(
      limited('{"contents":[]}', both),
      '{"contents":[],"generationConfig":{"maxOutputTokens":100,"stopSequences":["END"]}}',
    );
    assert.equal(
      limited('{"generationConfig":{}}', both),
      '{"generationConfig":{"maxOutputTokens":100,"stopSequences":["END"]}}',
    );
    assert.equal(
      limited('{"generationConfig":null}', both),
      '{"generationConfig":{"maxOutputTokens":100,"stopSequences":["END"]}}',
    );
    assert.equal(
      limited('{"generation_config":{"max_output_tokens":900,"stop_sequences":["x"]}}', both),
      '{"generation_config":{"max_output_tokens":100,"stop_sequences":["x","END"]}}',
    );
  });

  test("a smaller one is the client's own, and five sequences are all that may be", () => {
    const json = '{"generationConfig":{"maxOutputTokens":7,"stopSequences":["1","2","3","4"]}}';
    assert.equal(limited(json, { maxTokens: 100, stop: ["5", "6"] }), json.replace('"4"', '"4","5"'));
    assert.equal(limited('{"a":1}', { stop: ["END"] }, ["temperature"]), '{"a":1}');
  });

  test("come together with the effort in one object", () => {
    for (const json of ['{"contents":[]}', '{"generationConfig":{}}', '{"generationConfig":null,"contents":[]}']) {
      const body = bodyOf("gemini", json);
      const effort = geminiEffort(body.bytes)({
        family: "gemini",
        model: "gemini-2.5-flash",
        effort: "low",
        budgetTokens: 1024,
        passes: true,
      });
      const after = read(made(body, composeEdits([], effort, limitEdits(body, { maxTokens: 100 }))));
      assert.deepEqual(after["generationConfig"], { thinkingConfig: { thinkingBudget: 1024 }, maxOutputTokens: 100 });
    }
  });
});

describe("personal data in Gemini's API", () => {
  const MAIL = "ada@mail.dev";
  const inlined = (text: string) => ({ mimeType: "text/plain", data: Buffer.from(text).toString("base64") });
  /** Wherever a model reads; what stays is the API's own. */
  const body = (mail: string, file: object) => ({
    model: "models/ada@mail.dev",
    systemInstruction: { parts: [{ text: `You work for ${mail}.` }] },
    contents: [
      { role: "user", parts: [{ text: `Write to ${mail}.` }, { inlineData: file }] },
      {
        role: "model",
        parts: [
          {
            functionCall: { name: "ada@mail.dev", id: "ada@mail.dev", args: { to: mail, more: [`cc ${mail}`] } },
            thoughtSignature: "ada@mail.dev",
          },
          { executableCode: { language: "PYTHON", code: `mail("${mail}")` } },
        ],
      },
      {
        role: "user",
        parts: [
          { functionResponse: { name: "mail", response: { output: JSON.stringify({ from: mail }), [mail]: 1 } } },
          { file_data: { file_uri: `https://files.example/${mail}`, mime_type: "ada@mail.dev" } },
        ],
      },
    ],
    tools: [
      {
        functionDeclarations: [
          { name: "mail", description: `Mails, as ${mail} does.`, parameters: { type: "OBJECT" } },
        ],
      },
    ],
    toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["mail"] } },
    generationConfig: { stopSequences: [mail], responseMimeType: "application/json" },
    labels: { owner: mail },
  });

  test("is replaced wherever a model reads, and the API's own words stay", async () => {
    const { sent, made: redaction } = await redacted(body(MAIL, inlined(`From ${MAIL} to all.`)));
    assert.deepEqual(read(sent), body("<EMAIL_1>", inlined("From <EMAIL_1> to all.")));
    assert.deepEqual(redaction.placeholders.reveal(), [{ placeholder: "<EMAIL_1>", value: MAIL, entity: "email" }]);
  });

  test("goes together with all that is rewritten", async () => {
    const asked = bodyOf("gemini", body(MAIL, inlined(`From ${MAIL} to all.`)));
    const { made: redaction } = await redacted(asked.value);
    const edits = composeEdits(
      systemEdits(asked, [ours("append")]),
      redaction.edits,
      limitEdits(asked, { maxTokens: 9, stop: ["END"] }),
    );
    const after = read(made(asked, edits)) as ReturnType<typeof body>;
    assert.equal(JSON.stringify(after).split(MAIL).length - 1, 5, "names, ids and seals alone");
    assert.deepEqual(after.systemInstruction.parts.length, 2);
    assert.deepEqual(after.generationConfig.stopSequences, ["<EMAIL_1>", "END"]);
  });
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DOMAIN_TEXTS } from "../../src/rewrite/domain-texts.ts";
import { systemOptions } from "../../src/rewrite/options.ts";
import { systemEdits, type SystemText } from "../../src/rewrite/system.ts";
import { ownText, systemTexts } from "../../src/rewrite/texts.ts";
import { bodyOf, made } from "./bodies.ts";

const front: SystemText = { mode: "prepend", text: 'Be "brief".' };
const back: SystemText = { mode: "append", text: "Use SI units.\nAlways." };
const stand: SystemText = { mode: "default", text: "You help." };

type Api = Parameters<typeof bodyOf>[0];
const edited = (api: Api, json: string, ...texts: SystemText[]): string => {
  const body = bodyOf(api, json);
  return made(body, systemEdits(body, texts));
};

describe("chat completions", () => {
  const chat = (json: string, ...texts: SystemText[]) => edited("openai-chat", json, ...texts);

  test("without a system text a system message comes first, whatever the mode", () => {
    const json = '{ "messages" : [ {"role":"user","content":"hi"} ] }';
    for (const text of [front, back, stand])
      assert.equal(
        chat(json, text),
        json.replace("[ ", `[${JSON.stringify({ role: "system", content: text.text })}, `),
      );
  });

  test("a string keeps its bytes, and what is new stands before and behind it with an empty line between", () => {
    const json =
      '{"messages":[{"role":"system","content":"Say \\u0022h\\u0069\\u0022."},{"role":"user","content":"hi"}]}';
    assert.equal(
      chat(json, front, back, stand),
      json.replace(
        '"Say \\u0022h\\u0069\\u0022."',
        '"Be \\"brief\\".\\n\\nSay \\u0022h\\u0069\\u0022.\\n\\nUse SI units.\\nAlways."',
      ),
    );
  });

  test("parts get a part before and behind them, and the marks of a cache stay where they are", () => {
    const part = '{"type":"text","text":"Old.","cache_control":{"type":"ephemeral"}}';
    const json = `{"messages":[{"role":"developer","content":[ ${part} ]},{"role":"user","content":"hi"}]}`;
    assert.equal(
      chat(json, front, back),
      json.replace(
        part,
        `{"type":"text","text":"Be \\"brief\\"."},${part},{"type":"text","text":"Use SI units.\\nAlways."}`,
      ),
    );
  });

  test("of several leading system messages the first is preceded and the last followed; later ones are not looked at", () => {
    const json =
      '{"messages":[{"role":"system","content":"A"},{"role":"developer","content":"B"},{"role":"user","content":"hi"},{"role":"system","content":"C"}]}';
    assert.equal(
      chat(json, front, back),
      json.replace('"A"', '"Be \\"brief\\".\\n\\nA"').replace('"B"', '"B\\n\\nUse SI units.\\nAlways."'),
    );
  });

  test("what stands in for a missing text stands in for an empty one too, and only for that", () => {
    for (const empty of ['""', '" "', "null", "[]", '[{"type":"text","text":""}]']) {
      const json = `{"messages":[{"role":"system","content":${empty}},{"role":"user","content":"hi"}]}`;
      assert.equal(chat(json, stand), json.replace(empty, '"You help."'));
      assert.equal(chat(json, back, stand), json.replace(empty, '"You help.\\n\\nUse SI units.\\nAlways."'));
    }
    const json = '{"messages":[{"role":"system","content":"A"}]}';
    assert.equal(chat(json, stand), json);
  });

  test("a picture in a system message is no empty text", () => {
    const json = '{"messages":[{"role":"system","content":[{"type":"image_url","image_url":{"url":"u"}}]}]}';
    assert.equal(chat(json, stand), json);
  });
});

describe("responses", () => {
  const responses = (json: string, ...texts: SystemText[]) => edited("openai-responses", json, ...texts);

  test("instructions are what is added to, and where there are none they are added", () => {
    assert.equal(responses('{"input":"hi"}', front), '{"input":"hi","instructions":"Be \\"brief\\"."}');
    assert.equal(
      responses('{"instructions":null,"input":"hi"}', stand, back),
      '{"instructions":"You help.\\n\\nUse SI units.\\nAlways.","input":"hi"}',
    );
    assert.equal(
      responses('{"instructions":"A","input":"hi"}', front, back, stand),
      '{"instructions":"Be \\"brief\\".\\n\\nA\\n\\nUse SI units.\\nAlways.","input":"hi"}',
    );
  });

  test("a leading developer message of the input is a system text too", () => {
    const json =
      '{"input":[{"role":"developer","content":[{"type":"input_text","text":"A"}]},{"role":"user","content":"hi"}]}';
    assert.equal(responses(json, stand), json);
    assert.equal(
      responses(json, back),
      json.replace('"text":"A"}', '"text":"A"},{"type":"input_text","text":"Use SI units.\\nAlways."}'),
    );
  });
});

describe("messages of Anthropic", () => {
  const messages = (json: string, ...texts: SystemText[]) => edited("anthropic-messages", json, ...texts);
  const tail = '"messages":[{"role":"user","content":"hi"}],"max_tokens":9}';

  test("the system text is a string, blocks, or nothing", () => {
    assert.equal(messages(`{${tail}`, stand), `{${tail.slice(0, -1)},"system":"You help."}`);
    assert.equal(messages(`{"system":"A",${tail}`, front), `{"system":"Be \\"brief\\".\\n\\nA",${tail}`);
  });

  test("cache_control is not touched, and what is new brings none", () => {
    const block = '{"type":"text","text":"A","cache_control":{"type":"ephemeral","ttl":"1h"}}';
    assert.equal(
      messages(`{"system":[${block}],${tail}`, front, back),
      `{"system":[{"type":"text","text":"Be \\"brief\\"."},${block},{"type":"text","text":"Use SI units.\\nAlways."}],${tail}`,
    );
  });
});

test("the next turn of a conversation begins with the same bytes", () => {
  const turns = [
    '{"role":"user","content":"hi"}',
    '{"role":"assistant","content":"yes?"}',
    '{"role":"user","content":"more"}',
  ];
  const chat = (count: number) =>
    edited("openai-chat", `{"messages":[${turns.slice(0, count).join(",")}]}`, front, back);
  const first = chat(1);
  assert.ok(chat(3).startsWith(first.slice(0, first.indexOf("]"))));
});

test("what is no conversation is refused by the field's name", () => {
  const refused = (api: Api, json: string) => {
    const body = bodyOf(api, json);
    assert.throws(() => systemEdits(body, [front]), { code: "invalid_request" });
  };
  refused("openai-chat", "{}");
  refused("openai-chat", '{"messages":"hi"}');
  refused("openai-chat", '{"messages":[{"role":"system","content":7}]}');
  refused("anthropic-messages", '{"system":{"a":1}}');
  assert.throws(() => bodyOf("openai-chat", '{"messages":['), { code: "invalid_json" });
  assert.throws(() => bodyOf("openai-chat", "[]"), { code: "invalid_request" });
});

describe("which texts", () => {
  const options = systemOptions.parse({ mode: "prepend", labels: { math: "default", law: "Ours." } });

  test("the route's text comes first, then that of the domain which holds for the conversation", () => {
    const route = { mode: "append" as const, text: "R" };
    assert.deepEqual(systemTexts(options, route, "law"), [route, { mode: "prepend", text: "Ours." }]);
    assert.deepEqual(systemTexts(options, undefined, "math"), [{ mode: "prepend", text: DOMAIN_TEXTS["math"] }]);
  });

  test("without being chosen nothing is said: no label, no config, a label that has no text", () => {
    assert.deepEqual(systemTexts(options, undefined, undefined), []);
    assert.deepEqual(systemTexts(undefined, undefined, "math"), []);
    assert.deepEqual(systemTexts(options, undefined, "history"), []);
    assert.deepEqual(systemTexts(options, undefined, "constructor"), []);
    assert.equal(ownText("toString"), undefined);
  });

  test("every label of the domain head has a text of ours, in ASCII and short", () => {
    const labels =
      "biology,business,chemistry,computer science,economics,engineering,health,history,law,math,other,philosophy,physics,psychology";
    assert.equal(Object.keys(DOMAIN_TEXTS).toSorted().join(","), labels);
    for (const text of Object.values(DOMAIN_TEXTS)) assert.match(text, /^[\x20-\x7e]{40,400}$/u);
  });
});

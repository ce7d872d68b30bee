import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { resultEdits } from "../../src/rewrite/results.ts";
import { estimateTokens } from "../../src/text/tokens.ts";
import { bodyOf, made, read } from "./bodies.ts";

type Api = Parameters<typeof bodyOf>[0];
const LINES = Array.from({ length: 400 }, (_, line) => `line ${line} of the file says nothing new`).join("\n");

/** A result of a tool in each API, and where it is found again. */
const HOLDERS: readonly (readonly [Api, (text: unknown) => object, (body: never) => unknown])[] = [
  [
    "openai-chat",
    (content) => ({
      messages: [
        { role: "user", content: "x" },
        { role: "tool", tool_call_id: "1", content },
      ],
    }),
    (body: { messages: { content: unknown }[] }) => body.messages[1]!.content,
  ],
  [
    "openai-responses",
    (output) => ({ input: [{ type: "function_call_output", call_id: "1", output }] }),
    (body: { input: { output: unknown }[] }) => body.input[0]!.output,
  ],
  [
    "anthropic-messages",
    (content) => ({
      max_tokens: 9,
      messages: [{ role: "user", content: [{ type: "tool_result", tool_use_id: "1", content }] }],
    }),
    (body: { messages: { content: { content: unknown }[] }[] }) => body.messages[0]!.content[0]!.content,
  ],
];
const shorten = (text: unknown, maxTokens: number, [api, hold, find] = HOLDERS[0]!): unknown => {
  const body = bodyOf(api, hold(text));
  return find(read(made(body, resultEdits(body, maxTokens))) as never);
};

describe("a long result of a tool", () => {
  for (const holder of HOLDERS) {
    test(`${holder[0]}: keeps its beginning and its end, with a mark between that says how much is gone`, () => {
      const text = shorten(LINES, 200, holder) as string;
      const [head, tail] = text.split(/\n\[\.\.\. \d+ bytes left out \.\.\.\]\n/u) as [string, string];
      assert.ok(LINES.startsWith(head) && LINES.endsWith(tail) && head.length > tail.length && tail.length > 100);
      assert.ok(estimateTokens(text) <= 220, String(estimateTokens(text)));
      const gone = Number(/(\d+) bytes/u.exec(text)![1]);
      assert.equal(head.length + tail.length + gone, LINES.length);
    });

    test(`${holder[0]}: texts of its parts are shortened each for itself, pictures are not`, () => {
      const parts = [{ type: "text", text: "short" }, { type: "image" }, { type: "text", text: LINES }];
      const [first, second, third] = shorten(parts, 200, holder) as { text: string }[];
      assert.deepEqual([first, second], parts.slice(0, 2));
      assert.match(third!.text, /left out/u);
    });
  }

  test("one that is short enough, and what is no result, stay as they are", () => {
    assert.equal(shorten(LINES, 100_000), LINES);
    const body = bodyOf("openai-chat", {
      messages: [
        { role: "user", content: LINES },
        { role: "assistant", content: LINES },
      ],
    });
    assert.deepEqual(resultEdits(body, 10), []);
    assert.deepEqual(resultEdits(bodyOf("openai-responses", { input: LINES }), 10), []);
  });

  test("it is shortened in the same way on every turn", () => {
    assert.equal(shorten(LINES, 100), shorten(LINES, 100));
  });

  test("what it keeps, it keeps byte for byte, escapes too", () => {
    const raw = `"${"\\u0041\\n\\/é😀\\ud83d\\ude00".repeat(200)}"`;
    const body = bodyOf("openai-chat", `{"messages":[{"role":"tool","content":${raw}}]}`);
    const text = made(body, resultEdits(body, 100));
    const [head, tail] = text.split(/\\n\[\.\.\. \d+ bytes left out \.\.\.\]\\n/u) as [string, string];
    assert.ok(Buffer.from(body.bytes).toString().startsWith(head) && Buffer.from(body.bytes).toString().endsWith(tail));
    assert.doesNotMatch((read(text) as { messages: { content: string }[] }).messages[0]!.content, /\ufffd/u);
  });

  test("however its characters are spelled in the body, the same of them are kept", () => {
    const text = fc.string({
      unit: fc.constantFrom("a", "é", "ж", "€", "😀", "\n", '"', "\\"),
      minLength: 300,
      maxLength: 900,
    });
    fc.assert(
      fc.property(text, fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), (value, isEscaped) => {
        const units = Array.from({ length: value.length }, (_, at) => value.charCodeAt(at));
        const hex = units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`);
        const spelled = Array.from(value).reduce(
          ({ json, at }, character) => ({
            json:
              json +
              (isEscaped[at % 8]
                ? hex.slice(at, at + character.length).join("")
                : JSON.stringify(character).slice(1, -1)),
            at: at + character.length,
          }),
          { json: "", at: 0 },
        ).json;
        const body = bodyOf("openai-chat", `{"messages":[{"role":"tool","content":"${spelled}"}]}`);
        const left = read(made(body, resultEdits(body, 40))) as { messages: { content: string }[] };
        const plain = bodyOf("openai-chat", { messages: [{ role: "tool", content: value }] });
        assert.deepEqual(left, read(made(plain, resultEdits(plain, 40))));
        assert.ok(left.messages[0]!.content.isWellFormed());
      }),
      { numRuns: 200 },
    );
  });
});

describe("a result that is JSON stays JSON", () => {
  const shortJson = (value: unknown, maxTokens: number): unknown => {
    const text = shorten(JSON.stringify(value), maxTokens) as string;
    assert.ok(estimateTokens(text) <= maxTokens * 1.25 + 40, `${estimateTokens(text)} > ${maxTokens}`);
    return JSON.parse(text);
  };

  test("of a list the first and the last elements stay whole, and one says how many are gone", () => {
    const rows = Array.from({ length: 300 }, (_, id) => ({ id, name: `row ${id}`, state: "as it was" }));
    const left = shortJson(rows, 300) as unknown[];
    assert.deepEqual(left[0], rows[0]);
    assert.deepEqual(left.at(-1), rows.at(-1));
    const mark = left.find((each) => typeof each === "string");
    assert.equal(mark, `[... ${300 - (left.length - 1)} elements left out ...]`);
  });

  test("of an object the short members stay, and the long ones share what is left", () => {
    const left = shortJson({ status: 200, url: "http://x/y", body: LINES, note: "n" }, 200) as Record<string, unknown>;
    assert.deepEqual([left["status"], left["url"], left["note"]], [200, "http://x/y", "n"]);
    assert.match(left["body"] as string, /^line 0.*\[\.\.\. \d+ bytes left out \.\.\.\].*nothing new$/su);
  });

  test("a list in an object in a list is found", () => {
    const left = shortJson([{ result: { hits: Array.from({ length: 900 }, (_, at) => at), total: 900 } }], 150);
    const { hits, total } = (left as [{ result: { hits: unknown[]; total: number } }])[0].result;
    assert.deepEqual([hits[0], hits.at(-1), total], [0, 899, 900]);
    assert.ok(hits.length < 200);
  });

  test("of very many members the first and the last stay", () => {
    const many = Object.fromEntries(Array.from({ length: 2000 }, (_, at) => [`key ${at}`, at]));
    const left = shortJson(many, 200) as Record<string, unknown>;
    assert.equal(left["key 0"], 0);
    assert.equal(left["key 1999"], 1999);
    assert.match(left["..."] as string, /^\d+ members left out$/u);
  });

  test("whatever it is, it is JSON afterwards, in valid JSON around it, and is no longer than before", () => {
    const json = fc.json({ maxDepth: 6, noUnicodeString: false }).filter((text) => /^\s*[[{]/u.test(text));
    fc.assert(
      fc.property(
        fc.array(json, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 10, max: 300 }),
        (values, most) => {
          const text = `[${values.join(",")}]`;
          const left = shorten(text, most) as string;
          JSON.parse(left);
          assert.ok(left.length <= text.length + 60 * values.length);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("characters that its strings spell as escapes are not cut in two", () => {
    for (let most = 40; most < 60; most++) {
      const text = `{"a":"${"\\ud83d\\ude00\\n".repeat(100)}"}`;
      const left = shorten(text, most) as string;
      assert.ok(left.includes("left out") && (read(left)["a"] as string).isWellFormed(), left);
    }
  });

  test("any text is shortened to valid characters, of which the beginning and the end are its own", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 200, maxLength: 2000 }), (text) => {
        const left = shorten(`.${text}`, 40) as string;
        assert.ok(left.startsWith("."));
        assert.ok(left.isWellFormed());
      }),
      { numRuns: 300 },
    );
  });
});

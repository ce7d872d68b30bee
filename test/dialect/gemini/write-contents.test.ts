import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Block, Turn } from "../../../src/dialect/form.ts";
import { assistant, at, call, contents, EARLIER, HI, image, result, text, THIRD, user, write } from "./asking.ts";

describe("the conversation", () => {
  test("a question alone is all that is written", () => assert.deepEqual(write({}), { contents: HI }));

  test("system texts are the instruction, in order", () => {
    assert.deepEqual(write({ system: ["Be brief.", "", "Be kind."] }), {
      contents: HI,
      systemInstruction: { parts: [{ text: "Be brief." }, { text: "Be kind." }] },
    });
  });

  test("instructions without any turn are what the user says", () => {
    assert.deepEqual(write({ system: ["Be brief."], turns: [] }), {
      contents: [{ role: "user", parts: [{ text: "Be brief." }] }],
    });
  });

  test("neighbours of one role are joined, a system turn speaks as the user, what says nothing is left out", () => {
    const turns: readonly Turn[] = [
      user(text("One")),
      { role: "system", blocks: [text("Two")] },
      assistant(text("")),
      user(text("Three"), text("")),
      assistant(text("Four")),
      assistant({ kind: "refusal", text: "No." }),
      user(text("Five")),
    ];
    assert.deepEqual(contents(turns), [
      { role: "user", parts: [{ text: "One" }, { text: "Two" }, { text: "Three" }] },
      { role: "model", parts: [{ text: "Four" }, { text: "No." }] },
      { role: "user", parts: [{ text: "Five" }] },
    ]);
  });

  test("media are data or addresses, documents of plain text are text", () => {
    const page: Block = { kind: "media", modality: "file", source: { kind: "text", text: "A page." } };
    const turns = [
      user(
        image(),
        at("https://a.example/b.JPG?size=2#top"),
        at("https://a.example/b", "application/pdf"),
        at("https://www.youtube.com/watch?v=9hE5-98ZeCg"),
        page,
      ),
    ];
    assert.deepEqual(contents(turns), [
      {
        role: "user",
        parts: [
          { inlineData: { mimeType: "image/png", data: "aGk=" } },
          { fileData: { mimeType: "image/jpeg", fileUri: "https://a.example/b.JPG?size=2#top" } },
          { fileData: { mimeType: "application/pdf", fileUri: "https://a.example/b" } },
          { fileData: { fileUri: "https://www.youtube.com/watch?v=9hE5-98ZeCg" } },
          { text: "A page." },
        ],
      },
    ]);
  });

  test("thoughts keep their signatures", () => {
    const turns = [
      user(text("Hi")),
      assistant({ kind: "thinking", text: "Hm.", signature: "c2ln" }, { kind: "thinking", text: "" }, text("Yes.")),
    ];
    assert.deepEqual(contents(turns), [
      ...HI,
      { role: "model", parts: [{ text: "Hm.", thought: true, thoughtSignature: "c2ln" }, { text: "Yes." }] },
    ]);
  });
});

describe("calls of tools and their results", () => {
  test("results find the names of their calls and follow them with nothing between", () => {
    const turns: readonly Turn[] = [
      user(text("Hi")),
      assistant(text("Let me see."), call("c1", '{"city":"Bonn"}'), call("c2", "")),
      user(text("Well?"), result("c1", [text("12 degrees")])),
      user(result("c2", [text("no city")], true)),
    ];
    assert.deepEqual(contents(turns), [
      ...HI,
      {
        role: "model",
        parts: [
          { text: "Let me see." },
          { functionCall: { id: "c1", name: "weather", args: { city: "Bonn" } } },
          { functionCall: { id: "c2", name: "weather", args: {} } },
        ],
      },
      {
        role: "user",
        parts: [
          { functionResponse: { id: "c1", name: "weather", response: { output: "12 degrees" } } },
          { functionResponse: { id: "c2", name: "weather", response: { error: "no city" } } },
          { text: "Well?" },
        ],
      },
    ]);
  });

  const RESPONSES: readonly (readonly [name: string, content: readonly Block[], response: object])[] = [
    ["an object is itself", [text('{"degrees":12}')], { degrees: 12 }],
    ["an object that says output means it", [text('{"output":1}')], { output: { output: 1 } }],
    ["an object that says error means it", [text('{"error":null}')], { output: { error: null } }],
    ["a list stays text", [text("[1]")], { output: "[1]" }],
    [
      "numbers too long to be read stay text",
      [text('{"id":1234567890123456789}')],
      { output: '{"id":1234567890123456789}' },
    ],
    [
      "depths that nobody could write stay text",
      [text('{"a":'.repeat(9999) + "1" + "}".repeat(9999))],
      {
        output: '{"a":'.repeat(9999) + "1" + "}".repeat(9999),
      },
    ],
    ["several texts stay apart", [text("a"), text("b")], { output: ["a", "b"] }],
    ["nothing is an empty text", [], { output: "" }],
  ];
  for (const [name, content, response] of RESPONSES) {
    test(`as a result, ${name}`, () => {
      const turns = [user(text("Hi")), assistant(call("c1", "{}")), user(result("c1", content))];
      assert.deepEqual((contents(turns) as unknown[])[2], {
        role: "user",
        parts: [{ functionResponse: { id: "c1", name: "weather", response } }],
      });
    });
  }

  test("media of a result stand inside it where the model reads them there, beside it elsewhere", () => {
    const turns = [
      user(text("Hi")),
      assistant(call("c1", "{}", "c2ln")),
      user(result("c1", [text("A map"), image(), image("image/gif")])),
    ];
    const png = { inlineData: { mimeType: "image/png", data: "aGk=" } };
    const gif = { inlineData: { mimeType: "image/gif", data: "aGk=" } };
    const response = { id: "c1", name: "weather", response: { output: "A map" } };
    assert.deepEqual((contents(turns, THIRD) as unknown[])[2], {
      role: "user",
      parts: [{ functionResponse: { ...response, parts: [png] } }, gif],
    });
    assert.deepEqual((contents(turns) as unknown[])[2], {
      role: "user",
      parts: [{ functionResponse: response }, png, gif],
    });
  });

  test("calls keep their signatures; the third generation is told to do without where the first of a turn has none", () => {
    const turns = [
      user(text("Hi")),
      assistant(call("c1", "{}", "c2ln"), call("c2", "{}")),
      user(result("c1", []), result("c2", [])),
      assistant(text("Again."), call("c3", "{}"), call("c4", "{}")),
      user(result("c3", []), result("c4", [])),
    ];
    const signatures = (model: string) =>
      (contents(turns, model) as { parts: Record<string, unknown>[] }[]).flatMap(({ parts }) =>
        parts.filter((part) => part["functionCall"]).map((part) => part["thoughtSignature"]),
      );
    assert.deepEqual(signatures(THIRD), ["c2ln", undefined, "skip_thought_signature_validator", undefined]);
    assert.deepEqual(signatures("gemini-flash-latest"), signatures(THIRD));
    assert.deepEqual(signatures(EARLIER), ["c2ln", undefined, undefined, undefined]);
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { draftEdits } from "../../src/dialect/draft.ts";
import { applyEdits } from "../../src/dialect/json.ts";

const edited = (api: Parameters<typeof draftEdits>[0], body: object, draft: string): Record<string, unknown> => {
  const bytes = Buffer.from(JSON.stringify(body, null, 1));
  return JSON.parse(Buffer.from(applyEdits(bytes, draftEdits(api, bytes, draft))).toString()) as Record<
    string,
    unknown
  >;
};

test("a draft stands behind the conversation as the model's own words, then the wish for a better one", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (asked, draft) => {
      const turns = [{ role: "user", content: asked }];
      for (const [api, key] of [
        ["openai-chat", "messages"],
        ["anthropic-messages", "messages"],
        ["openai-responses", "input"],
      ] as const) {
        const after = edited(api, { model: "m", [key]: turns, z: 1 }, draft)[key] as {
          role: string;
          content: string;
        }[];
        assert.deepEqual(
          after.map(({ role }) => role),
          ["user", "assistant", "user"],
        );
        assert.deepEqual([after[0]!.content, after[1]!.content], [asked, draft]);
        assert.match(after[2]!.content, /did not pass/u);
      }
      const { input } = edited("openai-responses", { input: asked, model: "m" }, draft) as {
        input: { content: string }[];
      };
      assert.deepEqual(input.map(({ content }) => content).slice(0, 2), [asked, draft]);
    }),
  );
});

test("a body without a place for it stays as it is", () => {
  for (const body of [{}, { messages: "text" }, { input: 7 }])
    for (const api of ["openai-chat", "openai-responses"] as const) assert.deepEqual(edited(api, body, "draft"), body);
});

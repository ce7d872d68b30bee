import assert from "node:assert/strict";
import { test } from "node:test";
import { type ClientApi, pass, translate } from "../../../src/dialect/speech.ts";
import { placeholdersOf } from "../../../src/rewrite/pii/placeholders.ts";
import { createRestorer } from "../../../src/rewrite/pii/stream.ts";
import { textsOfStream } from "./echo.ts";

const VALUE = 'Ada "Countess" Lovelace';
const MAP = placeholdersOf([{ placeholder: "<PERSON_1>", value: VALUE, entity: "person" }]);
const OPTIONS = { model: "auto", usage: false, maxEventBytes: 100_000, created: 1 };

const BODIES: Readonly<Record<ClientApi, object>> = {
  "openai-chat": { model: "auto", messages: [{ role: "user", content: "x" }], stream: true },
  "openai-responses": { model: "auto", input: "x", stream: true },
  "anthropic-messages": { model: "auto", max_tokens: 9, messages: [{ role: "user", content: "x" }], stream: true },
};

/** What a server of chat completions streams, letter by letter. */
function upstream(): Buffer {
  const chunk = (delta: object, finish: string | null = null) =>
    `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const call = (text: string) => ({ tool_calls: [{ index: 0, function: { arguments: text } }] });
  return Buffer.from(
    [
      chunk({ role: "assistant", content: "" }),
      ...Array.from("I think of <PERSON_1>", (text) => chunk({ reasoning_content: text })),
      ...Array.from("It is <PERSON_1>, < <", (text) => chunk({ content: text })),
      chunk({ tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "f", arguments: "" } }] }),
      ...Array.from('{"who":"<PERSON_1>"}', (text) => chunk(call(text))),
      chunk({}, "tool_calls"),
      "data: [DONE]\n\n",
    ].join(""),
  );
}

for (const api of Object.keys(BODIES) as ClientApi[]) {
  test(`${api}: a stream is restored as it comes from a server, and from one of another API`, () => {
    const body = Buffer.from(JSON.stringify(BODIES[api]));
    const speech =
      api === "openai-chat"
        ? pass(api, body, OPTIONS)
        : translate(api, body, { speaks: ["openai-chat"], takesThoughts: true }, "m", OPTIONS);
    const stream = speech.answers.stream();
    const restorer = createRestorer(api, MAP, { maxEventBytes: 100_000 });
    const out: Uint8Array[] = [];
    const bytes = upstream();
    for (let at = 0; at < bytes.length; at += 37) out.push(restorer.push(stream.push(bytes.subarray(at, at + 37))));
    out.push(restorer.push(stream.end()), restorer.end());
    const { told, ...texts } = textsOfStream(api, withoutDone(Buffer.concat(out)));
    assert.deepEqual(
      { ...texts, input: JSON.parse(texts.input) as unknown },
      { system: `I think of ${VALUE}`, turn: `It is ${VALUE}, < <`, input: { who: VALUE } },
    );
    assert.deepEqual(told, texts);
  });
}

function withoutDone(bytes: Uint8Array): Uint8Array {
  return Buffer.from(Buffer.from(bytes).toString().replace("data: [DONE]\n\n", ""));
}

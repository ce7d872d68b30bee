import assert from "node:assert/strict";
import { test } from "node:test";
import { readInputs } from "../../src/dialect/openai-inputs.ts";
import { RouterError } from "../../src/errors.ts";

const read = (body: unknown, streams = true) => readInputs(body, { streams });
const texts = (body: unknown) => read(body).prompt.everything.map(({ text }) => text);

test("the input of an embedding and the prompt of a completion are the human turn", () => {
  for (const body of [
    { model: "m", input: "some text" },
    { model: "m", prompt: "some text" },
    { model: "m", prompt: ["some text"] },
  ]) {
    const { prompt, unread } = read(body);
    assert.deepEqual(prompt.everything, [{ role: "user", origin: "message", text: "some text" }]);
    assert.deepEqual([prompt.model, prompt.turn, unread], ["m", "some text", false]);
    assert.ok(prompt.inputTokens > 0);
  }
});

test("all texts of a batch are read, and are one turn", () => {
  const { prompt, unread } = read({ model: "m", input: ["first text.\n", "second text.\n", "third text"] });
  for (const text of ["first", "second", "third"]) {
    assert.ok(prompt.turn.includes(text));
    assert.ok(prompt.everything.some((passage) => passage.text.includes(text)));
  }
  assert.equal(unread, false);
});

test("text in any other member is read too, and so are parts that are objects", () => {
  assert.match(texts({ model: "m", prompt: "a", suffix: "the end of it" }).join("\n"), /the end of it/);
  assert.match(
    texts({ model: "m", input: "a", messages: [{ content: "said in a chat" }] }).join("\n"),
    /said in a chat/,
  );
  assert.match(texts({ model: "m", input: [{ text: "text of a part" }] }).join("\n"), /text of a part/);
  assert.match(texts({ model: "m", input: { text: "text of an object" } }).join("\n"), /text of an object/);
});

test("members that say nothing to a model are no text", () => {
  const body = {
    model: "m",
    input: "a",
    encoding_format: "float",
    dimensions: 256,
    seed: 123456789,
  };
  assert.deepEqual(texts(body), ["a"]);
  assert.match(texts({ ...body, user: "card 4111 1111 1111 1111" }).join("\n"), /4111 1111/, "what is sent on is read");
});

test("token ids are counted, and nobody has read what they say", () => {
  for (const input of [
    [1, 22, 333],
    [[1], [22, 333]],
    ["", [1, 22, 333]],
  ]) {
    const { prompt, unread } = read({ model: "m", input });
    assert.equal(unread, true);
    assert.equal(prompt.inputTokens - read({ model: "m", input: "" }).prompt.inputTokens, 3);
    assert.deepEqual(prompt.everything, []);
  }
  assert.equal(read({ model: "m", prompt_embeds: "AAAA" }).unread, true);
  assert.equal(read({ model: "m", input: [] }).unread, false);
});

test("a stream is one only on a path that streams", () => {
  assert.equal(read({ model: "m", stream: true }).prompt.stream, true);
  assert.equal(read({ model: "m", stream: true }, false).prompt.stream, false);
  assert.throws(() => read({ model: "m", stream: "yes" }), { code: "invalid_request", param: "stream" });
});

test("without the name of a model there is nothing to do", () => {
  for (const body of [{}, { model: "" }, { model: null }, { model: 7 }, []]) {
    assert.throws(
      () => read(body),
      (error) => error instanceof RouterError && error.code === "invalid_request",
    );
  }
});

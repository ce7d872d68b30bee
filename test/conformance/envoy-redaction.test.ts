import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import OpenAI from "openai";
import { startFakeModel, type FakeModel } from "../fakes/model.ts";
import { BINARIES, WHY_SKIPPED } from "../rig/envoy.ts";
import { corpusConfig } from "./corpus/expected.ts";
import { MODES, startStage, type Stage } from "./envoy-stage.ts";

const urls = { small: "http://127.0.0.1:1/v1", medium: "http://127.0.0.1:2/v1", large: "http://127.0.0.1:3/v1" };
const MAIL = "anna.keller@example.org";
const IBAN = "DE89370400440532013000";
const TEXT = `Write to ${MAIL} that ${IBAN} is paid, and to ${MAIL} once more.`;

if (WHY_SKIPPED) test("personal data behind the real Envoy", { skip: WHY_SKIPPED }, () => undefined);

for (const binary of BINARIES) {
  for (const mode of MODES) {
    describe(`${binary} in ${mode}`, () => {
      let small: FakeModel;
      let stage: Stage;
      let client: OpenAI;
      before(async () => {
        small = await startFakeModel({ name: "small", echo: true });
        const models = { small: small.port, medium: small.port, large: small.port };
        stage = await startStage({ binary, mode, models, config: `${corpusConfig(urls)}pii: { action: replace }\n` });
        client = new OpenAI({ baseURL: `${stage.envoy.url}/v1`, apiKey: "key-of-the-client", maxRetries: 0 });
      });
      after(async () => {
        await stage.close();
        await small.close();
      });

      const messages = [{ role: "user" as const, content: TEXT }];
      const sent = () => {
        const body = small.requests.at(-1)!.body.toString();
        assert.match(body, /<EMAIL_1>/u);
        for (const value of [MAIL, IBAN]) assert.ok(!body.includes(value), `${value} was sent`);
      };

      test("a whole answer comes with the client's own values, and the model saw none of them", async () => {
        const answer = await client.chat.completions.create({ model: "auto", messages });
        assert.equal(answer.choices[0]!.message.content, `small: ${TEXT}`);
        sent();
      });

      test("so does a stream", async () => {
        let said = "";
        for await (const chunk of await client.chat.completions.create({ model: "auto", messages, stream: true }))
          said += chunk.choices[0]?.delta.content ?? "";
        assert.equal(said, `small: ${TEXT}`);
        sent();
      });

      test("an answer without any of them passes as it came", async () => {
        const plain = [{ role: "user" as const, content: "hello there" }];
        const answer = await client.chat.completions.create({ model: "auto", messages: plain });
        assert.equal(answer.choices[0]!.message.content, "small: hello there");
      });
    });
  }
}

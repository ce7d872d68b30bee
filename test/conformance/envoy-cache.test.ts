import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import OpenAI from "openai";
import { startFakeModel, type FakeModel } from "../fakes/model.ts";
import { BINARIES, WHY_SKIPPED } from "../rig/envoy.ts";
import { corpusConfig } from "./corpus/expected.ts";
import { MODES, startStage, type Stage } from "./envoy-stage.ts";

const urls = { small: "http://127.0.0.1:1/v1", medium: "http://127.0.0.1:2/v1", large: "http://127.0.0.1:3/v1" };

if (WHY_SKIPPED) test("kept answers behind the real Envoy", { skip: WHY_SKIPPED }, () => undefined);

for (const binary of BINARIES) {
  for (const mode of MODES) {
    describe(`${binary} in ${mode}`, () => {
      let small: FakeModel;
      let stage: Stage;
      let client: OpenAI;
      before(async () => {
        small = await startFakeModel({ name: "small", echo: true });
        const models = { small: small.port, medium: small.port, large: small.port };
        const config = `${corpusConfig(urls)}cache: { kind: memory, mode: exact }\npii: { action: replace }\n`;
        stage = await startStage({ binary, mode, models, config });
        client = new OpenAI({ baseURL: `${stage.envoy.url}/v1`, apiKey: "key-of-the-client", maxRetries: 0 });
      });
      after(async () => {
        await stage.close();
        await small.close();
      });

      const ask = async (content: string, headers: Record<string, string> = {}) => {
        const messages = [{ role: "user" as const, content }];
        const { data, response } = await client.chat.completions
          .create({ model: "auto", messages }, { headers })
          .withResponse();
        return { said: data.choices[0]!.message.content, cache: response.headers.get("x-signalbox-cache") };
      };
      const listen = async (content: string) => {
        const messages = [{ role: "user" as const, content }];
        const { data, response } = await client.chat.completions
          .create({ model: "auto", messages, stream: true })
          .withResponse();
        let said = "";
        for await (const chunk of data) said += chunk.choices[0]?.delta.content ?? "";
        return { said, cache: response.headers.get("x-signalbox-cache") };
      };

      for (const [first, begin] of [
        ["whole", ask],
        ["streamed", listen],
      ] as const)
        test(`what came ${first} is given again without the model, whole and as a stream`, async () => {
          const text = `How tall is Mont Blanc, ${first}?`;
          const said = `small: ${text}`;
          assert.deepEqual(await begin(text), { said, cache: "miss" });
          const asked = small.requests.length;
          assert.deepEqual(await ask(text), { said, cache: "exact" });
          assert.deepEqual(await listen(text), { said, cache: "exact" });
          assert.equal(small.requests.length, asked, "no model was asked");
          assert.deepEqual(await ask(text, { "cache-control": "no-cache" }), { said, cache: "miss" });
        });

      test("an answer of many kilobytes is given again whole", async () => {
        const text = "Say it again. ".repeat(20_000);
        const { said } = await ask(text);
        assert.deepEqual(await ask(text), { said, cache: "exact" });
        assert.deepEqual(await listen(text), { said, cache: "exact" });
      });

      test("each client finds his own values in an answer that was kept", async () => {
        assert.equal((await ask("Write to anna@example.org, please")).cache, "miss");
        const other = await listen("Write to berta@example.org, please");
        assert.deepEqual(other, { said: "small: Write to berta@example.org, please", cache: "exact" });
      });

      test("the access log tells it, and what it was kept from", async () => {
        await ask("What does the log say?");
        await ask("What does the log say?");
        await sleep(500);
        const lines = stage.envoy
          .output()
          .split("\n")
          .filter((line) => line.startsWith("{"));
        const last = JSON.parse(lines.at(-1)!) as Record<string, unknown>;
        assert.equal(last["details"], "signalbox_cache_exact");
        assert.equal(last["answered_by"], "small");
      });
    });
  }
}

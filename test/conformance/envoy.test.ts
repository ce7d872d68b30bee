import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import OpenAI, { APIError } from "openai";
import type { RequestRecord } from "../../src/events.ts";
import { startFakeApi, type FakeApi } from "../fakes/apis/server.ts";
import { startFakeModel, type FakeModel } from "../fakes/model.ts";
import { BINARIES, WHY_SKIPPED } from "../rig/envoy.ts";
import { corpusConfig } from "./corpus/expected.ts";
import { KEYS, MODES, startStage, type Stage } from "./envoy-stage.ts";
import { SAID } from "./said.ts";

const urls = { small: "http://127.0.0.1:1/v1", medium: "http://127.0.0.1:2/v1", large: "http://127.0.0.1:3/v1" };
const HARD =
  "Prove, step by step, that the square root of two is irrational, derive a bound for every approximation of it by fractions, and compare two proofs.";
const portOf = (url: string): number => Number(new URL(url).port);

if (WHY_SKIPPED) test("clients behind the real Envoy", { skip: WHY_SKIPPED }, () => undefined);

for (const binary of BINARIES) {
  for (const mode of MODES) {
    describe(`${binary} in ${mode}`, () => {
      let small: FakeModel;
      let medium: FakeModel;
      let large: FakeApi;
      let stage: Stage;
      let client: OpenAI;
      before(async () => {
        small = await startFakeModel({ name: "small" });
        medium = await startFakeModel({ name: "medium", root: "/v1beta/openai" });
        large = await startFakeApi("openai", { script: SAID });
        const models = { small: small.port, medium: medium.port, large: portOf(large.url) };
        stage = await startStage({ binary, mode, models, config: corpusConfig(urls) });
        client = new OpenAI({ baseURL: `${stage.envoy.url}/v1`, apiKey: "key-of-the-client", maxRetries: 0 });
      });
      after(async () => {
        await stage.close();
        await Promise.all([small.close(), medium.close(), large.close()]);
      });

      const lastRecord = async (): Promise<RequestRecord> => {
        await sleep(30);
        return stage.house.events.findLast((event): event is RequestRecord => event.kind === "request")!;
      };

      test("the official client hears chat and responses, whole and streamed", async () => {
        const messages = [{ role: "user" as const, content: HARD }];
        const whole = await client.chat.completions.create({ model: "auto", messages }).withResponse();
        assert.equal(whole.data.choices[0]!.message.content, SAID.text);
        assert.equal(whole.response.headers.get("x-signalbox-model"), "large");
        assert.match(whole.response.headers.get("x-signalbox-decision-id")!, /^[0-9a-f-]{36}$/u);
        const stream = await client.chat.completions.create({
          model: "auto",
          messages,
          stream: true,
          stream_options: { include_usage: true },
        });
        let said = "";
        for await (const chunk of stream) said += chunk.choices[0]?.delta.content ?? "";
        assert.equal(said, SAID.text);
        const { usage } = await lastRecord();
        assert.deepEqual(usage, { inputTokens: 20, outputTokens: 12, cachedInputTokens: 8, estimated: false });
        const response = await client.responses.create({ model: "auto", input: HARD });
        assert.equal(response.output_text, SAID.text);
        let heard = "";
        for await (const event of await client.responses.create({ model: "auto", input: HARD, stream: true }))
          if (event.type === "response.output_text.delta") heard += event.delta;
        assert.equal(heard, SAID.text);
        assert.equal((await lastRecord()).attempts[0]?.usage?.outputTokens, 12);
        assert.deepEqual(large.violations, []);
        assert.deepEqual(
          large.requests.map(({ json, headers }) => [(json as { model: string }).model, headers.authorization]),
          Array.from({ length: 4 }, () => ["large-v1", `Bearer ${KEYS.OPENAI_API_KEY}`]),
        );
      });

      test("a model that is named is asked over TLS, at its own path and with its own key", async () => {
        await client.chat.completions.create({ model: "medium", messages: [{ role: "user", content: "hello" }] });
        const [request] = medium.requests;
        assert.equal(request?.path, "/v1beta/openai/chat/completions");
        assert.equal(request?.headers.authorization, `Bearer ${KEYS.GEMINI_API_KEY}`);
        assert.equal((medium.requests[0]!.json as { model: string }).model, "medium-v1");
      });

      test("a refusal reaches the official client as an error with its code", async () => {
        const messages = [{ role: "user" as const, content: "say xyzzy" }];
        await assert.rejects(
          client.chat.completions.create({ model: "auto", messages }),
          (error: unknown) => error instanceof APIError && error.status === 403 && error.code === "blocked",
        );
      });

      test("events reach the client while the model speaks", async () => {
        small.behave({ slow: 60 });
        const started = performance.now();
        const arrivals: number[] = [];
        const stream = await client.chat.completions.create({
          model: "auto",
          messages: [{ role: "user", content: "hello" }],
          stream: true,
        });
        for await (const chunk of stream)
          if (chunk.choices[0]?.delta.content) arrivals.push(performance.now() - started);
        small.behave("ok");
        assert.ok(arrivals.at(-1)! - arrivals[0]! > 150, arrivals.join(" "));
        const { attempts } = await lastRecord();
        assert.ok(attempts[0]!.ttftMs! < attempts[0]!.latencyMs - 100);
      });

      test("a client that leaves in the middle is no fault of its model", async () => {
        small.behave({ slow: 100 });
        const abort = new AbortController();
        const stream = await client.chat.completions.create(
          { model: "auto", messages: [{ role: "user", content: "hello" }], stream: true },
          { signal: abort.signal },
        );
        for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
        abort.abort();
        small.behave("ok");
        await sleep(200);
        assert.equal((await lastRecord()).attempts[0]?.result, "client_gone");
      });

      test("where the model's server fails, the one that answers instead is asked for its own model", async () => {
        small.next("error500");
        const { data, response } = await client.chat.completions
          .create({ model: "auto", messages: [{ role: "user", content: "hello" }] })
          .withResponse();
        assert.equal(data.choices[0]!.message.content, SAID.text);
        assert.equal(response.headers.get("x-signalbox-model"), "large");
        assert.equal((large.requests.at(-1)!.json as { model: string }).model, "large-v1");
        const { attempts } = await lastRecord();
        assert.deepEqual(
          attempts.map(({ model, result }) => [model, result]),
          [
            ["small", "upstream_error"],
            ["large", "ok"],
          ],
        );
      });

      test("the access log knows the decision and its cost", async () => {
        const { response } = await client.chat.completions
          .create({ model: "auto", messages: [{ role: "user", content: HARD }] })
          .withResponse();
        await sleep(200);
        const id = response.headers.get("x-signalbox-decision-id")!;
        const line = stage.envoy
          .output()
          .split("\n")
          .find((text) => text.includes(id));
        const { model, tier, route, cost_usd: cost, answered_by: by } = JSON.parse(line!) as Record<string, unknown>;
        assert.deepEqual([model, tier, route, by], ["large", "large", "default", "large"]);
        assert.ok(Number(cost) > 0);
      });
    });
  }
}

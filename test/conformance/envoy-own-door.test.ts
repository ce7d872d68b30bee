import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import OpenAI from "openai";
import { parse } from "yaml";
import type { RequestRecord } from "../../src/events.ts";
import { startFakeApi } from "../fakes/apis/server.ts";
import { BINARIES, WHY_SKIPPED } from "../rig/envoy.ts";
import { corpusConfig } from "./corpus/expected.ts";
import { at, MODES, startStage, TRUSTED } from "./envoy-stage.ts";

const ROUTE = join(import.meta.dirname, "../../adapters/envoy/own-door.yaml");
const REFUSAL = "I'm sorry, but I cannot help with that.";
const GOOD = "A swift sleeps on the wing, and lands to breed alone.";
const USAGE = { input: 100, cachedInput: 0, output: 50, reasoning: 0 };
const CASCADE =
  "routes: { default: { cascade: { models: [small, large], gates: [{ kind: heuristics }], when: always } } }";

if (WHY_SKIPPED) test("cascades behind the real Envoy", { skip: WHY_SKIPPED }, () => undefined);

for (const binary of BINARIES) {
  for (const mode of MODES) {
    test(`a cascade is gone through by our own door, and its client hears the answer that passed: ${binary} in ${mode}`, async (t) => {
      const script = (text: string) => ({ text, finish: "stop" as const, usage: USAGE });
      const small = await startFakeApi("vllm", { script: script(REFUSAL) });
      const large = await startFakeApi("openai", { script: script(GOOD) });
      const urls = { small: small.url, medium: large.url, large: large.url };
      const port = (url: string) => Number(new URL(url).port);
      const stage = await startStage({
        binary,
        mode,
        models: { small: port(small.url), medium: port(large.url), large: port(large.url) },
        config: `${corpusConfig(urls)}${CASCADE}\n`,
        server: `${TRUSTED}\n  url: http://signalbox:8080`,
        change(config) {
          const manager = at(
            config,
            "static_resources",
            "listeners",
            0,
            "filter_chains",
            0,
            "filters",
            0,
            "typed_config",
          );
          const routes = at(
            manager as Record<string, unknown>,
            "route_config",
            "virtual_hosts",
            0,
            "routes",
          ) as unknown[];
          routes.unshift(parse(readFileSync(ROUTE, "utf8")));
        },
      });
      t.after(async () => {
        await stage.close();
        await small.close();
        await large.close();
      });
      const client = new OpenAI({
        baseURL: `${stage.envoy.url}/v1`,
        apiKey: "key-of-the-client",
        maxRetries: 0,
        defaultHeaders: { "x-tenant": "root" },
      });
      const messages = [{ role: "user" as const, content: "Do swifts sleep?" }];

      const { data, response } = await client.chat.completions.create({ model: "auto", messages }).withResponse();
      assert.equal(data.choices[0]!.message.content, GOOD);
      assert.equal(response.headers.get("x-signalbox-model"), "large");
      assert.ok(Number(response.headers.get("x-signalbox-cost-usd")) > 0, "what the door tells stays");
      let said = "";
      for await (const chunk of await client.chat.completions.create({ model: "auto", messages, stream: true }))
        said += chunk.choices[0]?.delta.content ?? "";
      assert.equal(said, GOOD);
      assert.deepEqual([small.requests.length, large.requests.length], [2, 2]);

      const records = stage.house.events.filter((event): event is RequestRecord => event.kind === "request");
      const answered = records.filter(({ door }) => door === "openai");
      assert.deepEqual(
        answered.map(({ attempts }) => attempts.map(({ model, discarded }) => [model, discarded ?? false])),
        Array.from({ length: 2 }, () => [
          ["small", true],
          ["large", false],
        ]),
      );
      assert.ok(
        records.every(({ tenant }) => tenant === "default"),
        "who asks is what the gateway says, not the client",
      );
      // What was asked is in one book alone.
      assert.ok(records.filter(({ door }) => door === "ext_proc").every(({ costUsd }) => costUsd === undefined));
    });
  }
}

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse, parseAllDocuments, stringify } from "yaml";
import { config } from "../rig/house.ts";
import { BINARIES, WHY_SKIPPED } from "../rig/envoy.ts";
import { HELLO, modelIn, post, stageFor } from "./envoy-stage.ts";

const ADAPTER = join(import.meta.dirname, "../../adapters/envoy");
const read = (name: string): string => readFileSync(join(ADAPTER, name), "utf8");

test("the two configs fit: each model has its route, under the name of the pool", () => {
  const { models, server } = config(read("signalbox.yaml")).config;
  const header = server.routing_header;
  const routes = [...read("envoy.yaml").matchAll(/name: ([\w-]+), string_match: \{ exact: (\w+) \}/gu)];
  assert.deepEqual(
    routes.map(([, name, model]) => [name, model]),
    Object.keys(models).map((model) => [header, model]),
  );
  const { static_resources: resources } = parse(read("envoy.yaml")) as {
    static_resources: { clusters: ReadonlyArray<{ name: string }> };
  };
  assert.deepEqual(
    resources.clusters.map(({ name }) => name),
    ["signalbox", "small", "instead", "vllm", "gemini", "openai"],
  );
});

test("the configs of other gateways are YAML, and route by the same header", () => {
  const files = globSync("variants/*.yaml", { cwd: ADAPTER });
  assert.equal(files.length, 4);
  for (const file of files) {
    const documents = parseAllDocuments(read(file));
    assert.deepEqual(
      documents.flatMap(({ errors }) => errors),
      [],
      file,
    );
    assert.ok(documents.length >= 1);
  }
});

for (const binary of BINARIES) {
  test(`Envoy takes the config as it is: ${binary}`, () => {
    execFileSync(binary, ["-c", join(ADAPTER, "envoy.yaml"), "--mode", "validate", "-l", "error"], { stdio: "pipe" });
  });
}
for (const binary of BINARIES) {
  test(`the README's five minutes: both configs as they are, but for their ports: ${binary}`, async (t) => {
    const own = parse(read("signalbox.yaml")) as Record<string, unknown>;
    delete own["server"];
    const { stage, recorder } = await stageFor(t, { binary, mode: "BUFFERED", config: stringify(own) });
    const { status, text } = await post(stage.envoy.url, HELLO);
    assert.equal(status, 200, text);
    assert.equal(modelIn(recorder), "small-v1");
  });
}
if (WHY_SKIPPED) test("Envoy takes the config as it is", { skip: WHY_SKIPPED }, () => undefined);

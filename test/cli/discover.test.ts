import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { checkConfig } from "../../src/config/check.ts";
import { parsed, run } from "./terminal.ts";

/** A server that lists these models to whoever has the key, and its base URL. */
async function listing(t: TestContext, data: readonly object[], key?: string): Promise<string> {
  const server = createServer((request, response) => {
    const isKnown = key === undefined || request.headers.authorization === `Bearer ${key}`;
    const status = request.url !== "/v1/models" ? 404 : isKnown ? 200 : 401;
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ object: "list", data }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

const VLLM = [
  { id: "meta-llama/Llama-3.1-8B-Instruct", owned_by: "vllm", parent: null, max_model_len: 131_072 },
  { id: "sql-expert", owned_by: "vllm", parent: "meta-llama/Llama-3.1-8B-Instruct", max_model_len: null },
  { id: "org/Mixtral-8x22B", owned_by: "vllm", parent: null, max_model_len: 65_536 },
];

test("discover proposes the models of a vLLM server with their context, and its adapters beside their base", async (t) => {
  const url = await listing(t, VLLM);
  const said = await run(["models", "discover", url, "--json"]);
  assert.equal(said.code, 0, said.out);
  assert.deepEqual(parsed(said), {
    upstreams: { local: { kind: "vllm", url } },
    models: {
      "llama-3.1-8b-instruct": {
        tier: "small",
        price: { input: 0, output: 0 },
        context: 131_072,
        targets: [{ upstream: "local", model: "meta-llama/Llama-3.1-8B-Instruct" }],
      },
      "sql-expert": {
        tier: "small",
        price: { input: 0, output: 0 },
        context: 131_072,
        targets: [{ upstream: "local", model: "meta-llama/Llama-3.1-8B-Instruct", adapter: "sql-expert" }],
      },
      "mixtral-8x22b": {
        tier: "large",
        price: { input: 0, output: 0 },
        context: 65_536,
        targets: [{ upstream: "local", model: "org/Mixtral-8x22B" }],
      },
    },
    guesses: {
      "llama-3.1-8b-instruct": "a guess by its size, 8B",
      "sql-expert": "a guess by its size, 8B",
      "mixtral-8x22b": "a guess by its size, 176B",
    },
    left_out: 0,
  });
});

test("what discover prints can be pasted into a config", async (t) => {
  const url = await listing(t, VLLM);
  const said = await run(["models", "discover", url]);
  assert.match(said.out, /tier: small # a guess by its size, 8B\n/u);
  const tiers = "tiers: { small: { quality: 0.5 }, medium: { quality: 0.7 }, large: { quality: 0.9 } }\n";
  const checked = checkConfig(said.out + tiers, { env: {}, readFile: () => "" });
  assert.ok("config" in checked, JSON.stringify(checked));
  assert.deepEqual(Object.keys(checked.config.models), ["llama-3.1-8b-instruct", "sql-expert", "mixtral-8x22b"]);
});

test("a server that is not vLLM is asked with a key that is never printed, and names that YAML would take for something else are quoted", async (t) => {
  const models = [
    { id: "gpt-mini", owned_by: "shop" },
    { id: "no: ${way}", owned_by: "shop" },
    { id: "bad\u001bname" },
  ];
  const url = await listing(t, models, "secret-key");
  const env = { SHOP_KEY: "secret-key" };
  const said = await run(["models", "discover", url, "--key-env", "SHOP_KEY"], { env });
  assert.equal(said.code, 0, said.err);
  assert.ok(!`${said.out}${said.err}`.includes("secret-key"));
  assert.match(said.out, /local: \{ kind: openai, url: ".*", key: \$\{SHOP_KEY\} \}/u);
  assert.match(said.out, /# and 1 more$/mu);
  const tiers = "tiers: { small: { quality: 0.5 }, medium: { quality: 0.7 } }\n";
  const checked = checkConfig(said.out + tiers, { env, readFile: () => "" });
  assert.ok("config" in checked, JSON.stringify(checked));
  assert.equal(checked.config.models["no-way"]?.targets[0]?.model, "no: ${way}");
});

test("discover says what stands in the way", async (t) => {
  const url = await listing(t, VLLM, "secret-key");
  assert.match(
    (await run(["models", "discover", url])).err,
    /does not list its models: .*401; give its key with --key-env NAME/u,
  );
  assert.match((await run(["models", "discover", `${url}/x`])).err, /404; is the path right\?/u);
  assert.match((await run(["models", "discover", url, "--key-env", "NONE"])).err, /variable NONE is not set/u);
  assert.match((await run(["models", "discover", "nonsense"])).err, /this is no base URL \(not a URL\)/u);
  assert.match((await run(["models", "discover", await listing(t, [])])).err, /serves no models/u);
  assert.equal((await run(["models", "discover"])).code, 2);
});

test("a URL without a path gets the usual version, and that is said", async (t) => {
  const url = await listing(t, VLLM);
  const said = await run(["models", "discover", new URL(url).origin]);
  assert.equal(said.code, 0, said.err);
  assert.match(said.err, /^The URL has no path, so it is taken as http/u);
});

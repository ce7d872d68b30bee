import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { checkConfig } from "../../src/config/check.ts";
import type { Config } from "../../src/config/schema.ts";
import { parsed, run } from "./terminal.ts";

const home = mkdtempSync(join(tmpdir(), "signalbox-import-"));
after(() => rmSync(home, { recursive: true }));

let files = 0;
function file(text: string): string {
  const path = join(home, `file-${(files += 1)}.yaml`);
  writeFileSync(path, text);
  return path;
}

const sample = (name: string) => join(import.meta.dirname, "samples", `${name}.yaml`);

interface Taken {
  readonly config: Config;
  readonly yaml: string;
  readonly recognised: string;
  readonly variables: readonly string[];
  /** Why, by path. */
  readonly why: Readonly<Record<string, string>>;
  readonly lines: Readonly<Record<string, number>>;
}

async function taken(from: string, path: string): Promise<Taken> {
  const out = join(home, `out-${(files += 1)}.yaml`);
  const said = await run(["init", "--from", from, path, "-o", out, "--json"]);
  assert.equal(said.code, 0, said.out);
  const { recognised, variables, notes } = parsed(said) as unknown as {
    recognised: string;
    variables: string[];
    notes: { line: number; path: string; why: string }[];
  };
  assert.equal(
    (
      await run(["validate", "-c", out], {
        env: Object.fromEntries(variables.map((name) => [name, "a-key-of-length"])),
      })
    ).code,
    0,
  );
  const yaml = readFileSync(out, "utf8");
  const checked = checkConfig(yaml, {
    env: Object.fromEntries(variables.map((name) => [name, `value-of-${name}`])),
    readFile: () => "",
  });
  assert.ok("config" in checked);
  return {
    config: checked.config,
    yaml,
    recognised,
    variables,
    why: Object.fromEntries(notes.map(({ path: at, why }) => [at, why])),
    lines: Object.fromEntries(notes.map(({ path: at, line }) => [at, line])),
  };
}

test("the flat form of vLLM Semantic Router: endpoints, scores by subject, keywords and examples that pin routes", async () => {
  const { config, recognised, why, lines } = await taken("vllm-sr", sample("vllm-sr-flat"));
  assert.match(recognised, /^vLLM Semantic Router, the flat form/u);
  assert.deepEqual(
    Object.entries(config.models).map(([name, { tier, price, targets }]) => [name, tier, price.output, targets]),
    [
      ["tiny-chat", "small", 0.2, [{ upstream: "gpu-1", model: "tiny-chat" }]],
      ["org/Big-70B", "large", 1.8, [{ upstream: "gpu-2", model: "org/Big-70B" }]],
    ],
  );
  assert.equal(config.upstreams["gpu-1"]?.url, "http://10.1.0.4:8000/v1");
  assert.deepEqual(config.signals.domain?.scores, {
    math: { "org/Big-70B": 0.92, "tiny-chat": 0.4 },
    "computer science": { "org/Big-70B": 0.9 },
  });
  assert.deepEqual(config.signals.keyword?.rules, [
    { label: "urgent", match: "word", any: ["asap", "outage"], pin: { route: "fire" } },
  ]);
  const [refunds] = config.signals.embedding!.routes;
  assert.deepEqual([refunds!.label, refunds!.examples.length, refunds!.pin], ["refunds", 2, { route: "support" }]);
  assert.deepEqual(config.routes["fire"]?.models, ["org/Big-70B"]);
  assert.equal(config.safety.jailbreak?.action, "block");
  assert.equal(config.decision.fallback, "tiny-chat");

  assert.match(why["semantic_cache"]!, /answers are not kept/u);
  assert.equal(lines["semantic_cache"], 5);
  assert.match(why["keyword_rules[1]"]!, /AND cannot be said/u);
  assert.match(why["categories[2]"]!, /fourteen subjects/u);
  assert.match(why["model_config.lost"]!, /left out/u);
  assert.match(why["decisions[1].modelRefs[0].use_reasoning"]!, /how long a model thinks/u);
  assert.match(why["decisions[1].plugins[0].configuration"]!, /^system_prompt: /u);
  assert.match(why["reasoning_families"]!, /how long a model thinks/u);
});

test("the newer form of vLLM Semantic Router: backends, cards, adapters and decisions of what is certain", async () => {
  const { config, recognised, why, yaml, variables } = await taken("vllm-sr", sample("vllm-sr"));
  assert.match(recognised, /of v0\.3; it calls itself v0\.3$/u);
  const { fast, clever, "fast-sql": adapter } = config.models;
  assert.deepEqual(fast!.price, { input: 0.05, output: 0.1, cached_input: 0.01 });
  assert.equal(fast!.context, 32_768);
  // The heavier backend comes first.
  assert.deepEqual(
    fast!.targets.map(({ upstream }) => upstream),
    ["nearer", "near"],
  );
  assert.deepEqual(adapter!.targets[0], { upstream: "nearer", model: "org/fast-8b", adapter: "fast-sql" });
  assert.equal(clever!.quality, 0.95);
  assert.deepEqual(
    Object.entries(config.upstreams).map(([name, { kind }]) => [name, kind]),
    [
      ["near", "vllm"],
      ["nearer", "vllm"],
      ["claude", "anthropic"],
      ["shop", "openai"],
    ],
  );
  assert.deepEqual(variables, ["GPU_KEY", "CLAUDE_API_KEY", "SHOP_KEY"]);
  assert.ok(!yaml.includes("sk-secret"), "keys do not move");
  assert.deepEqual(
    config.rules.map(({ name, when, then }) => [name, when, then]),
    [
      ["long-ones", { min_tokens: 24_000, language: ["fr"] }, { route: "long-ones" }],
      ["acme", { metadata: { consent: "denied" } }, { route: "acme" }],
    ],
  );
  assert.deepEqual(
    config.signals.keyword!.rules.map(({ label, match, any, pin }) => [label, match, any[0], pin]),
    [
      ["names", "regex", "(?-i)\\bACME\\b", { route: "acme" }],
      ["code", "word", "function", undefined],
      ["slips", "fuzzy", "emergency", undefined],
    ],
  );
  assert.equal(config.signals.domain?.scores["physics"]?.["clever"], 0.95);
  assert.equal(config.safety.jailbreak?.action, "block");
  assert.equal(config.safety.pii?.action, "annotate");
  assert.match(why["routing.decisions[3]"]!, /several signals at once/u);
  assert.match(why["routing.signals.fact_check"]!, /no signal here/u);
  assert.match(why["providers.models[1].backend_refs[0].api_key"]!, /CLAUDE_API_KEY/u);
  assert.match(why["providers.models[2]"]!, /no price/u);
  assert.ok("routing.projections" in why && "global" in why && "listeners" in why);
});

test("a LiteLLM config: deployments, prices a token, auto routers, retries and the master key", async () => {
  const { config, recognised, why, lines, yaml, variables } = await taken("litellm", sample("litellm"));
  assert.match(recognised, /^LiteLLM, a proxy config \(model_list, 11 entries, 2 of its entries auto routers\)$/u);
  assert.deepEqual(Object.keys(config.tiers), ["simple", "medium", "complex"]);
  const { mini, sonnet, llama, "azure-gpt": azure } = config.models;
  assert.deepEqual(
    [mini!.tier, mini!.price, mini!.context, mini!.modalities],
    ["simple", { input: 0.15, output: 0.6 }, 128_000, ["text", "image"]],
  );
  assert.deepEqual([sonnet!.tier, sonnet!.price], ["complex", { input: 3, output: 15 }]);
  assert.equal(llama!.tier, "medium");
  assert.deepEqual(
    llama!.targets.map(({ upstream, model }) => [upstream, model]),
    [
      ["gpu-b", "org/llama-70b"],
      ["gpu-a", "org/llama-70b"],
    ],
  );
  assert.deepEqual(config.upstreams[azure!.targets[0]!.upstream], {
    kind: "azure",
    url: "https://acme.openai.azure.com",
    key: "value-of-AZURE_KEY",
    query: { "api-version": "2024-10-21" },
    connections: 256,
    location: "external",
  });
  assert.equal(config.upstreams["groq"]?.url, "https://api.groq.com/openai/v1");
  assert.deepEqual(config.aliases, ["smart", "by-topic"]);
  assert.deepEqual(config.signals.complexity?.thresholds, { moderate: 0.35, complex: 0.7 });
  assert.deepEqual(config.signals.embedding?.routes, [
    { label: "sonnet", examples: ["write a poem", "tell a story"], pin: { model: "sonnet" } },
  ]);
  assert.equal(config.decision.fallback, "llama");
  assert.equal(config.failover.retries, 5);
  assert.equal(config.tiers["simple"]?.timeouts.total_ms, 90_000);
  assert.deepEqual(variables, ["LITELLM_MASTER_KEY", "OPENAI_KEY", "ANTHROPIC_API_KEY", "AZURE_KEY", "GROQ_API_KEY"]);
  assert.ok(!/sk-ant-secret|sk-1234/u.test(yaml), "keys do not move");

  assert.match(why["model_list[6]"]!, /this one is for embedding/u);
  assert.match(why["model_list[7]"]!, /bedrock/u);
  assert.match(why["model_list[8]"]!, /a pattern/u);
  assert.match(why["model_list[9]"]!, /stand on the lowest here.*azure-gpt, groq-llama/u);
  assert.match(why["litellm_settings.fallbacks"]!, /done by itself/u);
  assert.match(why["litellm_settings.context_window_fallbacks"]!, /longer context/u);
  assert.equal(lines["litellm_settings.fallbacks"], 49);
  assert.match(
    why["model_list[10].litellm_params"]!,
    /^auto_router_config, routes\[0\]\.score_threshold: .*learned from the examples/u,
  );
  assert.ok("general_settings.database_url" in why);
});

test("what is listed names lines and paths, and no value of the file", async () => {
  const said = await run(["init", "--from", "litellm", sample("litellm"), "-o", "-"]);
  assert.equal(said.code, 0);
  assert.match(said.out, /^# Taken over from a config of LiteLLM/u);
  assert.match(said.err, /^Recognised: LiteLLM/u);
  assert.match(said.err, /\n {2}line 54 litellm_settings\.cache: answers are not kept/u);
  assert.ok(!/sk-|eu-central-1|langfuse\]/u.test(said.err));
});

test("a provider's key is for its own server, and a config that routed by nothing gets signals that do", async () => {
  const text = `model_list:
  - model_name: a
    litellm_params: { model: openai/a }
  - model_name: b
    litellm_params: { model: openai/b, api_key: some-secret, api_base: "https://llm.example.com" }
  - model_name: c
    litellm_params: { model: openai/c, api_base: os.environ/SOMEWHERE }
`;
  const { variables, config, why } = await taken("litellm", file(text));
  assert.deepEqual(variables, ["OPENAI_API_KEY", "LLM_EXAMPLE_COM_API_KEY"]);
  assert.deepEqual(Object.keys(config.models), ["a", "b"]);
  assert.deepEqual(Object.keys(config.signals), ["domain", "complexity"]);
  assert.match(why["model_list[2].litellm_params"]!, /stands in the environment/u);
});

test("every part that nobody understood is listed, wherever it stands", async () => {
  const text = `model_list:
  - model_name: a
    litellm_params: { model: openai/a, brand_new: { deep: 1 } }
    surprise: true
unheard_of: [1, 2]
`;
  const { why, lines } = await taken("litellm", file(text));
  assert.deepEqual(Object.keys(why), [
    "model_list[0]",
    "model_list[0].litellm_params.brand_new",
    "model_list[0].surprise",
    "unheard_of",
  ]);
  assert.equal(lines["model_list[0].surprise"], 4);
});

for (const [what, from, text, said] of [
  ["no YAML", "litellm", "a: [1", /cannot be read:\n {2}line 1: a bracket/u],
  ["another kind of config", "litellm", "version: 1\n", /is no config of LiteLLM: it has no model_list/u],
  [
    "another router's config",
    "vllm-sr",
    "model_list: []\n",
    /is no config of vLLM Semantic Router: it has no vllm_endpoints/u,
  ],
  [
    "without a model that can be asked",
    "litellm",
    "model_list: [{ model_name: a, litellm_params: { model: bedrock/x } }]\n",
    /names no model that can be asked from here:\n {2}line 1 model_list\[0\]/u,
  ],
] as const) {
  test(`a file that is ${what} is refused, and nothing is written`, async () => {
    const out = join(home, `none-${(files += 1)}.yaml`);
    const done = await run(["init", "--from", from, file(text), "-o", out]);
    assert.equal(done.code, 1);
    assert.match(done.err, said);
    assert.ok(!existsSync(out));
  });
}

test("a file without --from, and --from without a file, are told", async () => {
  const without = await run(["init", sample("litellm")]);
  assert.match(without.err, /say whose config .* is: --from vllm-sr or litellm/u);
  const piped = await run(["init", "--from", "litellm", "-o", "-"], { stdin: readFileSync(sample("litellm"), "utf8") });
  assert.equal(piped.code, 0);
});

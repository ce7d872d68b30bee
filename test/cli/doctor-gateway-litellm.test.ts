import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { complaints, type Pair, testMistakes } from "./doctor-gateway-mistakes.ts";

/** The YAML of the README, by the name in its first line, keys of ours filled in. */
const BLOCKS = new Map(
  [
    ...readFileSync(join(import.meta.dirname, "../../adapters/litellm/README.md"), "utf8").matchAll(
      /```yaml\n# (\S+)\n([\s\S]*?)```/gu,
    ),
  ].map(([, name, text]) => [name!, text!.replaceAll(/\$\{\w+\}/gu, "a-key-that-is-long")]),
);
const ours = BLOCKS.get("signalbox.yaml")!;
const pairOf = (name: string): Pair => ({ gateway: "litellm", file: BLOCKS.get(name)!, ours });
const HOOK = pairOf("litellm.yaml");
const CONFIGURED = pairOf("litellm-config-only.yaml");
const UPSTREAM = pairOf("litellm-upstream.yaml");
const CALLBACKS = '  callbacks: ["signalbox_litellm.proxy.hook"]';

test("the configs of the README fit, each in its way", () => {
  assert.equal(BLOCKS.size, 4);
  for (const pair of [HOOK, CONFIGURED, UPSTREAM]) assert.deepEqual(complaints(pair), []);
});

testMistakes(HOOK, [
  {
    name: "auto that is not in model_list",
    file: [["model_name: auto", "model_name: standard"]],
    told: [["wrong", "model_list", /"auto" is not in model_list/u]],
  },
  {
    name: "no callback, and nothing else that asks Signalbox",
    file: [[`${CALLBACKS}\n`, "  set_verbose: false\n"]],
    told: [["wrong", "litellm_settings", /nothing in this file asks Signalbox/u]],
  },
  {
    name: "the class in place of the instance",
    file: [["signalbox_litellm.proxy.hook", "signalbox_litellm.SignalboxHook"]],
    told: [["wrong", "callbacks", /is the class: LiteLLM calls an instance alone/u]],
  },
  {
    name: "another name in the package",
    file: [["signalbox_litellm.proxy.hook", "signalbox_litellm.hook.instance"]],
    told: [["warning", "callbacks", /is not the hook of the package/u]],
  },
  {
    name: "a hook that is only told of successes",
    file: [["  callbacks:", "  success_callback:"]],
    told: [["wrong", "success_callback", /decides nothing/u]],
  },
  {
    name: "a hook of one's own",
    file: [["signalbox_litellm.proxy.hook", "my_hooks.instance"]],
    told: [["warning", "callbacks", /if my_hooks\.instance is a hook of your own/u]],
  },
  {
    name: "a model of the pool that LiteLLM does not know",
    file: [["model_name: medium", "model_name: midium"]],
    told: [["warning", "model_list", /the model medium of this config is no model_name/u]],
  },
  {
    name: "a model that LiteLLM asks elsewhere, and one that it asks for by another name",
    file: [
      ["openai/large-v1", "openai/larger-v2"],
      [
        '- model_name: medium\n    litellm_params: { model: openai/medium-v1, api_base: "http://127.0.0.1:8002/v1"',
        '- model_name: medium\n    litellm_params: { model: openai/medium-v1, api_base: "http://other:8002/v1"',
      ],
    ],
    told: [
      [
        "warning",
        "http://other",
        /LiteLLM asks other:8002 for the model medium; by this config it is at 127\.0\.0\.1:8002/u,
      ],
      ["warning", "larger-v2", /LiteLLM asks for "larger-v2" as the model large/u],
    ],
  },
  {
    name: "retries before the next model of the decision",
    file: [["  num_retries: 0 ", "  timeout: 600 "]],
    told: [["warning", "router_settings", /asks a model that fails again and again/u]],
  },
  {
    name: "a deadline in the file that is below what a decision may take",
    file: [["router_settings:\n", "environment_variables: { SIGNALBOX_DEADLINE_MS: 60 }\nrouter_settings:\n"]],
    told: [
      ["warning", "SIGNALBOX_DEADLINE_MS", /may take 100 ms \(signals 50, second look 50\), and the hook waits 60/u],
    ],
  },
  {
    name: "a model that is asked for the decision takes longer than the hook waits",
    ours: [
      [
        "decision: { fallback: large }",
        "decision: { fallback: large, escalate_below_margin: 0.1, router: { model: small } }",
      ],
    ],
    told: [["warning", "", /decision\.router 1500\), and the hook waits 250/u]],
  },
  {
    name: "names that are routed on one side",
    file: [["router_settings:\n", 'environment_variables: { SIGNALBOX_MODELS: "auto,smart" }\nrouter_settings:\n']],
    told: [["wrong", "SIGNALBOX_MODELS", /routes "smart", which is no alias of this config \(auto\)/u]],
  },
  {
    name: "parameters that are dropped where effort is decided",
    file: [["litellm_settings:\n", "litellm_settings:\n  drop_params: true\n"]],
    ours: [["models:\n  small: {", "models:\n  small: { reasoning: openai,"]],
    told: [["warning", "drop_params", /the effort that is decided is lost/u]],
  },
  {
    name: "outcomes that are told by somebody who is not trusted",
    ours: [["    trusted: [127.0.0.1]", "    #"]],
    told: [["warning", "callbacks", /are not believed, .* goes on being chosen/u]],
  },
  {
    name: "a key in the file",
    file: [
      [
        "api_key: os.environ/HOUSE_KEY }\n  - model_name: medium",
        "api_key: sk-abcdefghijklmnopqrst }\n  - model_name: medium",
      ],
    ],
    told: [["warning", "sk-abc", /a key stands in the file itself/u]],
  },
  {
    name: "models of keys that nobody enforces",
    file: [
      [
        "router_settings:\n",
        "general_settings: { custom_auth: mine.check, custom_auth_run_common_checks: true }\nrouter_settings:\n",
      ],
    ],
    told: [["warning", "custom_auth", /models of a key are not enforced/u]],
  },
]);

testMistakes(CONFIGURED, [
  {
    name: "a classifier that does not ask in our form, or not at all",
    file: [
      ["provider: jev", "provider: laya"],
      ["classifier_type: oss_classifier", "classifier_type: heuristic"],
    ],
    told: [
      ["wrong", "classifier_type", /only where classifier_type says so/u],
      ["wrong", "provider: laya", /jev alone/u],
    ],
  },
  {
    name: "a classifier without a key, with a long rest, at another port, in a hurry",
    file: [
      [
        'api_base: "http://127.0.0.1:8080", api_key: os.environ/SIGNALBOX_KEY, timeout_ms: 250, circuit_breaker_cooldown_seconds: 1',
        'api_base: "http://127.0.0.1:8081", timeout_ms: 50',
      ],
    ],
    told: [
      ["wrong", "opensource_classifier_config", /wants an api_key/u],
      ["warning", "api_base", /another port than Signalbox listens on \(127\.0\.0\.1:8080\)/u],
      ["warning", "timeout_ms", /may take 100 ms .* waits 50/u],
      ["warning", "opensource_classifier_config", /asks nobody for 30 s/u],
    ],
  },
  {
    name: "names that lead nowhere",
    file: [
      ["name: medium, description", "name: midium, description"],
      ["tiers: { small: small, medium: medium, large: large }", "tiers: { small: small, midium: medium, large: lage }"],
      ["        fallback_tier: small\n", ""],
    ],
    told: [
      ["wrong", "name: midium", /"midium" is neither a model nor a tier/u],
      ["wrong", "tiers", /large leads to "lage", which is not in model_list/u],
      ["wrong", "complexity_router_config", /without a fallback_tier/u],
    ],
  },
  {
    name: "a guardrail that errors get past, that must be asked for, that comes too late",
    file: [
      ["      fail_on_error: false\n", ""],
      ["      default_on: true\n", ""],
      ["      mode: pre_call\n", "      mode: post_call\n"],
    ],
    told: [
      ["warning", "unreachable_fallback", /still ends in 500/u],
      ["warning", "litellm_params", /only requests that ask for the guardrail/u],
      ["wrong", "mode: post_call", /not checked before they go out/u],
      ["warning", "litellm_params", /changes to streams are dropped/u],
    ],
  },
  {
    name: "a guardrail in a hurry, without a key",
    file: [
      ["      timeout: 0.25\n", "      timeout: 0.05\n"],
      ["      api_key: os.environ/SIGNALBOX_KEY\n      timeout", "      timeout"],
    ],
    told: [
      ["wrong", "litellm_params", /asks for a key/u],
      ["warning", "timeout", /may take 100 ms .* waits 50/u],
    ],
  },
]);

testMistakes(UPSTREAM, [
  {
    name: "Signalbox as a model server under the wrong address",
    file: [
      ["openai/auto", "azure/auto"],
      ["8080/v1", "8081"],
      [", api_key: os.environ/SIGNALBOX_KEY", ""],
    ],
    told: [
      ["wrong", "azure/auto", /a server of OpenAI's API/u],
      ["wrong", "8081", /begin with \/v1/u],
      ["warning", "8081", /another port/u],
      ["wrong", "litellm_params", /sends none/u],
    ],
  },
]);

test("a file that is none of LiteLLM's, and shapes that it does not have, are said", () => {
  const told = (file: string) => complaints({ ...HOOK, file }).map(({ message }) => message);
  assert.match(told("services: []")[0]!, /no config of a LiteLLM proxy/u);
  assert.deepEqual(told("model_list: soon\nlitellm_settings: { callbacks: 3 }").slice(-2), [
    'file.yaml:1: "model_list" is not a list, so it was not looked at',
    'file.yaml:2: "callbacks" is not a text, or a list of texts, so it was not looked at',
  ]);
});

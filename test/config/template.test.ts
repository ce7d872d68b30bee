import assert from "node:assert/strict";
import { test } from "node:test";
import { checkConfig } from "../../src/config/check.ts";
import { configTemplate, type TemplateOptions } from "../../src/config/template.ts";

const env = { GEMINI_API_KEY: "g", OPENAI_API_KEY: "o" };

function read(options: TemplateOptions) {
  const checked = checkConfig(configTemplate(options), {
    env,
    readFile() {
      throw new Error("none");
    },
  });
  assert.ok("config" in checked, JSON.stringify(checked));
  return checked.config;
}

test("the template of every choice is a good config", () => {
  const models = (gemini: boolean, openai: boolean) => Object.keys(read({ gemini, openai }).models);
  assert.deepEqual(models(true, true), ["llama-8b", "gemini-pro", "gpt"]);
  assert.deepEqual(models(true, false), ["llama-8b", "gemini-pro"]);
  assert.deepEqual(models(false, true), ["llama-8b", "gpt"]);
  assert.deepEqual(models(false, false), ["llama-8b", "llama-70b"]);
});

test("the template has two tiers, every signal, safety and records, and keys come from the environment", () => {
  const config = read({ vllmUrl: "http://10.0.0.7:8000/v1", gemini: true, openai: true });
  assert.deepEqual(Object.keys(config.tiers), ["small", "large"]);
  assert.deepEqual(Object.keys(config.signals), ["keyword", "domain", "complexity", "jailbreak", "pii"]);
  assert.equal(config.upstreams["local"]?.url, "http://10.0.0.7:8000/v1");
  assert.equal(config.upstreams["gemini"]?.key, "g");
  assert.equal(config.upstreams["openai"]?.key, "o");
  assert.equal(config.safety.pii?.action, "internal");
  assert.deepEqual(config.records, {
    path: ".signalbox/records.jsonl",
    keep: 5,
    text: false,
  });
});

test("the pool calls a vLLM model by the end of its name, unless that name has another meaning", () => {
  const named = (vllmModel: string) => {
    const [[name, model] = []] = Object.entries(read({ vllmModel, gemini: true, openai: true }).models);
    assert.equal(model?.targets[0]?.model, vllmModel);
    return name;
  };
  assert.equal(named("meta-llama/Llama-3.1-8B-Instruct"), "llama-8b");
  assert.equal(named("Qwen/Qwen3-8B"), "qwen3-8b");
  assert.equal(named("/models/My Model (v2)"), "my-model-v2-");
  assert.equal(named("gpt"), "local-gpt");
  assert.equal(named("constructor"), "local-constructor");
  assert.equal(named("7"), "local-7");
  assert.equal(named("a: ${B} # c"), "a-b-c");
});

test("the template shows every section of the config", () => {
  const text = configTemplate({ gemini: true, openai: true });
  const sections = [...text.matchAll(/^([a-z]+):/gmu)].map(([, name]) => name);
  assert.deepEqual(
    sections.sort((a = "", b = "") => (a < b ? -1 : 1)),
    [
      "aliases",
      "breaker",
      "decision",
      "log",
      "models",
      "profiles",
      "records",
      "routes",
      "rules",
      "safety",
      "server",
      "signals",
      "tiers",
      "upstreams",
      "version",
    ],
  );
});

test("a URL that is no plain YAML is written so that it is read back", () => {
  const url = "http://[::1]:8000/v1";
  assert.equal(read({ vllmUrl: url, gemini: false, openai: false }).upstreams["local"]?.url, url);
});

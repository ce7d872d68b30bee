/** adapters/kong/kong.yml as it stands, and Kong before Signalbox without our plugin. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { startHouse, threeModels } from "../rig/house.ts";
import { ADAPTER, pluginBefore, skip, type KongConfig } from "./kong-rig.ts";
import { chat, rigOf, startUpstream, through, until } from "./kong-scene.ts";

describe("answer mode", { skip }, () => {
  test("is a service that is Signalbox, with no plugin: the next target answers where the first fails", async (context) => {
    const failing = until(context, await startUpstream());
    failing.answer((_, response) => void response.socket!.destroy());
    const well = until(context, await startUpstream());
    const yaml = threeModels({
      small: `${failing.origin}/v1`,
      medium: `${well.origin}/v1`,
      large: `${well.origin}/v1`,
    });
    const house = until(context, await startHouse(yaml));
    const { services } = pluginBefore(house.url, {});
    const rig = await rigOf(context, { services: services.map((service) => ({ ...service, plugins: [] })) });
    const { reply } = await through(rig, { well }, { body: chat("hello") });
    assert.equal(reply.status, 200);
    assert.notEqual(reply.headers["x-signalbox-model"], "small");
  });
});

describe("kong.yml", { skip }, () => {
  test("runs as it stands, but for hosts: plain services, and ai-proxy behind us", async (context) => {
    const vllm = until(context, await startUpstream());
    const openai = until(context, await startUpstream());
    const house = until(
      context,
      await startHouse(
        threeModels({ small: vllm.origin, medium: openai.origin, large: openai.origin })
          .replaceAll("upstream: s,", "upstream: vllm,")
          .replaceAll(/upstream: [ml],/g, "upstream: openai,")
          .replace("  s: {", "  vllm: {")
          .replace("  m: {", "  openai: {"),
        "  auth: { keys: [{ key: key-of-kong, tenant: gateway }] }",
      ),
    );
    const text = readFileSync(join(ADAPTER, "kong.yml"), "utf8")
      .replaceAll("http://signalbox:8080", house.url)
      .replaceAll("target: vllm:8000", `target: 127.0.0.1:${vllm.port}`)
      .replaceAll("http://localhost:32000", openai.origin)
      .replaceAll("host: api.openai.com", "host: 127.0.0.1")
      .replaceAll("port: 443", `port: ${openai.port}`)
      .replaceAll("scheme: https", "scheme: http")
      .replaceAll("timeout_ms: 500", "timeout_ms: 5000");
    const env = { SIGNALBOX_KEY: "key-of-kong", OPENAI_AUTHORIZATION: "Bearer sk-1" };
    const rig = await rigOf(context, parse(text) as KongConfig, { env });
    const upstreams = { vllm, openai };

    const small = await through(rig, upstreams, { body: chat("hello") });
    assert.equal(small.at, "vllm");
    assert.equal((JSON.parse(small.arrived!.body.toString()) as { model: string }).model, "small-v1");
    assert.equal(small.arrived!.headers.authorization, undefined);
    const large = await through(rig, upstreams, { body: chat("hello", { model: "large" }) });
    assert.equal(large.at, "openai");
    assert.equal(large.arrived!.headers.authorization, "Bearer sk-1");

    const proxied = await through(rig, upstreams, { path: "/ai/chat", body: chat("hello") });
    assert.equal(proxied.at, "openai");
    assert.equal(proxied.reply.headers["x-signalbox-model"], "small");
    assert.equal((JSON.parse(proxied.arrived!.body.toString()) as { model: string }).model, "small-v1");
    assert.equal(proxied.arrived!.headers.authorization, "Bearer sk-1");
    const long = await through(rig, upstreams, { path: "/ai/chat", body: chat("word ".repeat(20_000)) });
    assert.equal(long.reply.status, 200);

    await house.stop();
    const passed = await through(rig, upstreams, { body: chat("hello") });
    assert.equal(passed.at, "vllm");
    assert.equal((JSON.parse(passed.arrived!.body.toString()) as { model: string }).model, "qwen3-8b");
  });
});

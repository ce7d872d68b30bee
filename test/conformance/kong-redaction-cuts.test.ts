/** Kong's plugin puts values back wherever a stream is cut, and behind a plugin that writes answers anew. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type CutServer, startCutServer } from "./kong-cut.ts";
import { startDecider, type Decider } from "./kong-decider.ts";
import { pluginBefore, skip, startRig, type KongConfig, type Rig } from "./kong-rig.ts";
import { chat, rigOf, send, sendJson, startUpstream, until, WHOLE } from "./kong-scene.ts";
import { APIS, CHAT, ENTRIES, IBAN, MAIL, said } from "./kong-streams.ts";

const STREAMED = { "content-type": "text/event-stream" };

describe("a stream with placeholders that is cut at every byte", { skip }, () => {
  let decider: Decider;
  let rig: Rig;
  let server: CutServer;

  before(async () => {
    decider = await startDecider();
    decider.decide({ placeholders: ENTRIES });
    server = await startCutServer();
    rig = await startRig(pluginBefore(server.origin, { url: decider.url }));
  });
  after(async () => {
    await rig.close();
    server.close();
    await decider.close();
  });

  for (const [api, { path, piece, end }] of APIS) {
    test(`reads ${api} with the client's own values`, async () => {
      const stream = Buffer.from(["To <EM", "AIL_1>: é <iban", "_12> <", "b>"].map(piece).join("") + end);
      const expected = `To ${MAIL}: é ${IBAN} <b>`;
      server.stream = stream;
      for (let cut = 0; cut < stream.length; cut += 1) {
        server.cut = cut;
        const reply = await send(rig, { path, body: chat("hello", { stream: true }) });
        assert.equal(said(api, reply.text), expected, `cut at ${cut}`);
      }
    });
  }
});

describe("behind a plugin that writes answers anew, as ai-proxy does", { skip }, () => {
  const config = (upstream: string, url: string, restores: boolean): KongConfig => {
    const [service] = pluginBefore(upstream, { url }).services;
    const proxy = {
      name: "ai-proxy",
      config: {
        route_type: "llm/v1/chat",
        auth: { header_name: "Authorization", header_value: "Bearer sk-1" },
        model: { provider: "openai" },
      },
    };
    const more = restores ? [proxy, { name: "signalbox-restore", config: {} }] : [proxy];
    return { services: [{ ...service!, plugins: [...service!.plugins!, ...more] }] };
  };

  for (const restores of [true, false]) {
    test(`values come back ${restores ? "with signalbox-restore" : "in streams alone without it"}`, async (context) => {
      const decider = until(context, await startDecider());
      decider.decide({ placeholders: ENTRIES });
      const upstream = until(context, await startUpstream());
      const rig = await rigOf(context, config(upstream.origin, decider.url, restores));
      upstream.answer((_, response) => sendJson(response, { ...WHOLE, said: "<EMAIL_1>" }));
      const whole = await send(rig, { body: chat("hello") });
      assert.equal((JSON.parse(whole.text) as { said: string }).said, restores ? MAIL : "<EMAIL_1>");
      const { piece, end } = CHAT;
      upstream.answer((_, response) => {
        response.writeHead(200, STREAMED).write(piece("<EMAIL"));
        response.end(piece("_1>") + end);
      });
      assert.equal(said("openai-chat", (await send(rig, { body: chat("hello", { stream: true }) })).text), MAIL);
      assert.deepEqual(rig.errors(), []);
    });
  }
});

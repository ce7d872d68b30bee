/** Kong's plugin puts values back wherever a stream is cut, and behind a plugin that writes answers anew. */
import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startDecider, type Decider } from "./kong-decider.ts";
import { pluginBefore, skip, startRig, type KongConfig, type Rig } from "./kong-rig.ts";
import { chat, listening, rigOf, send, sendJson, startUpstream, until, WHOLE } from "./kong-scene.ts";
import { APIS, CHAT, ENTRIES, IBAN, MAIL, said } from "./kong-streams.ts";

const STREAMED = { "content-type": "text/event-stream" };

describe("a stream with placeholders that is cut at every byte", { skip }, () => {
  let decider: Decider;
  let rig: Rig;
  let stream = Buffer.alloc(0);
  /** Where the next answer is cut in two. */
  let cut = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (data) => {
      if (data.includes("}")) void answer(socket);
    });
  });

  async function answer(socket: Socket): Promise<void> {
    const head = `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: ${stream.length}\r\n\r\n`;
    socket.write(Buffer.concat([Buffer.from(head), stream.subarray(0, cut)]));
    await sleep(2);
    socket.write(stream.subarray(cut));
  }

  before(async () => {
    decider = await startDecider();
    decider.decide({ placeholders: ENTRIES });
    rig = await startRig(pluginBefore(`http://127.0.0.1:${await listening(server)}`, { url: decider.url }));
  });
  after(async () => {
    await rig.close();
    server.close();
    await decider.close();
  });

  for (const [api, { path, piece, end }] of APIS) {
    test(`reads ${api} with the client's own values`, async () => {
      stream = Buffer.from(["To <EM", "AIL_1>: é <iban", "_12> <", "b>"].map(piece).join("") + end);
      const expected = `To ${MAIL}: é ${IBAN} <b>`;
      for (cut = 0; cut < stream.length; cut += 1) {
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

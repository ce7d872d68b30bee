import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startProbe } from "../../src/upstream/probe.ts";
import { startFakeModel } from "../fakes/model.ts";
import { startHouse, threeModels } from "../rig/house.ts";

/** Once this holds, within two seconds. */
async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    assert.ok(tries < 200, "it never came to hold");
    await sleep(10);
  }
}

test("a server that is gone is found by its probe, before a request has to, and so is its coming back", async (t) => {
  const [gone, well] = await Promise.all([startFakeModel({ name: "gone" }), startFakeModel({ name: "well" })]);
  const yaml = threeModels({ small: gone.url, medium: well.url, large: well.url });
  const house = await startHouse(yaml.replace(`url: "${gone.url}" }`, `url: "${gone.url}", probe_ms: 100 }`));
  t.after(async () => {
    await house.stop();
    await Promise.all([gone.close(), well.close()]);
  });
  const ask = async () => {
    const reply = await house.post("/v1/chat/completions", {
      model: "auto",
      messages: [{ role: "user", content: "hi" }],
    });
    return reply.headers.get("x-signalbox-model");
  };
  const found = (state: string) => house.events.some((event) => event.kind === "probe" && event.state === state);
  assert.equal(await ask(), "small");
  await gone.down();
  await until(() => found("down"));
  assert.equal(await ask(), "medium");
  const record = house.events.findLast((event) => event.kind === "request")!;
  assert.equal(record.attempts.length, 1, "nobody tried the one that is gone");
  await gone.up();
  await until(() => found("up"));
  assert.equal(await ask(), "small");
});

test("a vLLM is asked for its health beside the version of its API, and one that answers 500 is not well", async (t) => {
  let status = 404;
  const paths = new Set<string>();
  const server = createServer((request, response) => {
    paths.add(request.url!);
    response.writeHead(status).end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const house = await startHouse(
    threeModels({ small: url, medium: url, large: url }).replace("vllm, url", "vllm, probe_ms: 100, url"),
  );
  t.after(async () => {
    await house.stop();
    server.closeAllConnections();
    server.close();
  });
  await until(() => paths.has("/health"));
  assert.ok(!house.events.some((event) => event.kind === "probe"), "an unknown path is an answer too");
  status = 503;
  await until(() => house.events.some((event) => event.kind === "probe" && event.state === "down"));
});

test("a probe that could not be sent says nothing of the server", async () => {
  const states: string[] = [];
  const answers = [true, undefined, undefined, undefined, false, undefined, false];
  const probe = startProbe({ isWell: async () => answers.shift() }, 5, (state) => states.push(state));
  await until(() => states.length > 0);
  probe.stop();
  assert.equal(answers.length, 0, "nothing but the two failures counted");
  assert.deepEqual(states, ["down"], "two failures, with one that said nothing between them");
});

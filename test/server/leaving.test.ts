import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { askFor, PATHS, poolAt, speechAt, WAYS } from "../bench/stream-speech.ts";
import { type House, startHouse } from "../rig/house.ts";

const closed: string[] = [];
/** Says one token, and would go on. */
const server = createServer((request, response) => {
  const speech = speechAt(request.url!);
  response.once("close", () => closed.push(request.url!));
  request.resume().once("end", () => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(speech.begin + speech.token("first"));
  });
});
let house: House;
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  house = await startHouse(poolAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
});
after(async () => {
  await house.stop();
  server.closeAllConnections();
  server.close();
});

for (const [door, model] of WAYS) {
  test(`a client that leaves its stream at ${PATHS[door]} is missed by the server of ${model} at once`, async () => {
    closed.length = 0;
    const gone = new AbortController();
    const reply = await fetch(house.url + PATHS[door], {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: askFor(door, model, "hello"),
      signal: gone.signal,
    });
    const chunk = await reply.body!.getReader().read();
    assert.match(Buffer.from(chunk.value!).toString("utf8"), /first/u);
    gone.abort();
    const end = performance.now() + 2000;
    while (closed.length === 0 && performance.now() < end) await sleep(5);
    assert.equal(closed.length, 1);
  });
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connectGateway, requestHeaders } from "../fakes/ext-proc.ts";
import { play } from "../fakes/ext-proc-sequences.ts";
import { startHouse, threeModels } from "../rig/house.ts";

const urls = { small: "http://127.0.0.1:1/v1", medium: "http://127.0.0.1:2/v1", large: "http://127.0.0.1:3/v1" };

test("whatever is sent, a stream ends with a code of ours or cleanly, and its place is given back", async () => {
  // A place that is not given back would be missing after a hundred streams.
  const house = await startHouse(threeModels(urls), "  limits: { concurrent: 100 }");
  const gateway = await connectGateway(house.url);
  try {
    const seen = new Map<string, number>();
    for (let number = 0; number < 1500; number += 10) {
      const endings = await Promise.all(Array.from({ length: 10 }, (_, at) => play(gateway, 1, number + at)));
      for (const [at, { kind, about }] of endings.entries()) {
        assert.notEqual(kind, "wrong", `sequence ${number + at}: ${about}`);
        assert.notEqual(about, "unavailable", `sequence ${number + at}: a place is missing`);
        seen.set(`${kind} ${about}`, (seen.get(`${kind} ${about}`) ?? 0) + 1);
      }
    }
    for (const kind of [
      "clean ",
      "left ",
      "typed invalid_request",
      "typed body_too_large",
      "typed unsupported_media_type",
    ])
      assert.ok((seen.get(kind) ?? 0) > 5, `${kind}: ${JSON.stringify(Object.fromEntries(seen))}`);
    assert.deepEqual(
      house.events.filter(({ kind }) => kind === "fault"),
      [],
    );
  } finally {
    await gateway.close();
    await house.stop();
  }
});

test("a connection that breaks off gives back the places of all its streams", async () => {
  const house = await startHouse(threeModels(urls), "  limits: { concurrent: 20 }");
  const first = await connectGateway(house.url);
  const open = Array.from({ length: 20 }, () => first.open());
  for (const stream of open)
    stream.send({
      request: requestHeaders([
        [":method", "POST"],
        [":path", "/v1/responses"],
      ]),
    });
  await Promise.all(open.map((stream) => stream.next()));
  const second = await connectGateway(house.url);
  const refused = second.open();
  refused.send({
    request: requestHeaders(
      [
        [":method", "GET"],
        [":path", "/"],
      ],
      true,
    ),
  });
  assert.deepEqual(await refused.ended, { status: 14, code: "unavailable" });
  first.session.destroy();
  await sleep(100);
  const served = second.open();
  served.send({
    request: requestHeaders(
      [
        [":method", "GET"],
        [":path", "/"],
      ],
      true,
    ),
  });
  assert.equal((await served.next())?.response.case, "requestHeaders");
  served.reset();
  await second.close();
  await house.stop();
});

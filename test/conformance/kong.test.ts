/** The corpus through Kong's plugin: the decision, body and verdict of RouteRequest itself. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startHouse, type House } from "../rig/house.ts";
import { CORPUS, type Case } from "./corpus/corpus.ts";
import { unlike } from "./corpus/compare.ts";
import { corpusConfig, expected, type Fate } from "./corpus/expected.ts";
import { pluginBefore, skip, startRig, type Rig } from "./kong-rig.ts";
import { send, sendJson, startUpstream, WHOLE, type Upstream } from "./kong-scene.ts";

const EVENTS =
  'data: {"choices":[{"index":0,"delta":{"content":"Swifts."},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

/** The server of each model; of others, the one that requests go to without us. */
const PLACES: Readonly<Record<string, string>> = { small: "s", medium: "m", large: "l" };

describe("Kong's plugin", { skip }, () => {
  let house: House;
  let rig: Rig;
  const upstreams: Record<"s" | "m" | "l" | "own", Upstream> = {} as never;

  before(async () => {
    for (const name of ["s", "m", "l", "own"] as const) {
      upstreams[name] = await startUpstream();
      upstreams[name].answer(({ body }, response) => {
        if (!body.includes('"stream":true')) return sendJson(response, WHOLE);
        response.writeHead(200, { "content-type": "text/event-stream" }).end(EVENTS);
      });
    }
    const { s, m, l, own } = upstreams;
    house = await startHouse(
      corpusConfig({ small: `${s.origin}/v1`, medium: `${m.origin}/v1`, large: `${l.origin}/v1` }),
    );
    const places = { s, m, l };
    rig = await startRig(
      pluginBefore(own.origin, {
        url: house.url,
        upstreams: Object.entries(places).map(([name, { port }]) => ({ name, host: "127.0.0.1", port })),
      }),
    );
  });
  after(async () => {
    await rig.close();
    await house.stop();
    await Promise.all(Object.values(upstreams).map((upstream) => upstream.close()));
  });

  /** What became of it at the gateway, and the server that it went to. */
  async function fateOf({ path, headers, body, stream }: Case): Promise<Fate & { readonly at?: string }> {
    const before = new Map(Object.entries(upstreams).map(([name, { arrived }]) => [name, arrived.length]));
    const own = ["content-type", "application/json", "content-length", String(Buffer.byteLength(body))];
    const reply = await send(rig, { path, body, headers: [...own, ...Object.entries(headers).flat()] });
    const went = Object.entries(upstreams).find(([name, { arrived }]) => arrived.length > before.get(name)!);
    if (!went) return { kind: "refuse", status: reply.status, code: String(reply.headers["x-signalbox-error"]) };
    const [at, { arrived }] = went;
    assert.equal(reply.status, 200);
    if (stream) assert.equal(reply.text, EVENTS);
    const { headers: arrivedHeaders, body: arrivedBody } = arrived.at(-1)!;
    const model = String(arrivedHeaders["x-selected-model"]);
    return { kind: "forward", model, body: JSON.parse(arrivedBody.toString() || "null"), at };
  }

  test("decides a corpus of at least 150 requests", () => assert.ok(CORPUS.length >= 150, String(CORPUS.length)));

  for (const request of CORPUS) {
    test(`as RouteRequest does: ${request.name}`, async () => {
      const fate = await expected(house, request);
      const { at, ...seen } = await fateOf(request);
      assert.deepEqual(unlike("kong", request, fate, seen), []);
      if (fate.kind === "forward") assert.equal(at, PLACES[fate.model] ?? "own");
    });
  }

  test("has no error to log", () => assert.deepEqual(rig.errors(), []));
});

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { unlike } from "./corpus/compare.ts";
import { type Case, CORPUS } from "./corpus/corpus.ts";
import { corpusConfig, expected, type Fate } from "./corpus/expected.ts";
import type { House } from "../rig/house.ts";
import { skip } from "./litellm-rig.ts";
import { KEY, startScene, type Scene } from "./litellm-scene.ts";

let scene: Scene;
before(async () => {
  if (skip) return;
  scene = await startScene({
    signalbox: (text, url) =>
      text.slice(0, text.indexOf("upstreams:")) + corpusConfig({ small: url, medium: url, large: url }),
  });
});
after(() => scene?.close());

/** What became of it: the first that reached a model server, or what the client was told. */
async function fateOf(one: Case): Promise<Fate> {
  const mark = scene.sent().length;
  const response = await scene.post(one.path, one.body, one.headers);
  await response.text();
  const first = scene.sent()[mark];
  if (first === undefined)
    return { kind: "refuse", status: response.status, code: response.headers.get("x-signalbox-error") ?? "" };
  const body = first.json as { model: string };
  return { kind: "forward", model: body.model.replace(/-v1$/u, ""), body };
}

test("through LiteLLM's hook every request of the corpus fares as RouteRequest says", { skip }, async () => {
  const route: House["route"] = (request) => scene.house.route(request, { authorization: `Bearer ${KEY}` });
  const house = { ...scene.house, route };
  const wrong: string[] = [];
  for (const one of CORPUS) wrong.push(...unlike("litellm", one, await expected(house, one), await fateOf(one)));
  assert.deepEqual(wrong, []);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Door } from "../fakes/apis/asks.ts";
import { says, start } from "./cascading.ts";
import { chunk, startRaw } from "./continuing.ts";

const DOORS: readonly Door[] = ["openai-chat", "anthropic-messages", "openai-responses"];
const FINISH = `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", model: "x", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] })}\n\n`;
/** One route without a cascade. */
const PLAIN = "{ models: [one, two], gates: [{ kind: heuristics }], when: always }";

for (const door of DOORS)
  for (const [how, end] of [
    ["is reset", (destroy: () => void) => destroy()],
    ["says no more", () => undefined],
  ] as const)
    test(`${door}: a stream that told its finish and then ${how} is whole`, async (t) => {
      const server = await startRaw(t, (response) => {
        response.write(chunk("Swifts sleep on the wing."));
        response.write(FINISH);
        setTimeout(() => end(() => response.socket?.resetAndDestroy()), 30);
      });
      const { ask, results } = await start(
        t,
        [server, { kind: "vllm", says: says("not asked") }],
        PLAIN,
        "rules: [{ name: direct, when: {}, then: { model: one } }]",
      );
      const heard = await ask(door, true);
      assert.equal(heard.text, "Swifts sleep on the wing.");
      assert.doesNotMatch(heard.raw, /"error":\{|event: error|response\.failed/u);
      assert.deepEqual(results(), ["one/m ok"]);
    });

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { asksOf } from "../fakes/apis/asks.ts";
import type { FaultKind } from "../fakes/apis/script.ts";
import { DOORS } from "./cells.ts";
import { ask, BREAKS, blockedAnswer, brokenOff, errorIn, OWN_FAULTS, SAID, TEXT } from "./faults.ts";
import { KINDS, meets, PAIR, startWorld, type World } from "./world.ts";

const STREAMS = [false, true];
/** An upstream of its own for what leaves its key alone afterwards. */
const tagOf = (fault: string, door: string, stream: boolean) => `${fault}-${door}-${stream ? "streamed" : "whole"}`;
const TAGS = ["rate_limit", "bad_key"].flatMap((fault) =>
  DOORS.flatMap((door) => STREAMS.map((stream) => tagOf(fault, door, stream))),
);

let world: World;
before(async () => (world = await startWorld(TAGS)));
after(() => world.close());

for (const door of DOORS) {
  for (const kind of KINDS.filter((each) => meets(door, each))) {
    const passes = kind.speaks.includes(door);

    for (const [fault, [status, openai, anthropic]] of Object.entries(OWN_FAULTS)) {
      test(`${door} to ${kind.name}: ${fault} is told as ${status}, in the client's form and not in the server's words`, async () => {
        for (const stream of STREAMS) {
          const isOfKey = fault === "rate_limit" || fault === "bad_key";
          const failed = await ask(world, door, kind, {
            script: { error: fault as FaultKind, retryAfter: 3 },
            stream,
            ...(isOfKey && { tag: tagOf(fault, door, stream) }),
          });
          assert.equal(failed.status, status, failed.text);
          assert.equal(errorIn(door, failed.text).type, door === "anthropic-messages" ? anthropic : openai);
          assert.doesNotMatch(failed.text, /exceeded|Rate limit|overloaded|had an error|API key|invalid/u);
          if (fault === "rate_limit") assert.ok(failed.retryAfter >= 3, `Retry-After ${failed.retryAfter}`);
        }
      });
    }

    test(`${door} to ${kind.name}: a prompt that is too long is the client's own fault, said so that it can shorten it`, async () => {
      for (const stream of STREAMS) {
        const { status, text } = await ask(world, door, kind, { script: { error: "context_length" }, stream });
        assert.equal(status, 400, text);
        const { type, code } = errorIn(door, text);
        assert.equal(type, "invalid_request_error");
        if (door === "anthropic-messages") assert.match(text, /prompt is too long/u);
        else assert.equal(code, "context_length_exceeded");
      }
    });

    test(`${door} to ${kind.name}: a prompt that the server's filter stops is refused, or answered with nothing`, async () => {
      for (const stream of STREAMS) {
        const { status, text } = await ask(world, door, kind, { script: { error: "content_filter" }, stream });
        if (kind.api === "gemini") {
          assert.equal(status, 200, text);
          const finish = door === "anthropic-messages" ? "refusal" : "content_filter";
          assert.deepEqual(blockedAnswer(door, text, stream), ["", finish]);
          continue;
        }
        assert.equal(status, 400, text);
        const { type, code } = errorIn(door, text);
        if (door === "anthropic-messages") assert.equal(type, "invalid_request_error");
        else if (!passes) assert.equal(code, "content_filter");
      }
    });

    test(`${door} to ${kind.name}: a stream that fails half-way ends with an error event, and nothing is said twice`, async () => {
      for (const breaks of BREAKS) {
        const { status, text } = await ask(world, door, kind, { script: { ...SAID, breaks }, stream: true });
        assert.equal(status, 200, text);
        const said = brokenOff(door, text, passes);
        assert.ok(said !== "" && TEXT.startsWith(said), `${breaks}: ${said}`);
      }
    });

    test(`${door} to ${kind.name}: a whole answer that breaks off is an upstream's failure`, async () => {
      const { status, text } = await ask(world, door, kind, { script: { ...SAID, breaks: "cut" }, stream: false });
      assert.equal(status, 502);
      assert.equal(errorIn(door, text).type, "api_error");
    });
  }
}

test("where one target's filter stops a prompt, the next one is asked", async () => {
  const { body } = asksOf("openai-chat", "pair").find(({ feature }) => feature === "text")!;
  for (const blocking of PAIR)
    for (const stream of STREAMS) {
      for (const kind of PAIR) world.script(kind, kind === blocking ? { error: "content_filter" } : SAID);
      const response = await world.house.post("/v1/chat/completions", { ...body, stream });
      assert.equal(response.status, 200);
      assert.match(await response.text(), /Swifts/u, `${blocking.name} blocks`);
    }
});

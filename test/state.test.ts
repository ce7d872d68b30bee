import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Target } from "../src/contracts.ts";
import { createChannel, type RouterEvent } from "../src/events.ts";
import { cacheOptions } from "../src/cache/options.ts";
import { createState } from "../src/state.ts";
import { breakerOptions, type UpstreamOptions, upstreamsOptions } from "../src/upstream/options.ts";

const breaker = breakerOptions.parse({ minimum_requests: 1 });
const target = (upstream: string): Target => ({
  id: `${upstream}/m`,
  upstream,
  upstreamModel: "m",
  location: "external",
});

/** Upstreams by name, each with its key, all at one URL. */
function needs(keys: Record<string, string | undefined>) {
  const options = Object.entries(keys).map(([name, key]): [string, UpstreamOptions] => {
    const parsed = upstreamsOptions.parse({ it: { kind: "vllm", url: "http://127.0.0.1:9/v1", ...(key && { key }) } });
    return [name, parsed["it"]!];
  });
  return { upstreams: new Map(options), targets: Object.keys(keys).map(target), breaker };
}

function setUp(t: TestContext) {
  const channel = createChannel();
  const events: RouterEvent[] = [];
  channel.subscribe((event) => events.push(event));
  const state = createState(channel, breaker, () => 0);
  t.after(() => state.shutdown());
  return { state, events };
}

test("two keys for one endpoint are two targets: that one has run out says nothing of the other", (t) => {
  const { state, events } = setUp(t);
  const holding = state.hold(needs({ expired: "sk-expired", good: "sk-good", none: undefined }));
  holding.target("expired/m")!.breaker.admit()!.fail();
  assert.deepEqual(
    ["expired/m", "good/m", "none/m"].map((id) => holding.target(id)!.isOpen()),
    [true, false, false],
  );
  assert.deepEqual(events, [{ kind: "breaker", target: "expired/m", state: "open" }]);
});

test("a target keeps its breaker over a reload that gives its upstream another name, and loses it with another key", (t) => {
  const { state, events } = setUp(t);
  const old = state.hold(needs({ old: "sk-one" }));
  old.target("old/m")!.breaker.admit()!.fail();
  const renamed = state.hold(needs({ new: "sk-one" }));
  assert.equal(renamed.target("new/m")!.isOpen(), true);
  const rotated = state.hold(needs({ old: "sk-two" }));
  assert.equal(rotated.target("old/m")!.isOpen(), false);
  assert.equal(state.held().targets, 2);
  for (const holding of [old, renamed, rotated]) holding.release();
  assert.equal(state.held().targets, 0);
  assert.ok(!JSON.stringify(events).includes("sk-"));
});

test("configs with the same store of answers share it; it is closed when nobody holds it", async (t) => {
  const { state } = setUp(t);
  const memory = cacheOptions.parse({ kind: "memory" });
  const one = await state.stores.hold({ options: memory, dimensions: 256 });
  const same = await state.stores.hold({ options: { ...memory, window_ms: 5000, mode: "exact" }, dimensions: 256 });
  const other = await state.stores.hold({ options: { ...memory, entries: 7 }, dimensions: 256 });
  assert.equal(one.thing, same.thing);
  assert.notEqual(one.thing, other.thing);
  assert.equal(state.held().stores, 2);
  for (const held of [one, same, other]) held.release();
  assert.equal(state.held().stores, 0);
});

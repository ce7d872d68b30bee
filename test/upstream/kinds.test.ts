import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createUpstream } from "../../src/upstream/index.ts";
import { type UpstreamOptions, upstreamsOptions } from "../../src/upstream/options.ts";
import { createSockets, originOf } from "../../src/upstream/sockets.ts";
import { UpstreamFailure } from "../../src/upstream/upstream.ts";
import { type FakeOptions, startFakeModel } from "../fakes/model.ts";

const KINDS: readonly UpstreamOptions["kind"][] = ["openai", "vllm", "gemini"];
const abort = new AbortController().signal;

async function setUp(t: TestContext, kind: UpstreamOptions["kind"], fakeOptions: FakeOptions = {}) {
  const fake = await startFakeModel({ key: "sk-1", root: "/deep/v1", ...fakeOptions });
  t.after(() => fake.close());
  const { it } = upstreamsOptions.parse({ it: { kind, url: `${fake.url}/`, key: "sk-1" } }) as { it: UpstreamOptions };
  const sockets = createSockets(originOf(it), it);
  t.after(() => sockets.destroy());
  return { fake, upstream: createUpstream("it", it, sockets) };
}

const isFailure = (result: UpstreamFailure["result"], status?: number) => (error: unknown) =>
  error instanceof UpstreamFailure && error.result === result && error.status === status;

for (const kind of KINDS) {
  test(`${kind}: says who it is`, async (t) => {
    const { fake, upstream } = await setUp(t, kind);
    assert.equal(upstream.name, "it");
    assert.equal(upstream.kind, kind);
    assert.equal(upstream.baseUrl, fake.url);
    assert.equal(upstream.location, kind === "vllm" ? "internal" : "external");
  });

  test(`${kind}: sends below its base URL, with its key`, async (t) => {
    const { upstream } = await setUp(t, kind);
    const response = await upstream.send({
      path: "/chat/completions",
      body: Buffer.from('{"model":"m","messages":[]}'),
      headers: {},
      timeouts: { connectMs: 1000, firstTokenMs: 1000, totalMs: 1000 },
      abort,
    });
    assert.equal(response.status, 200);
    response.body.destroy();
  });

  test(`${kind}: lists models by the names it is asked with`, async (t) => {
    const ids = kind === "gemini" ? ["models/a", "models/b/c"] : ["a", "models/b/c"];
    const { fake, upstream } = await setUp(t, kind, { models: ids });
    assert.deepEqual(await upstream.listModels(abort), ["a", kind === "gemini" ? "b/c" : "models/b/c"]);
    assert.equal(fake.requests[0]?.path, "/deep/v1/models");
    assert.equal(fake.requests[0]?.body.byteLength, 0);
  });

  test(`${kind}: a list that cannot be had is a typed failure`, async (t) => {
    const { fake, upstream } = await setUp(t, kind, { key: "sk-other" });
    await assert.rejects(upstream.listModels(abort), isFailure("upstream_error", 401));
    await fake.down();
    await assert.rejects(upstream.listModels(abort), isFailure("connect_failed"));
    await assert.rejects(upstream.listModels(AbortSignal.abort()), isFailure("client_gone"));
  });
}

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { createUpstream } from "../../src/upstream/index.ts";
import { type UpstreamOptions, upstreamsOptions } from "../../src/upstream/options.ts";
import { createSockets } from "../../src/upstream/sockets.ts";
import { type Upstream, UpstreamFailure } from "../../src/upstream/upstream.ts";

const abort = new AbortController().signal;

interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** Answers what `pages` holds for a path, and `{}` to everything else. */
async function startServer(t: TestContext, pages: Readonly<Record<string, unknown>> = {}) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const { method = "", url: path = "", headers } = request;
    received.push({ method, path, headers });
    const page = pages[path] ?? (method === "GET" ? undefined : {});
    response.writeHead(page === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(page ?? { error: { message: "no such page" } }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received, server };
}

function upstreamOf(t: TestContext, options: Record<string, unknown>): Upstream {
  const { it } = upstreamsOptions.parse({ it: options }) as { it: UpstreamOptions };
  const sockets = createSockets(it, () => performance.now());
  t.after(() => sockets.destroy());
  return createUpstream("it", it, sockets);
}

async function send(upstream: Upstream, path: string, headers: Record<string, string> = {}): Promise<void> {
  const timeouts = { connectMs: 2000, firstTokenMs: 5000, totalMs: 5000 };
  const response = await upstream.send({ path, model: "my model", body: Buffer.from("{}"), headers, timeouts, abort });
  assert.equal(response.status, 200);
  for await (const chunk of response.body) assert.ok(chunk);
}

const KEYS = ["authorization", "x-api-key", "api-key", "x-goog-api-key", "anthropic-version"] as const;
const credentials = ({ headers }: Received) =>
  Object.fromEntries(KEYS.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])));

const BEARER = { authorization: "Bearer k" };
const OPENAI = ["openai-chat", "openai-responses"];

for (const [what, { root = "", asks, gets = asks, ...options }, speaks, carries] of [
  ["openai", { kind: "openai", root: "/v1", asks: "/responses" }, OPENAI, BEARER],
  [
    "openai with apis of its own",
    { kind: "openai", root: "/v1", apis: ["openai-chat"], asks: "/x" },
    ["openai-chat"],
    BEARER,
  ],
  ["vllm", { kind: "vllm", root: "/v1", asks: "/chat/completions" }, ["openai-chat"], BEARER],
  [
    "vllm with more apis",
    { kind: "vllm", root: "/v1", apis: ["anthropic-messages", "openai-chat"], asks: "/messages" },
    ["anthropic-messages", "openai-chat"],
    BEARER,
  ],
  [
    "gemini",
    { kind: "gemini", root: "/v1beta", asks: "/models/m:streamGenerateContent?alt=sse" },
    ["gemini"],
    { "x-goog-api-key": "k" },
  ],
  [
    "gemini's compatible API",
    { kind: "gemini", root: "/v1beta/openai", asks: "/chat/completions" },
    ["openai-chat"],
    BEARER,
  ],
  [
    "anthropic",
    { kind: "anthropic", root: "/v1", asks: "/messages" },
    ["anthropic-messages"],
    { "x-api-key": "k", "anthropic-version": "2023-06-01" },
  ],
  [
    "azure",
    { kind: "azure", asks: "/chat/completions", gets: "/openai/v1/chat/completions" },
    OPENAI,
    { "api-key": "k" },
  ],
  [
    "azure by the URL that its portal shows",
    { kind: "azure", root: "/openai/v1", asks: "/responses", gets: "/openai/v1/responses" },
    OPENAI,
    { "api-key": "k" },
  ],
  [
    "azure with a version of the newer API",
    {
      kind: "azure",
      query: { "api-version": "preview" },
      asks: "/responses",
      gets: "/openai/v1/responses?api-version=preview",
    },
    OPENAI,
    { "api-key": "k" },
  ],
  [
    "azure with a dated version",
    {
      kind: "azure",
      query: { "api-version": "2024-10-21" },
      asks: "/chat/completions",
      gets: "/openai/deployments/my%20model/chat/completions?api-version=2024-10-21",
    },
    ["openai-chat"],
    { "api-key": "k" },
  ],
] as const satisfies readonly (readonly [
  string,
  { kind: string; root?: string; asks: string; gets?: string; apis?: readonly string[]; query?: object },
  readonly string[],
  Record<string, string>,
])[]) {
  test(`${what}: says who it is, asks at its path, and carries its key in its own header alone`, async (t) => {
    const { origin, received } = await startServer(t);
    const upstream = upstreamOf(t, { ...options, url: `${origin}${root}/`, key: "k" });
    assert.equal(upstream.name, "it");
    assert.equal(upstream.kind, options.kind);
    assert.equal(upstream.baseUrl, `${origin}${root}`);
    assert.equal(upstream.location, options.kind === "vllm" ? "internal" : "external");
    assert.deepEqual(upstream.speaks, speaks);
    await send(upstream, asks);
    const place = options.kind === "azure" ? gets : `${root}${gets}`;
    assert.deepEqual(
      received.map(({ method, path }) => `${method} ${path}`),
      [`POST ${place}`],
    );
    assert.deepEqual(credentials(received[0]!), carries);
  });
}

test("headers and query of one's own go out with every request, the model list too", async (t) => {
  const { origin, received } = await startServer(t, { "/v1/models?org=a%26b": { data: [] } });
  const headers = { "OpenAI-Organization": "org-1", "User-Agent": "mine", authorization: "Basic x" };
  const upstream = upstreamOf(t, { kind: "openai", url: `${origin}/v1`, headers, query: { org: "a&b" } });
  await send(upstream, "/chat/completions", { "openai-organization": "the client's", authorization: "Bearer client" });
  await upstream.listModels(abort);
  for (const { headers: sent } of received) {
    assert.equal(sent["openai-organization"], "org-1");
    assert.equal(sent["user-agent"], "mine");
    assert.equal(sent.authorization, "Basic x");
  }
  assert.deepEqual(
    received.map(({ path }) => path),
    ["/v1/chat/completions?org=a%26b", "/v1/models?org=a%26b"],
  );
});

test("a query of one's own follows one that the path has", async (t) => {
  const { origin, received } = await startServer(t);
  const upstream = upstreamOf(t, { kind: "gemini", url: `${origin}/v1beta`, query: { quotaUser: "me" } });
  await send(upstream, "/models/m:streamGenerateContent?alt=sse");
  assert.equal(received[0]?.path, "/v1beta/models/m:streamGenerateContent?alt=sse&quotaUser=me");
});

const CALLS = { supportedGenerationMethods: ["generateContent", "countTokens"] };
const EMBEDS = { supportedGenerationMethods: ["embedContent"] };

for (const [what, options, pages, models] of [
  [
    "openai",
    { kind: "openai", root: "/v1" },
    { "/v1/models": { data: [{ id: "a" }, { id: "models/b" }, {}] } },
    ["a", "models/b"],
  ],
  ["vllm", { kind: "vllm", root: "/v1" }, { "/v1/models": { data: [{ id: "a/b" }] } }, ["a/b"]],
  [
    "gemini, of all pages what generates",
    { kind: "gemini", root: "/v1beta" },
    {
      "/v1beta/models?pageSize=1000": {
        models: [{ name: "models/a", ...CALLS }, { name: "models/e", ...EMBEDS }, { name: "models/f" }],
        nextPageToken: "p/2",
      },
      "/v1beta/models?pageSize=1000&pageToken=p%2F2": { models: [{ name: "models/b/c", ...CALLS }] },
    },
    ["a", "b/c"],
  ],
  [
    "gemini's compatible API",
    { kind: "gemini", root: "/v1beta/openai" },
    { "/v1beta/openai/models": { data: [{ id: "models/a" }] } },
    ["a"],
  ],
  [
    "anthropic, all pages",
    { kind: "anthropic", root: "/v1" },
    {
      "/v1/models?limit=1000": { data: [{ id: "a" }], has_more: true, last_id: "a" },
      "/v1/models?limit=1000&after_id=a": { data: [{ id: "b" }], has_more: false, last_id: "b" },
    },
    ["a", "b"],
  ],
  [
    "azure, which does not list deployments",
    { kind: "azure", root: "" },
    { "/openai/v1/models": { data: [{ id: "gpt" }] } },
    undefined,
  ],
  [
    "azure with a dated version",
    { kind: "azure", root: "", query: { "api-version": "2025-01-01-preview" } },
    { "/openai/models?api-version=2025-01-01-preview": { data: [] } },
    undefined,
  ],
] as const) {
  test(`${what}: lists models by the names it is asked with`, async (t) => {
    const { origin, received } = await startServer(t, pages);
    const { root, ...rest } = options;
    const upstream = upstreamOf(t, { ...rest, url: `${origin}${root}`, key: "k" });
    assert.deepEqual(
      (await upstream.listModels(abort))?.map(({ id }) => id),
      models,
    );
    assert.ok(received.every(({ path }) => !path.includes("key")));
  });
}

test("a list tells of context, longest reply and adapters where the server does", async (t) => {
  const page = {
    data: [
      { id: "org/base", owned_by: "vllm", parent: null, max_model_len: 32_768 },
      { id: "sql", owned_by: "vllm", parent: "org/base", max_model_len: null },
      { id: "other", context_length: 8192, max_completion_tokens: -1 },
    ],
  };
  const { origin } = await startServer(t, { "/models": page });
  assert.deepEqual(await upstreamOf(t, { kind: "openai", url: origin }).listModels(abort), [
    { id: "org/base", context: 32_768, owner: "vllm" },
    { id: "sql", base: "org/base", owner: "vllm" },
    { id: "other", context: 8192 },
  ]);
});

test("a list whose pages never end ends", async (t) => {
  const page = (token: number) => ({ models: [], nextPageToken: String(token) });
  const pages = Object.fromEntries(
    Array.from({ length: 50 }, (_, at) => [`/models?pageSize=1000${at === 0 ? "" : `&pageToken=${at}`}`, page(at + 1)]),
  );
  const { origin, received } = await startServer(t, pages);
  assert.deepEqual(await upstreamOf(t, { kind: "gemini", url: origin }).listModels(abort), []);
  assert.equal(received.length, 10);
});

const isFailure = (result: UpstreamFailure["result"], status?: number) => (error: unknown) =>
  error instanceof UpstreamFailure && error.result === result && error.status === status;

for (const kind of ["openai", "vllm", "gemini", "anthropic", "azure"] as const) {
  test(`${kind}: a list that cannot be had is a typed failure`, async (t) => {
    const { origin, server } = await startServer(t);
    const upstream = upstreamOf(t, { kind, url: origin });
    await assert.rejects(upstream.listModels(abort), isFailure("upstream_error", 404));
    server.close();
    server.closeAllConnections();
    await assert.rejects(upstream.listModels(abort), isFailure("connect_failed"));
    await assert.rejects(upstream.listModels(AbortSignal.abort()), isFailure("client_gone"));
  });
}

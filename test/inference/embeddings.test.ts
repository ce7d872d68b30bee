import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import type { EncoderFault } from "../../src/inference/encoder.ts";
import { PATIENT_MS, startEncoder } from "./rig.ts";

interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}

/** An embeddings endpoint; `answer` says what it replies, by default a vector made of the input's length. */
async function endpoint(
  t: TestContext,
  answer: (input: string) => { status?: number; body?: string; delayMs?: number } = () => ({}),
): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const body = JSON.parse(await text(request)) as Record<string, unknown>;
    asked.push({ path: request.url!, headers: request.headers, body });
    const input = body["input"] as string;
    const embedding = [input.length, 0, 4];
    const usage = { prompt_tokens: 7 };
    const { status = 200, delayMs = 0, body: reply = JSON.stringify({ data: [{ embedding }], usage }) } = answer(input);
    setTimeout(() => response.writeHead(status).end(reply), delayMs);
  };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, asked };
}

const source = (url: string, more: { key?: string; dimensions?: number } = {}) => ({
  embeddings: { url, model: "embedder", ...more },
});

test("an endpoint's embedding is the text's vector, at unit length, and there are no heads", async (t) => {
  const { url, asked } = await endpoint(t);
  const { encoder } = await startEncoder(t, source(`${url}/`, { key: "secret", dimensions: 3 }));
  assert.deepEqual([encoder.version, encoder.hasFullStage, encoder.labels], ["embeddings:embedder:3", false, {}]);
  const { stage, vector, features, heads, tokens, cut } = await encoder.encode("abc", PATIENT_MS);
  assert.deepEqual(
    [stage, [...vector].map((value) => Math.fround(value)), heads],
    ["static", [0.6, 0, 0.8].map(Math.fround), {}],
  );
  assert.deepEqual([[...features], tokens, cut], [[...vector], 7, false]);
  assert.equal(asked[0]!.path, "/v1/embeddings");
  assert.equal(asked[0]!.headers.authorization, "Bearer secret");
  assert.deepEqual(asked[0]!.body, { model: "embedder", input: "abc", encoding_format: "float", dimensions: 3 });
  await assert.rejects(encoder.refine("abc", PATIENT_MS), { fault: "model" });
});

test("a text that comes again costs no call, and one that means nothing costs none either", async (t) => {
  const { url, asked } = await endpoint(t);
  const { encoder } = await startEncoder(t, source(url));
  const first = await encoder.encode("abc", PATIENT_MS);
  assert.deepEqual(await encoder.encode("abc", PATIENT_MS), first);
  assert.deepEqual([...(await encoder.encode("  ", PATIENT_MS)).vector], [0, 0, 0]);
  assert.equal(asked.length, 1);
});

test("a long text is cut, lone surrogates are made whole", async (t) => {
  const { url, asked } = await endpoint(t);
  const { encoder } = await startEncoder(t, source(url));
  assert.equal((await encoder.encode("x".repeat(200_000), PATIENT_MS)).cut, true);
  assert.equal((asked[0]!.body["input"] as string).length, 16_384);
  await encoder.encode("a\ud800", PATIENT_MS);
  assert.equal(asked[1]!.body["input"], "a\ufffd");
});

const ANSWERS: Readonly<Record<string, readonly [reply: { status?: number; body?: string }, fault: EncoderFault]>> = {
  "an error": [{ status: 500, body: "the prompt was: abc" }, "worker"],
  "that it has too much to do": [{ status: 429, body: "{}" }, "overloaded"],
  "no JSON": [{ body: "<html>" }, "worker"],
  "no embedding": [{ body: '{"data":[]}' }, "worker"],
  "numbers that are none": [{ body: '{"data":[{"embedding":[1,null]}]}' }, "worker"],
  "other dimensions than asked for": [{ body: '{"data":[{"embedding":[1,2]}]}' }, "worker"],
  "a redirect": [{ status: 302 }, "worker"],
  "without end": [{ body: " ".repeat(5_000_000) }, "worker"],
};

for (const [what, [reply, fault]] of Object.entries(ANSWERS)) {
  test(`an endpoint that answers ${what} is a fault of kind ${fault}, told without the text`, async (t) => {
    const { url } = await endpoint(t, () => reply);
    const { encoder } = await startEncoder(t, source(url, { dimensions: 3 }));
    await assert.rejects(
      async () => encoder.encode("abc", PATIENT_MS),
      (error: Error & { fault?: string }) => error.fault === fault && !error.message.includes("abc"),
    );
  });
}

test("an endpoint that is slow, away or asked too much at once is told as such", async (t) => {
  const { url } = await endpoint(t, (input) => ({ delayMs: input === "slow" ? 5000 : 50 }));
  const { encoder } = await startEncoder(t, source(url), { queue: 4 });
  await assert.rejects(async () => encoder.encode("slow", 30), { fault: "deadline" });
  const texts = Array.from({ length: 6 }, (_, index) => Promise.resolve(encoder.encode(`text ${index}`, PATIENT_MS)));
  const outcomes = await Promise.allSettled(texts);
  assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 4);
  const refused = outcomes.filter((outcome) => outcome.status === "rejected");
  assert.ok(refused.every(({ reason }) => (reason as { fault: string }).fault === "overloaded"));
  const away = await startEncoder(t, source("http://127.0.0.1:9/v1"));
  await assert.rejects(async () => away.encoder.encode("abc", PATIENT_MS), { fault: "worker" });
});

test("closing calls off what the endpoint was asked", async (t) => {
  const { url } = await endpoint(t, () => ({ delayMs: 5000 }));
  const { encoder } = await startEncoder(t, source(url));
  const reading = assert.rejects(async () => encoder.encode("abc", PATIENT_MS), { fault: "cancelled" });
  await new Promise((resolve) => setTimeout(resolve, 20));
  await encoder.close();
  await reading;
  await assert.rejects(async () => encoder.encode("abc", PATIENT_MS), { fault: "cancelled" });
});

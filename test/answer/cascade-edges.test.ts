import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { chunk, startRaw } from "./continuing.ts";
import { GOOD, REFUSAL, says, start, USAGE } from "./cascading.ts";

const DOUBTFUL = `${GOOD} I'm not sure.`;
const THREE = "{ models: [one, two, three], gates: [{ kind: heuristics }] }";
const vllm = (text: string) => ({ kind: "vllm", says: says(text) }) as const;

/** A vLLM of our own. */
async function startServer(t: TestContext, reply: (body: Record<string, unknown>, response: ServerResponse) => void) {
  const server = createServer((request, response) => {
    void request.toArray().then((bytes) => {
      reply(JSON.parse(Buffer.concat(bytes).toString()) as Record<string, unknown>, response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { kind: "vllm", url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` };
}

test("an answer with an event too long to be read is passed over, and its try ends", async (t) => {
  const lines = "\\n".repeat(100_000);
  const server = await startRaw(t, (response) => {
    for (let at = 0; at < 21; at++) response.write(chunk("@").replace("@", lines));
    response.end("data: [DONE]\n\n");
  });
  const { ask, results } = await start(
    t,
    [server, vllm(GOOD)],
    "{ models: [one, two], gates: [{ kind: heuristics }] }",
  );
  assert.equal((await ask("openai-responses", true)).text, GOOD);
  assert.deepEqual(results(), ["one/m cut", "two/m ok"]);
});

for (const stream of [false, true])
  test(`a model that refuses the request does not take away the answer at hand${stream ? ", streamed" : ""}`, async (t) => {
    const refusing = await startServer(t, (_, response) => {
      response.writeHead(400, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { message: "temperature must be 1", type: "invalid_request_error" } }));
    });
    const { ask, results, record } = await start(t, [vllm(DOUBTFUL), refusing, vllm(GOOD)], THREE);
    const { text } = await ask("openai-chat", stream);
    assert.equal(text, DOUBTFUL);
    assert.deepEqual(results(), ["one/m ok", "two/m refused"]);
    assert.deepEqual([record().status, record().cascade!.answered], [200, "one"]);
  });

test("who refuses a request is heard, and what was answered beside it was for nobody", async (t) => {
  const refusing = await startServer(t, (_, response) => {
    setTimeout(() => {
      response.writeHead(400, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { message: "temperature must be 1", type: "invalid_request_error" } }));
    }, 50);
  });
  const { post, results, record } = await start(
    t,
    [refusing, vllm(GOOD), vllm(GOOD)],
    "{ models: [one, three], gates: [{ kind: agreement, model: two }] }",
  );
  assert.equal((await post("openai-chat", false)).status, 400);
  assert.deepEqual(results(), ["two/m ok -", "one/m refused"]);
  assert.equal(record().usage, undefined);
});

test("a server that knows no probabilities is passed over: the client asked for none", async (t) => {
  const strict = await startServer(t, (body, response) => {
    response.writeHead("logprobs" in body ? 400 : 200, { "content-type": "application/json" });
    response.end(
      JSON.stringify({ error: { message: "logprobs are not for this model", type: "invalid_request_error" } }),
    );
  });
  const { ask, results } = await start(t, [strict, vllm(GOOD)], "{ models: [one, two], gates: [{ kind: logprobs }] }");
  assert.equal((await ask("openai-chat", false)).text, GOOD);
  assert.deepEqual(results(), ["one/m refused", "two/m ok"]);
});

test("the usage is that of the answer that was given out, whatever was billed after it", async (t) => {
  const breaking = () =>
    startRaw(t, (response) => {
      response.write(chunk("Swifts sleep on and on and on and on"));
      setTimeout(() => response.destroy(), 30);
    });
  const silent = await startRaw(t, (response) => response.write(chunk("")));
  const { ask, results, record } = await start(t, [vllm(DOUBTFUL), await breaking(), silent], THREE);
  assert.equal((await ask("openai-chat", true)).text, DOUBTFUL);
  assert.deepEqual(results(), ["one/m ok", "two/m broken_stream", "three/m timeout"]);
  assert.deepEqual([record().usage!.inputTokens, record().usage!.outputTokens], [USAGE.input, USAGE.output]);
});

test("a call that is being written is no thought", async (t) => {
  const tools = [{ type: "function", name: "look", parameters: { type: "object" } }];
  const piece = (call: object, finish: string | null = null) =>
    `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", model: "x", choices: [{ index: 0, delta: { tool_calls: [{ index: 0, ...call }] }, finish_reason: finish }] })}\n\n`;
  const server = await startRaw(t, (response) => {
    response.write(piece({ id: "a", type: "function", function: { name: "look", arguments: '{"at":' } }));
    setTimeout(() => response.end(`${piece({ function: { arguments: '"x"}' } }, "tool_calls")}data: [DONE]\n\n`), 400);
  });
  for (const door of ["openai-responses", "anthropic-messages"] as const) {
    const { ask, results } = await start(
      t,
      [server, vllm(GOOD)],
      "{ models: [one, two], gates: [{ kind: heuristics }], reasoning: { deadline_ms: 150 } }",
    );
    await ask(door, true, {
      tools: door === "openai-responses" ? tools : [{ name: "look", input_schema: { type: "object" } }],
    });
    assert.deepEqual(results(), ["one/m ok"], door);
  }
});

test("who leaves while an answer is judged is asked for nothing more", async (t) => {
  const judge = await startRaw(t, () => undefined);
  const { post, record, results, fakes } = await start(
    t,
    [vllm(GOOD), judge, vllm("not asked")],
    "{ models: [one, three], gates: [{ kind: verifier, model: two }] }",
  );
  const gone = new AbortController();
  const asked = post("openai-chat", true, {}, { signal: gone.signal });
  await judge.begun;
  gone.abort();
  await assert.rejects(asked);
  await judge.closed;
  while (record() === undefined) await sleep(5);
  assert.deepEqual(results(), ["one/m ok -", "three/m client_gone"]);
  assert.equal(record().error, "client_gone");
  assert.equal(fakes[1]!.requests.length, 0);
});

test("who leaves after the release is billed for what was said", async (t) => {
  const server = await startRaw(t, (response) =>
    response.write(chunk("Swifts sleep on the wing, and land to breed alone.")),
  );
  const { post, record, results } = await start(
    t,
    [server, vllm("not asked")],
    "{ models: [one, two], gates: [{ kind: heuristics }], mode: hold, max_tokens: 4 }",
  );
  const gone = new AbortController();
  const reply = await post("openai-chat", true, {}, { signal: gone.signal });
  await reply.body!.getReader().read();
  gone.abort();
  await server.closed;
  while (record() === undefined) await sleep(5);
  assert.deepEqual(results(), ["one/m client_gone"]);
  assert.ok(record().usage!.outputTokens > 0);
});

test("thoughts alone, nothing at all and a filter in the middle are no answers", async (t) => {
  const event = (delta: object, finish: string | null = null) =>
    `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", model: "x", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const scripts = [
    event({ reasoning_content: "Hm." }) + event({}, "stop"),
    event({ role: "assistant" }) + event({}, "stop"),
    event({ content: "Swifts" }) + event({}, "content_filter"),
    `${event({ content: "Swifts" })}data: {"error":{"message":"boom","type":"server_error"}}\n\n`,
  ];
  for (const mode of ["buffer", "hold"])
    for (const script of scripts)
      for (const door of ["openai-chat", "anthropic-messages", "openai-responses"] as const) {
        const server = await startRaw(t, (response) => response.end(`${script}data: [DONE]\n\n`));
        const { ask, record } = await start(
          t,
          [server, vllm(GOOD)],
          `{ models: [one, two], gates: [{ kind: heuristics }], mode: ${mode} }`,
        );
        const heard = await ask(door, true);
        assert.equal(heard.text, GOOD, `${door} ${mode} ${script}`);
        assert.ok(!heard.raw.includes("Hm.") && !heard.raw.includes("boom"));
        assert.equal(record().usage!.outputTokens, USAGE.output);
      }
});

test("the next model is shown the best answer so far, also where it is not the last", async (t) => {
  const { ask, fakes } = await start(
    t,
    [vllm(REFUSAL), vllm(DOUBTFUL), vllm(GOOD)],
    "{ models: [one, two, three], gates: [{ kind: heuristics }], continue: true }",
  );
  assert.equal((await ask("openai-chat", false)).text, GOOD);
  const shown = fakes.map(({ requests }) => (requests[0]!.json as { messages: { content: string }[] }).messages);
  assert.deepEqual([shown[0]!.length, shown[1]![1]!.content, shown[2]![1]!.content], [1, REFUSAL, DOUBTFUL]);
});

test("with hold-back too, what began is given out where nobody else may be asked any more", async (t) => {
  const slow = await startRaw(t, (response) => {
    setTimeout(() => response.write(chunk(`${REFUSAL} And `)), 60);
    setTimeout(() => response.end(`${chunk("so on.")}data: [DONE]\n\n`), 120);
  });
  const { ask, results } = await start(
    t,
    [slow, vllm("not asked")],
    "{ models: [one, two], gates: [{ kind: heuristics }], mode: hold, max_tokens: 8, deadline_ms: 30 }",
  );
  assert.equal((await ask("openai-chat", true)).text, `${REFUSAL} And so on.`);
  assert.deepEqual(results(), ["one/m ok"]);
});

test("a request that nobody answered is told as one of the cascade's, whatever its books hold", async (t) => {
  const failing = { kind: "vllm", says: { error: "server_error" } } as const;
  const { post, record } = await start(t, [failing, failing], "{ models: [one, two], gates: [{ kind: heuristics }] }");
  assert.equal((await post("openai-chat", false)).status, 502);
  assert.deepEqual([record().cascade!.answered, record().cascade!.books.verdict], [undefined, "not_known_yet"]);
});

test("an answer that a later request goes on from binds it to who gave it, judged or not", async (t) => {
  const { ask, post, results } = await start(
    t,
    [
      { kind: "openai", says: says(GOOD) },
      { kind: "openai", says: says("The answer is 17.") },
    ],
    "{ models: [one, two], gates: [{ kind: heuristics }], when: always }",
    "rules: [{ name: second, when: { metadata: { to: two } }, then: { model: two } }]",
  );
  for (const [metadata, text, result] of [
    [{}, GOOD, "one/m ok"],
    [{ to: "two" }, "The answer is 17.", "two/m ok"],
  ] as const) {
    const { id } = (await (await post("openai-responses", false, { metadata })).json()) as { id: string };
    assert.equal((await ask("openai-responses", true, { previous_response_id: id })).text, text);
    assert.deepEqual(results(), [result]);
  }
});

test("an answer that broke off and went on elsewhere is billed whole, once", async (t) => {
  const breaking = await startRaw(t, (response) => {
    response.write(chunk("Swifts sleep"));
    setTimeout(() => response.destroy(), 30);
  });
  const { ask, results, record } = await start(
    t,
    [vllm(REFUSAL), breaking, vllm(" on the wing.")],
    "{ models: [one, two], gates: [{ kind: heuristics }] }, continue: true",
  );
  assert.equal((await ask("openai-chat", true)).text, "Swifts sleep on the wing.");
  assert.deepEqual(results(), ["one/m ok -", "two/m broken_stream", "three/m ok"]);
  const { usage, attempts, costUsd } = record();
  assert.equal(usage!.inputTokens, attempts[1]!.usage!.inputTokens + attempts[2]!.usage!.inputTokens);
  assert.ok(Math.abs(costUsd! - attempts.reduce((sum, attempt) => sum + attempt.costUsd!, 0)) < 1e-12);
});

test("a budget holds what the models cost that answers are compared with", async (t) => {
  const going = Promise.withResolvers<void>();
  const slow = await startRaw(t, (response) => {
    void going.promise.then(() => response.end(`${chunk(GOOD)}data: [DONE]\n\n`));
  });
  const { post } = await start(
    t,
    [slow, vllm(GOOD), vllm(GOOD)],
    "{ models: [one, two], gates: [{ kind: agreement, model: three }] }",
    'budgets: { "*": { usd: 0.02, per: day } }',
  );
  const first = post("openai-chat", true);
  await slow.begun;
  const second = await post("openai-chat", true);
  going.resolve();
  assert.deepEqual([second.status, (await first).status], [429, 200]);
});

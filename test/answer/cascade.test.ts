import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Door } from "../fakes/apis/asks.ts";
import type { ApiKind } from "../fakes/apis/server.ts";
import { chunk, startRaw } from "./continuing.ts";
import { GOOD, REFUSAL, says, start, USAGE } from "./cascading.ts";

const DOORS: readonly Door[] = ["openai-chat", "anthropic-messages", "openai-responses"];
const KINDS: readonly ApiKind[] = ["vllm", "anthropic", "gemini", "openai"];
const HEURISTICS = "{ models: [one, two], gates: [{ kind: heuristics }] }";
const HELD = "{ models: [one, two], gates: [{ kind: heuristics }], mode: hold, max_tokens: 8 }";

for (const door of DOORS)
  for (const stream of [false, true])
    for (const [at, kind] of KINDS.entries()) {
      const strong = KINDS[(at + 1) % KINDS.length]!;
      const how = `${door}${stream ? ", streamed" : ""}`;
      test(`${how}: an answer of ${kind} that passes is given out, and nobody else is asked`, async (t) => {
        const { ask, results, record, fakes } = await start(
          t,
          [
            { kind, says: says(GOOD) },
            { kind: strong, says: says("not asked") },
          ],
          HEURISTICS,
        );
        const heard = await ask(door, stream);
        assert.equal(heard.text, GOOD);
        assert.equal(heard.model, "one");
        assert.deepEqual(results(), ["one/m ok"]);
        assert.equal(fakes[1]!.requests.length, 0);
        assert.deepEqual(
          record().cascade!.verdicts.map(({ model, passes, gate }) => [model, passes, gate]),
          [["one", true, "heuristics"]],
        );
        assert.deepEqual([record().cascade!.answered, record().cascade!.escalated], ["one", false]);
      });

      test(`${how}: what ${kind} refuses is asked of ${strong}, and the client sees one answer and one usage`, async (t) => {
        const { ask, results, record, fakes } = await start(
          t,
          [
            { kind, says: says(REFUSAL) },
            { kind: strong, says: says(GOOD) },
          ],
          HEURISTICS,
        );
        const heard = await ask(door, stream);
        assert.equal(heard.text, GOOD);
        assert.equal(heard.model, "two");
        assert.ok(!heard.raw.includes("sorry"), "not a byte of the rejected answer leaves");
        assert.deepEqual([heard.usage!.input, heard.usage!.output], [USAGE.input, USAGE.output]);
        assert.deepEqual(results(), ["one/m ok -", "two/m ok"]);
        const { usage, costUsd, cascade } = record();
        assert.deepEqual([usage!.inputTokens, usage!.outputTokens], [USAGE.input, USAGE.output]);
        const one = (USAGE.input + USAGE.output) / 1e6;
        assert.ok(Math.abs(costUsd! - 11 * one) < 1e-12, `the bill has both: ${costUsd}`);
        if (!stream) assert.equal(heard.headers.get("x-signalbox-cost-usd"), (11 * one).toFixed(8));
        assert.deepEqual(
          [cascade!.answered, cascade!.escalated, cascade!.verdicts[0]!.says],
          ["two", true, "it refuses"],
        );
        for (const fake of fakes) assert.deepEqual(fake.violations, []);
      });
    }

for (const door of DOORS)
  test(`${door}: with hold-back the text flows once its beginning has passed`, async (t) => {
    const gate = Promise.withResolvers<void>();
    const server = await startRaw(t, (response) => {
      for (const piece of ["Swifts sleep ", "on the wing, ", "each for some "]) response.write(chunk(piece));
      void gate.promise.then(() => response.end(`${chunk("minutes.")}data: [DONE]\n\n`));
    });
    const { post, record } = await start(t, [server, { kind: "vllm", says: says("not asked") }], HELD);
    const reply = await post(door, true);
    const reader = reply.body!.getReader();
    let text = "";
    while (!text.includes("each for some")) text += Buffer.from((await reader.read()).value!).toString();
    gate.resolve();
    for (let next = await reader.read(); !next.done; next = await reader.read())
      text += Buffer.from(next.value).toString();
    assert.match(text, /minutes/u);
    while (record() === undefined) await sleep(5);
    assert.equal(record().cascade!.answered, "one");
  });

test("with hold-back a beginning that does not pass is ended at once, and its server stops", async (t) => {
  const server = await startRaw(t, (response) => response.write(chunk(`${REFUSAL} And so on`)));
  const { ask, results } = await start(t, [server, { kind: "vllm", says: says(GOOD) }], HELD);
  const heard = await ask("openai-chat", true);
  assert.equal(heard.text, GOOD);
  assert.ok(!heard.raw.includes("sorry"));
  await server.closed;
  assert.deepEqual(results(), ["one/m cut", "two/m ok"]);
});

test("a model that fails, hangs or breaks off is passed over, also in the middle of its stream", async (t) => {
  const broken = await startRaw(t, (response) => {
    response.write(chunk("Swifts sleep on"));
    setTimeout(() => response.destroy(), 50);
  });
  const { ask, results } = await start(
    t,
    [{ kind: "vllm", says: { error: "server_error" } }, broken, { kind: "vllm", says: says(GOOD) }],
    "{ models: [one, two, three], gates: [{ kind: heuristics }] }",
  );
  const heard = await ask("openai-chat", true);
  assert.equal(heard.text, GOOD);
  assert.deepEqual(results(), ["one/m upstream_error", "two/m broken_stream", "three/m ok"]);
});

for (const stream of [false, true])
  test(`where the last model fails, the best answer at hand is given out${stream ? ", streamed" : ""}`, async (t) => {
    const { ask, results, record } = await start(
      t,
      [
        { kind: "vllm", says: says(`${GOOD} I'm not sure.`) },
        { kind: "vllm", says: says(REFUSAL) },
        { kind: "vllm", says: { error: "server_error" } },
      ],
      "{ models: [one, two, three], gates: [{ kind: heuristics }] }",
    );
    const heard = await ask("openai-chat", stream);
    assert.equal(heard.text, `${GOOD} I'm not sure.`);
    assert.deepEqual(results(), ["one/m ok", "two/m ok -", "three/m upstream_error"]);
    assert.deepEqual([record().status, record().cascade!.answered], [200, "one"]);
    assert.equal(record().usage!.outputTokens, USAGE.output);
  });

test("money and time that are left bound whom else is asked", async (t) => {
  const servers = [
    { kind: "vllm", says: says(REFUSAL) },
    { kind: "vllm", says: says(GOOD) },
  ] as const;
  const poor = await start(t, servers, "{ models: [one, two], gates: [{ kind: heuristics }], usd: 0.0002 }");
  assert.equal((await poor.ask("openai-chat", false)).text, REFUSAL);
  assert.deepEqual(poor.results(), ["one/m ok"]);
  const slow = await startRaw(t, (response) => setTimeout(() => response.end(`${chunk(REFUSAL)}data: [DONE]\n\n`), 60));
  const late = await start(
    t,
    [slow, servers[1]],
    "{ models: [one, two], gates: [{ kind: heuristics }], deadline_ms: 30 }",
  );
  assert.equal((await late.ask("openai-chat", true)).text, REFUSAL);
  assert.deepEqual(late.results(), ["one/m ok"]);
});

test("thoughts beyond their budget are cut off before a word is sent", async (t) => {
  const thought = (text: string) =>
    `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", model: "x", choices: [{ index: 0, delta: { reasoning_content: text } }] })}\n\n`;
  const endless = await startRaw(t, (response) => {
    const more = setInterval(() => response.write(thought("and then again ")), 5);
    response.once("close", () => clearInterval(more));
  });
  const stuck = await startRaw(t, (response) => response.write(thought("Hm.")));
  const { ask, results } = await start(
    t,
    [endless, stuck, { kind: "vllm", says: says(GOOD) }],
    "{ models: [one, two, three], gates: [{ kind: heuristics }], reasoning: { max_tokens: 20, deadline_ms: 300 } }",
  );
  assert.equal((await ask("openai-chat", true)).text, GOOD);
  assert.deepEqual(results(), ["one/m cut", "two/m cut", "three/m ok"]);
  await Promise.all([endless.closed, stuck.closed]);
});

test("a second cheap model that comes to the same lets the first one's answer pass; one that does not, not", async (t) => {
  const cascade = "{ models: [one, three], gates: [{ kind: heuristics }, { kind: agreement, model: two }] }";
  for (const [second, text, results] of [
    [says("I counted: the answer is 42."), GOOD, ["one/m ok", "two/m ok -"]],
    [says("The answer is 17."), "The answer is 42 indeed.", ["one/m ok -", "three/m ok", "two/m ok -"]],
  ] as const) {
    const set = await start(
      t,
      [
        { kind: "vllm", says: says(GOOD) },
        { kind: "anthropic", says: second },
        { kind: "openai", says: says("The answer is 42 indeed.") },
      ],
      cascade,
    );
    assert.equal((await set.ask("openai-chat", false)).text, text);
    assert.deepEqual(set.results().toSorted(), results);
  }
});

test("a verifier judges by the rubric, its cost is booked, and one that cannot be asked lets nothing pass", async (t) => {
  const judge = (score: number) => (request: { json: unknown }) => {
    const mark = /"mark":"([^"]+)"/u.exec(JSON.stringify(request.json).replaceAll('\\"', '"'))![1];
    return says(`{"mark":"${mark}","score":${score}}`);
  };
  const cascade = "{ models: [one, three], gates: [{ kind: verifier, model: two, text: it names a bird }] }";
  const strong = { kind: "vllm", says: says("from three") } as const;
  const first = { kind: "vllm", says: says(GOOD) } as const;
  const pleased = await start(t, [first, { kind: "vllm", says: judge(9) }, strong], cascade);
  assert.equal((await pleased.ask("openai-chat", false)).text, GOOD);
  assert.deepEqual(
    pleased.record().asked!.map(({ purpose, model, result }) => [purpose, model, result]),
    [["gate", "two", "ok"]],
  );
  assert.ok(Math.abs(pleased.record().costUsd! - 11 * 150e-6) < 1e-9, "both are paid for");
  const displeased = await start(t, [first, { kind: "vllm", says: judge(3) }, strong], cascade);
  assert.equal((await displeased.ask("openai-chat", false)).text, "from three");
  const absent = await start(t, [first, { kind: "vllm", says: { error: "server_error" } }, strong], cascade);
  assert.equal((await absent.ask("openai-chat", false)).text, "from three");
});

test("probabilities that a gate needs are asked for, and the client who did not ask for them sees none", async (t) => {
  const bodies: Record<string, unknown>[] = [];
  const sure = (logprob: number) => ({
    content: [{ token: "42", logprob, bytes: null, top_logprobs: [] }],
    refusal: null,
  });
  const server = await startRawJson(t, bodies, sure);
  const { ask, results } = await start(
    t,
    [server, { kind: "vllm", says: says(GOOD) }],
    "{ models: [one, two], gates: [{ kind: logprobs, threshold: 0.5 }] }",
  );
  for (const stream of [false, true]) {
    const heard = await ask("openai-chat", stream);
    assert.equal(heard.text, "It is 42.");
    assert.ok(!heard.raw.includes('logprob"'), "their values stay inside");
    assert.equal(bodies.at(-1)!["logprobs"], true);
    assert.deepEqual(results(), ["one/m ok"]);
  }
  const asked = await ask("openai-chat", false, { logprobs: true, top_logprobs: 2 });
  assert.match(asked.raw, /"logprob":-0\.01/u);
});

test("the next model is shown the answer that did not pass, where the route wants that", async (t) => {
  for (const door of DOORS) {
    const { ask, fakes } = await start(
      t,
      [
        { kind: "vllm", says: says(REFUSAL) },
        { kind: "vllm", says: says(GOOD) },
      ],
      "{ models: [one, two], gates: [{ kind: heuristics }], continue: true }",
    );
    assert.equal((await ask(door, false)).text, GOOD);
    const { messages } = fakes[1]!.requests[0]!.json as { messages: { role: string; content: unknown }[] };
    assert.deepEqual(
      messages.map(({ role }) => role),
      ["user", "assistant", "user"],
    );
    assert.match(JSON.stringify(messages[1]!.content), /sorry/u);
    assert.deepEqual(fakes[1]!.violations, []);
  }
});

test("who leaves stops every running attempt, and what it used is billed once", async (t) => {
  const one = await startRaw(t, (response) => response.write(chunk("Swifts sleep on")));
  const two = await startRaw(t, (response) => response.write(chunk("Swifts sleep on")));
  const { post, record, results } = await start(
    t,
    [one, two, { kind: "vllm", says: says("not asked") }],
    "{ models: [one, three], gates: [{ kind: heuristics }, { kind: agreement, model: two }] }",
  );
  const gone = new AbortController();
  const asked = post("openai-chat", true, {}, { signal: gone.signal });
  await Promise.all([one.begun, two.begun]);
  await sleep(30);
  gone.abort();
  await assert.rejects(asked);
  await Promise.all([one.closed, two.closed]);
  while (record() === undefined) await sleep(5);
  assert.deepEqual(results().toSorted(), ["one/m client_gone", "two/m client_gone"]);
});

test("a model asked for by name is not judged, nor one that a rule pins", async (t) => {
  const { ask, results, record } = await start(
    t,
    [
      { kind: "vllm", says: says(REFUSAL) },
      { kind: "vllm", says: says(GOOD) },
    ],
    HEURISTICS,
    "rules: [{ name: pin, when: { metadata: { pin: 'yes' } }, then: { model: one } }]",
  );
  assert.equal((await ask("openai-chat", false, { model: "one" })).text, REFUSAL);
  assert.deepEqual([results(), record().cascade], [["one/m ok"], undefined]);
  assert.equal((await ask("openai-chat", false, { metadata: { pin: "yes" } })).text, REFUSAL);
  assert.deepEqual([results(), record().cascade], [["one/m ok"], undefined]);
});

test("a cascade that loses money is told once, and switches itself off where it is told to", async (t) => {
  const { ask, house, results, record } = await start(
    t,
    [
      { kind: "vllm", says: says(REFUSAL, { usage: { ...USAGE, output: 5000 } }) },
      { kind: "vllm", says: says(GOOD) },
    ],
    "{ models: [one, two], gates: [{ kind: heuristics }], action: off }",
  );
  for (let at = 0; at < 60; at++) await ask("openai-chat", false);
  const told = house.events.filter((event) => event.kind === "cascade");
  assert.deepEqual(
    told.map(({ route, verdict }) => [route, verdict]),
    [["default", "loses"]],
  );
  assert.deepEqual(results(), ["two/m ok"]);
  assert.match(record().plan!.cascade!.off!, /costs more/u);
});

/** A vLLM whose answers tell how sure they are, whole and streamed. */
async function startRawJson(
  t: Parameters<typeof startRaw>[0],
  bodies: Record<string, unknown>[],
  sure: (logprob: number) => object,
) {
  const reply = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString()) as Record<string, unknown>;
    bodies.push(body);
    const told = body["logprobs"] === true ? sure(-0.01) : null;
    const common = { id: "c", created: 1, model: "m" };
    const usage = { prompt_tokens: 100, completion_tokens: 50, total_tokens: 150 };
    if (body["stream"] !== true) {
      const message = { role: "assistant", content: "It is 42." };
      response.setHeader("content-type", "application/json");
      const choices = [{ index: 0, message, logprobs: told, finish_reason: "stop" }];
      response.end(JSON.stringify({ ...common, object: "chat.completion", choices, usage }));
      return;
    }
    response.setHeader("content-type", "text/event-stream");
    const event = (choices: unknown[], more: object = {}) =>
      response.write(`data: ${JSON.stringify({ ...common, object: "chat.completion.chunk", choices, ...more })}\n\n`);
    event([{ index: 0, delta: { role: "assistant", content: "It is 42." }, logprobs: told, finish_reason: null }]);
    event([{ index: 0, delta: {}, logprobs: null, finish_reason: "stop" }]);
    event([], { usage });
    response.end("data: [DONE]\n\n");
  };
  const server = createServer((request, response) => void reply(request, response));
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  t.after(() => void server.close());
  return { kind: "vllm", url: `http://127.0.0.1:${(server.address() as { port: number }).port}/v1` };
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { anthropic } from "../fakes/apis/anthropic.ts";
import type { Api } from "../fakes/apis/api.ts";
import type { Door } from "../fakes/apis/asks.ts";
import { openaiChat } from "../fakes/apis/openai-chat.ts";
import { openaiResponses } from "../fakes/apis/openai-responses.ts";
import type { Answer, Break } from "../fakes/apis/script.ts";
import { type ApiKind, startFakeApi } from "../fakes/apis/server.ts";
import { fields } from "../matrix/json.ts";
import { chunk, clientOf, houseOf, rest, shownTo, start, startRaw, TEXT, whole, type Server } from "./continuing.ts";

const DOORS: readonly Door[] = ["openai-chat", "anthropic-messages", "openai-responses"];
const FINISHES: Readonly<Record<Door, string>> = {
  "openai-chat": "stop",
  "anthropic-messages": "end_turn",
  "openai-responses": "completed",
};

/** The first server of each API of a door, and of others. */
const FIRST: readonly ApiKind[] = ["openai", "vllm", "anthropic", "gemini"];
const BREAKS: readonly Break[] = ["server_error", "end", "cut"];

for (const door of DOORS)
  for (const [at, first] of FIRST.entries())
    for (const second of ["vllm", "anthropic"] as const) {
      const breaks = BREAKS[(at + DOORS.indexOf(door)) % BREAKS.length]!;
      test(`${door}: what ${first} left unsaid (${breaks}) is said by ${second}, as one answer`, async (t) => {
        const { ask, results, record, fakes } = await start(t, [
          { kind: first, says: { ...whole, breaks } },
          { kind: second, says: rest() },
        ]);
        const heard = await ask(door);
        assert.equal(heard.text, TEXT);
        assert.equal(heard.model, "one");
        assert.equal(heard.finish, FINISHES[door]);
        assert.deepEqual(results(), ["one/m broken_stream", "two/m ok on"]);
        assert.deepEqual(fakes[1]!.violations, []);
        const [broken, other] = record().attempts.map(({ usage }) => usage!);
        assert.equal(heard.usage!.input, broken!.inputTokens + 20);
        assert.equal(heard.usage!.output, broken!.outputTokens + 12);
        assert.deepEqual([other!.inputTokens, other!.outputTokens, other!.estimated], [20, 12, false]);
      });
    }

const FINISH = /"finish_reason":"stop"|"stop_reason":"end_turn"|"type":"response\.completed"/u;
const APIS: Readonly<Record<Door, readonly [kind: string, api: Api]>> = {
  "openai-chat": ["openai", openaiChat],
  "anthropic-messages": ["anthropic", anthropic],
  "openai-responses": ["openai", openaiResponses],
};

for (const door of DOORS)
  test(`${door}: wherever a stream of its own API breaks off, every word comes once and in order`, async (t) => {
    const [kind, api] = APIS[door];
    const body = door === "openai-chat" ? { stream_options: { include_usage: true } } : {};
    const events = api.stream(whole, { model: "m", stream: true, body, number: 1 });
    let sent = 0;
    const first = await startRaw(t, (response) => response.end(events.slice(0, sent).join("")));
    const other = await startFakeApi("vllm", { script: rest() });
    const house = await houseOf(
      [
        { kind, url: first.url },
        { kind: "vllm", url: other.url },
      ],
      "",
    );
    t.after(async () => {
      await house.stop();
      await other.close();
    });
    const { ask } = clientOf(house);
    // Once its finish is told an answer is whole, whatever else is missing.
    const finishes = events.findIndex((event) => FINISH.test(event));
    for (sent = 0; sent <= finishes; sent++) {
      const { text, finish } = await ask(door);
      assert.deepEqual([text, finish], [TEXT, FINISHES[door]], `after ${sent} of ${events.length} events`);
    }
    assert.deepEqual(other.violations, []);
    assert.ok(other.requests.length > events.length / 2);
  });

test("the words keep the id of the stream that they go on in", async (t) => {
  const { raw } = await start(t, [
    { kind: "openai", says: { ...whole, breaks: "cut" } },
    { kind: "vllm", says: rest() },
  ]);
  const text = await raw("openai-chat");
  assert.equal(new Set(text.match(/"id":"[^"]+"/gu)).size, 1);
  assert.equal(text.match(/"role":"assistant"/gu)!.length, 1);
});

test("it is done only where the route says so, and kinds that cannot go on are passed over", async (t) => {
  const servers: readonly Server[] = [
    { kind: "vllm", says: { ...whole, breaks: "end" } },
    { kind: "openai", says: rest() },
    { kind: "vllm", says: rest() },
  ];
  const silent = await start(t, servers, "routes: { default: { min_quality: 0 } }");
  assert.match(await silent.raw("openai-chat"), /"error"/u);
  assert.deepEqual(silent.results(), ["one/m broken_stream"]);
  const { ask, results } = await start(t, servers);
  assert.equal((await ask("openai-chat")).text, TEXT);
  assert.deepEqual(results(), ["one/m broken_stream", "three/m ok on"]);
});

test("what the new words repeat of the old ones is left out", async (t) => {
  const { ask } = await start(t, [
    { kind: "vllm", says: { ...whole, breaks: "cut" } },
    {
      kind: "vllm",
      says: (request) => {
        const shown = shownTo(request)!;
        return { ...whole, text: shown.slice(-40) + TEXT.slice(shown.length) };
      },
    },
  ]);
  assert.equal((await ask("openai-chat")).text, TEXT);
});

test("no server is shown white space at the end, and the client sees it once", async (t) => {
  const broken = await startRaw(t, (response) => response.end(chunk("One and two.\n\n")));
  let said = "";
  const other = await startFakeApi("anthropic", { script: () => ({ ...whole, text: said }) });
  const house = await houseOf([broken, { kind: "anthropic", url: other.url }], "");
  t.after(async () => {
    await house.stop();
    await other.close();
  });
  for (const door of DOORS)
    for (said of ["\n\nThree.", "Three.", "\nThree."])
      assert.equal((await clientOf(house).ask(door)).text, "One and two.\n\nThree.");
  assert.deepEqual(new Set(other.requests.map(shownTo)), new Set(["One and two."]));
  assert.deepEqual(other.violations, []);
});

test("a model that refuses to go on is followed by the next one, and that says nothing of its health", async (t) => {
  const { ask, results, house } = await start(
    t,
    [
      { kind: "openai", says: { ...whole, breaks: "server_error" } },
      { kind: "anthropic", says: rest(), model: "claude-opus-4-8" },
      { kind: "anthropic", says: rest(), model: "claude-sonnet-4-5" },
    ],
    "routes: { default: { continue: true } }\nbreaker: { minimum_requests: 1, percent: 1 }",
  );
  assert.equal((await ask("anthropic-messages")).text, TEXT);
  assert.deepEqual(results(), [
    "one/m broken_stream",
    "two/claude-opus-4-8 refused on",
    "three/claude-sonnet-4-5 ok on",
  ]);
  const opened = house.events.flatMap((event) =>
    event.kind === "breaker" && event.state === "open" ? [event.target] : [],
  );
  assert.deepEqual(opened, ["one/m"]);
});

test("a model that begins with its thoughts anew does not go on: the next one does", async (t) => {
  const { ask, results } = await start(t, [
    { kind: "openai", says: { ...whole, breaks: "cut" } },
    { kind: "vllm", says: rest({ thinking: { text: "Where was I?", signature: "c2VhbGVk" } }) },
    { kind: "vllm", says: rest() },
  ]);
  assert.equal((await ask("anthropic-messages")).text, TEXT);
  assert.deepEqual(results(), ["one/m broken_stream", "two/m upstream_error on", "three/m ok on"]);
});

test("what a filter stopped in the middle is not gone on with, and is no fault of the server's", async (t) => {
  const error = { error: { type: "invalid_request_error", message: "Output blocked by content filtering policy" } };
  const first = await startRaw(t, (response) => {
    response.write(chunk("Some words of it"));
    setTimeout(() => response.end(`data: ${JSON.stringify(error)}\n\n`), 100);
  });
  const house = await houseOf([first, first], "");
  t.after(() => house.stop());
  const { raw, results } = clientOf(house);
  assert.match(await raw("openai-chat"), /"error"/u);
  assert.deepEqual(results(), ["one/m refused"]);
});

test("the record adds up what the client was told, and the baseline reads the prompt once", async (t) => {
  const { ask, record } = await start(t, [
    { kind: "anthropic", says: { ...whole, breaks: "cut" } },
    { kind: "vllm", says: rest() },
  ]);
  const { usage } = await ask("openai-chat");
  const { usage: told, attempts, baselineUsd, costUsd } = record();
  assert.deepEqual([told!.inputTokens, told!.outputTokens], [usage!.input, usage!.output]);
  assert.equal(costUsd, attempts[0]!.costUsd! + attempts[1]!.costUsd!);
  const first = attempts[0]!.usage!;
  const uncached = first.inputTokens - first.cachedInputTokens;
  assert.ok(Math.abs(baselineUsd! - (uncached + 2 * told!.outputTokens + first.cachedInputTokens) / 1e6) < 1e-9);
});

test("what goes on may break off once, and the third time the client is told", async (t) => {
  const again = rest({ breaks: "end" });
  const third = await start(t, [
    { kind: "vllm", says: { ...whole, breaks: "cut" } },
    { kind: "anthropic", says: again },
    { kind: "vllm", says: rest() },
  ]);
  for (const door of DOORS) {
    const heard = await third.ask(door);
    assert.equal(heard.text, TEXT);
    const { attempts } = third.record();
    assert.deepEqual(third.results(), ["one/m broken_stream", "two/m broken_stream on", "three/m ok on"]);
    assert.equal(
      heard.usage!.output,
      attempts.reduce((sum, { usage }) => sum + usage!.outputTokens, 0),
    );
  }
  const { raw, results } = await start(t, [
    { kind: "vllm", says: { ...whole, breaks: "cut" } },
    { kind: "anthropic", says: again },
    { kind: "vllm", says: again },
    { kind: "vllm", says: rest() },
  ]);
  assert.match(await raw("openai-responses"), /event: error[^]*"type":"response\.failed"/u);
  assert.equal(results().length, 3);
});

test("an answer that calls a tool, or shows thoughts, or has a form, is not gone on with", async (t) => {
  const tools = [{ type: "function", function: { name: "look", parameters: { type: "object" } } }];
  const cases: readonly (readonly [Partial<Answer>, object])[] = [
    [{ text: "Let me.", tools: [{ id: "c1", name: "look", input: { at: TEXT } }], finish: "tool_calls" }, { tools }],
    [{ thinking: { text: "Hm.", signature: "c2VhbGVk" } }, {}],
    [{}, { response_format: { type: "json_schema", json_schema: { name: "s", schema: { type: "object" } } } }],
  ];
  for (const [more, asked] of cases) {
    const { raw, results, fakes } = await start(t, [
      { kind: "vllm", says: { ...whole, ...more, breaks: "end" } },
      { kind: "vllm", says: rest() },
    ]);
    assert.match(await raw("openai-chat", asked), /"error"/u);
    assert.equal(fakes[1]!.requests.length, 0);
    assert.equal(results()[0], "one/m broken_stream");
  }
});

test("the limit of the answer is less by what was said", async (t) => {
  const { ask, fakes } = await start(t, [
    { kind: "openai", says: { ...whole, breaks: "end" } },
    { kind: "vllm", says: rest() },
  ]);
  await ask("openai-chat", { max_tokens: 200 });
  const limit = fields(fakes[1]!.requests[0]!.json).max_tokens as number;
  assert.ok(limit > 150 && limit < 200, `${limit} of 200`);
});

test("silence between tokens is a break, and the total time of the tier holds for all of the answer", async (t) => {
  const hung = await startRaw(t, (response) => response.write(chunk("Some words of it")));
  const slow = await startRaw(t, (response) => {
    const timer = setInterval(() => response.write(chunk(" more")), 50);
    response.on("close", () => clearInterval(timer));
  });
  const house = await houseOf(
    [hung, slow],
    "routes: { default: { continue: true, timeouts: { between_tokens_ms: 1500, total_ms: 2000 } } }",
  );
  t.after(() => house.stop());
  const started = performance.now();
  const { raw, results } = clientOf(house);
  const text = await raw("openai-chat");
  assert.match(text, /Some words of it[^]* more[^]*"error"/u);
  assert.ok(performance.now() - started < 3000, "a total time of its own would end it after 3500 ms");
  assert.deepEqual(results(), ["one/m timeout", "two/m timeout on"]);
});

test("a client that leaves is left by the server that went on", async (t) => {
  const broken = await startRaw(t, (response) => response.end(chunk("Some words of it")));
  const other = await startRaw(t, (response) => response.write(chunk(" and more, which are other ones")));
  const house = await houseOf([broken, other], "");
  t.after(() => house.stop());
  const gone = new AbortController();
  const reply = await fetch(`${house.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "auto", messages: [{ role: "user", content: "hi" }], stream: true }),
    signal: gone.signal,
  });
  const reader = reply.body!.getReader();
  await reader.read();
  await other.begun;
  gone.abort();
  await other.closed;
  const { results } = clientOf(house);
  for (let tries = 0; tries < 100 && !house.events.some(({ kind }) => kind === "request"); tries++) await sleep(20);
  assert.deepEqual(results(), ["one/m broken_stream", "two/m client_gone on"]);
});

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { RequestRecord } from "../../src/events.ts";
import {
  BodyMode,
  connectGateway,
  responseBody,
  responseHeaders,
  sendThrough,
  type HeaderList,
  type Onward,
  type Passage,
} from "../fakes/ext-proc.ts";
import { startHouse, threeModels } from "../rig/house.ts";

const urls = { small: "http://127.0.0.1:1/v1", medium: "http://127.0.0.1:2/v1", large: "http://127.0.0.1:3/v1" };
const MODES = { BUFFERED: BodyMode.BUFFERED, FULL_DUPLEX_STREAMED: BodyMode.FULL_DUPLEX_STREAMED } as const;
const CACHE = "cache: { kind: memory, mode: exact }";
const SAID = "4,806 metres.";

const reply = (content: string, finish = "stop"): string =>
  JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: "small-v1",
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: finish }],
    usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 },
  });

const chunk = (delta: object, finish: string | null, more: object = {}): string =>
  `data: ${JSON.stringify({ id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "small-v1", choices: [{ index: 0, delta, finish_reason: finish }], ...more })}\n\n`;
const usage = { usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 } };
const spoken = (content: string): string =>
  `${chunk({ role: "assistant", content: content.slice(0, 3) }, null)}${chunk({ content: content.slice(3) }, null)}${chunk({}, "stop", usage)}data: [DONE]\n\n`;

interface Asking {
  readonly mode?: Passage["mode"];
  readonly stream?: boolean;
  readonly headers?: HeaderList;
  /** What the model server says to a request that goes on; undefined lets the stream end before. */
  readonly answer?: {
    readonly text: string;
    readonly status?: number;
    readonly isCut?: boolean;
    readonly type?: string;
  };
}

async function start(t: TestContext, more = "") {
  const house = await startHouse(threeModels(urls, `${CACHE}\n${more}`));
  const gateway = await connectGateway(house.url);
  t.after(async () => {
    await gateway.close();
    await house.stop();
  });
  const ask = async (text: string, asking: Asking = {}): Promise<{ onward: Onward; out: string }> => {
    const { mode = BodyMode.BUFFERED, stream = false, headers = [], answer } = asking;
    const body = Buffer.from(JSON.stringify({ model: "auto", stream, messages: [{ role: "user", content: text }] }));
    const head: HeaderList = [
      [":method", "POST"],
      [":path", "/v1/chat/completions"],
      ["content-type", "application/json"],
      ...headers,
    ];
    const process = gateway.open();
    const onward = await sendThrough(process, { mode, body, headers: head });
    let out = "";
    if (onward.kind === "forward" && answer) {
      const {
        text: said,
        status = 200,
        isCut = false,
        type = stream ? "text/event-stream" : "application/json",
      } = answer;
      process.send({
        request: responseHeaders([
          [":status", String(status)],
          ["content-type", type],
        ]),
      });
      await process.next();
      for (const [piece, isLast] of [
        [said.slice(0, 40), false],
        [said.slice(40), !isCut],
      ] as const) {
        process.send({ request: responseBody(Buffer.from(piece), isLast) });
        const told = await process.next();
        assert.ok(told?.response.case === "responseBody");
        const mutation = told.response.value.response?.bodyMutation?.mutation;
        if (mutation?.case === "body") out += Buffer.from(mutation.value).toString();
        else if (mutation?.case === "streamedResponse") out += Buffer.from(mutation.value.body).toString();
        else if (mutation?.case !== "clearBody") out += piece;
      }
    }
    process.reset();
    await process.ended;
    return { onward, out };
  };
  const records = () => house.events.filter((event): event is RequestRecord => event.kind === "request");
  return { house, ask, records };
}

function given(onward: Onward): Extract<Onward, { kind: "immediate" }> {
  assert.equal(onward.kind, "immediate");
  return onward;
}

const valueOf = ({ headers }: Onward & { headers: HeaderList }, name: string) =>
  headers.find(([each]) => each === name)?.[1];
const contentOf = (body: string): unknown =>
  (JSON.parse(body) as { choices: Array<{ message: { content: string } }> }).choices[0]!.message.content;
const streamed = (body: string): string =>
  body
    .split("\n\n")
    .filter((event) => event.startsWith("data: {"))
    .map((event) => (JSON.parse(event.slice(6)) as { choices: Array<{ delta: { content?: string } }> }).choices[0])
    .map((choice) => choice?.delta.content ?? "")
    .join("");

for (const [name, mode] of Object.entries(MODES)) {
  test(`${name}: what a model server said once is given again at once, whole and as a stream`, async (t) => {
    const { ask, records } = await start(t);
    for (const stream of [false, true]) {
      const text = `How tall is Mont Blanc? ${stream}`;
      const answer = { text: stream ? spoken(SAID) : reply(SAID) };
      const first = await ask(text, { mode, stream, answer });
      assert.equal(first.onward.kind, "forward");
      assert.equal(first.out, answer.text, "it passes as it came");
      assert.deepEqual(records().at(-1)?.cache, { result: "miss" });

      const whole = given((await ask(text, { mode })).onward);
      assert.deepEqual([whole.status, contentOf(whole.body)], [200, SAID]);
      assert.equal(valueOf(whole, "content-type"), "application/json");
      assert.equal(valueOf(whole, "x-signalbox-cache"), "exact");
      assert.equal(valueOf(whole, "x-signalbox-model"), "small");
      assert.match(valueOf(whole, "x-signalbox-cache-id")!, /^\S{22}$/);
      assert.equal(valueOf(whole, "x-signalbox-cache-similarity"), "1.000");
      const again = given((await ask(text, { mode, stream: true })).onward);
      assert.match(valueOf(again, "content-type")!, /^text\/event-stream/);
      assert.equal(streamed(again.body), SAID);
      assert.ok(again.body.endsWith("data: [DONE]\n\n"));
      assert.ok(!again.body.includes('"usage":{'), "the client did not ask for usage");
      const record = records().at(-1)!;
      assert.deepEqual([record.status, record.cache?.result, record.attempts], [200, "exact", []]);
      assert.equal(record.costUsd, 0);
    }
  });
}

test("what was not whole, no success, or no answer is not kept", async (t) => {
  const { ask, records } = await start(t);
  const lost: ReadonlyArray<Asking["answer"]> = [
    { text: reply(SAID), isCut: true },
    { text: reply(SAID), status: 500 },
    { text: reply(SAID), status: 206 },
    { text: reply(SAID, "length") },
    { text: "<html>" },
    undefined,
  ];
  for (const [at, answer] of lost.entries()) {
    await ask(`question ${at}`, answer && { answer });
    assert.equal((await ask(`question ${at}`)).onward.kind, "forward", String(at));
  }
  await ask("a stream", { stream: true, answer: { text: spoken(SAID).slice(0, -30) } });
  assert.equal((await ask("a stream")).onward.kind, "forward");
  assert.ok(records().every(({ cache }) => cache?.result === "miss"));
});

test("who wants an answer of his own gets one: no-cache, no-store, another tenant", async (t) => {
  const { ask } = await start(t);
  await ask("How tall?", { answer: { text: reply(SAID) } });
  given((await ask("How tall?")).onward);
  for (const value of ["no-cache", "no-store", "max-age=0"]) {
    const { onward } = await ask("How tall?", { headers: [["cache-control", value]] });
    assert.equal(onward.kind, "forward", value);
  }
  await ask("How deep?", { headers: [["cache-control", "no-store"]], answer: { text: reply(SAID) } });
  assert.equal((await ask("How deep?")).onward.kind, "forward");
});

test("the client's own values stand in an answer that was kept for somebody else's", async (t) => {
  const { ask } = await start(t, "pii: { action: replace }");
  const first = await ask("Write to anna@example.org, please", { answer: { text: reply("To <EMAIL_1>: hello.") } });
  assert.ok(first.onward.kind === "forward" && !first.onward.body.includes("anna@example.org"));
  assert.equal(contentOf(first.out), "To anna@example.org: hello.");
  const other = given((await ask("Write to berta@example.org, please")).onward);
  assert.equal(contentOf(other.body), "To berta@example.org: hello.");
  const stream = given((await ask("Write to berta@example.org, please", { stream: true })).onward);
  assert.equal(streamed(stream.body), "To berta@example.org: hello.");
});

test("a miss says so in the head of its answer", async (t) => {
  const { house } = await start(t);
  const gateway = await connectGateway(house.url);
  t.after(() => gateway.close());
  const body = Buffer.from(JSON.stringify({ model: "auto", messages: [{ role: "user", content: "hello" }] }));
  const process = gateway.open();
  await sendThrough(process, {
    mode: BodyMode.BUFFERED,
    body,
    headers: [
      [":method", "POST"],
      [":path", "/v1/chat/completions"],
      ["content-type", "application/json"],
    ],
  });
  process.send({
    request: responseHeaders([
      [":status", "200"],
      ["content-type", "application/json"],
    ]),
  });
  const told = await process.next();
  assert.ok(told?.response.case === "responseHeaders");
  const set = told.response.value.response?.headerMutation?.setHeaders ?? [];
  const found = set.find(({ header }) => header?.key === "x-signalbox-cache");
  assert.equal(Buffer.from(found!.header!.rawValue).toString(), "miss");
});

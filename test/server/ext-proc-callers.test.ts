import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { RequestRecord } from "../../src/events.ts";
import { startFakeModel } from "../fakes/model.ts";
import {
  BodyMode,
  connectGateway,
  requestBody,
  requestHeaders,
  sendThrough,
  type GatewayEnd,
  type HeaderList,
  type Onward,
  type Passage,
} from "../fakes/ext-proc.ts";
import { closeCalls } from "../rig/chooser.ts";
import { startHouse, threeModels, type House } from "../rig/house.ts";

const urls = { small: "http://127.0.0.1:1/v1", medium: "http://127.0.0.1:2/v1", large: "http://127.0.0.1:3/v1" };
const HELLO = Buffer.from(JSON.stringify({ model: "auto", messages: [{ role: "user", content: "hello" }] }));
const HEADERS: HeaderList = [
  [":method", "POST"],
  [":path", "/v1/chat/completions"],
  ["content-type", "application/json"],
];
const MODES = { BUFFERED: BodyMode.BUFFERED, FULL_DUPLEX_STREAMED: BodyMode.FULL_DUPLEX_STREAMED } as const;

async function withHouse(
  yaml: string,
  server: string,
  act: (
    ask: (more?: Partial<Passage>, metadata?: Record<string, string>) => Promise<Onward>,
    house: House,
    gateway: GatewayEnd,
  ) => Promise<void>,
): Promise<void> {
  const house = await startHouse(yaml, server);
  const gateway = await connectGateway(house.url);
  try {
    const ask = async (more: Partial<Passage> = {}, metadata: Record<string, string> = {}) => {
      const stream = gateway.open(metadata);
      const onward = await sendThrough(stream, { mode: BodyMode.BUFFERED, headers: HEADERS, body: HELLO, ...more });
      stream.reset();
      await stream.ended;
      return onward;
    };
    await act(ask, house, gateway);
  } finally {
    await gateway.close();
    await house.stop();
  }
}

const statusOf = (onward: Onward): number => (onward.kind === "immediate" ? onward.status : 200);
/** The first records, as soon as there are so many: a stream ends here a moment after it ended there. */
async function recordsOf(house: House, count: number): Promise<RequestRecord[]> {
  for (let tries = 0; ; tries++) {
    const records = house.events.filter((event): event is RequestRecord => event.kind === "request");
    if (records.length >= count) return records;
    if (tries === 300) throw new Error(`only ${records.length} records`);
    await sleep(10);
  }
}

test("a gateway that is trusted names the tenant, in its own metadata or in what its filters found", async () => {
  const server = "  auth: { trusted: [127.0.0.1], tenant_header: x-tenant }";
  await withHouse(threeModels(urls), server, async (ask, house) => {
    assert.equal(statusOf(await ask({}, { "x-tenant": "of-the-gateway" })), 200);
    assert.equal(statusOf(await ask({ tenant: "of-a-filter" })), 200);
    // What the client writes names nobody.
    const headers: HeaderList = [...HEADERS, ["x-tenant", "of-the-client"], ["x-signalbox-tenant", "of-the-client"]];
    assert.equal(statusOf(await ask({ headers })), 401);
    assert.deepEqual(
      (await recordsOf(house, 3)).map(({ tenant }) => tenant),
      ["of-the-gateway", "of-a-filter", ""],
    );
  });
});

test("a client's own key says who asks where the gateway does not, and binds it to its models", async () => {
  const server = `  auth:
    trusted: [127.0.0.1]
    keys: [{ key: key-of-a-client, tenant: acme, models: [medium] }]`;
  await withHouse(threeModels(urls), server, async (ask, house) => {
    const onward = await ask({ headers: [...HEADERS, ["authorization", "Bearer key-of-a-client"]] });
    assert.ok(onward.kind === "forward");
    assert.ok(onward.headers.some(([name, value]) => name === "x-selected-model" && value === "medium"));
    assert.equal((await recordsOf(house, 1))[0]?.tenant, "acme");
    assert.equal(statusOf(await ask({ headers: [...HEADERS, ["authorization", "Bearer of-somebody"]] })), 401);
    // The gateway's word goes first: what the client carries may be meant for the model server.
    const both = await ask({ headers: [...HEADERS, ["authorization", "Bearer of-somebody"]] }, { "x-tenant": "acme" });
    assert.equal(statusOf(both), 200);
  });
});

test("who is over budget is told so in time, and what is spent at the gateway is counted", async () => {
  await withHouse(
    threeModels(urls, "budgets: { default: { usd: 0.0000001, per: day } }"),
    "",
    async (ask, house, gateway) => {
      const stream = gateway.open();
      const passage = { mode: BodyMode.BUFFERED, headers: HEADERS, body: HELLO } as const;
      assert.equal((await sendThrough(stream, passage)).kind, "forward");
      // What is under way holds the budget until it is over.
      const held = await ask();
      assert.ok(held.kind === "immediate" && held.status === 429);
      assert.ok(held.headers.some(([name]) => name === "retry-after"));
      stream.reset();
      await stream.ended;
      assert.equal((await recordsOf(house, 1))[0]?.error, "over_budget");
    },
  );
});

for (const [name, mode] of Object.entries(MODES)) {
  test(`${name}: what cannot be decided in time passes as it was, or is refused, as the filter's config has it`, async (t) => {
    const chooser = await startFakeModel({ behave: "hang" });
    t.after(() => chooser.close());
    const yaml = closeCalls({ models: urls.small, chooser: chooser.url }, "percent: 100, deadline_ms: 20000");
    await withHouse(yaml, "", async (ask, house) => {
      const headers: HeaderList = [...HEADERS, ["x-selected-model", "large"]];
      const passed = await ask({ mode, headers, pieces: 3 }, { "x-signalbox-deadline-ms": "100" });
      assert.ok(passed.kind === "forward");
      assert.equal(passed.body.toString("utf8"), HELLO.toString("utf8"));
      assert.deepEqual(passed.metadata, { passed: "slow" });
      assert.ok(!passed.headers.some(([header]) => header === "x-selected-model"), "the client chooses no route");
      assert.ok(passed.rerouted);
      assert.equal((await recordsOf(house, 1))[0]?.error, "unavailable");
      const refused = await ask({ mode }, { "x-signalbox-deadline-ms": "100", "x-signalbox-on-slow": "refuse" });
      assert.equal(statusOf(refused), 503);
    });
  });
}

test("no stream that owes a body ends well, not even while the house stops", async () => {
  const house = await startHouse(threeModels(urls));
  const gateway = await connectGateway(house.url);
  const stream = gateway.open();
  stream.send(
    { request: requestHeaders(HEADERS), protocolConfig: { requestBodyMode: BodyMode.FULL_DUPLEX_STREAMED } },
    { request: requestBody(HELLO.subarray(0, 20), false) },
  );
  const other = gateway.open();
  other.send({
    request: requestHeaders(
      [
        [":method", "GET"],
        [":path", "/"],
      ],
      true,
    ),
  });
  await other.next();
  other.reset();
  await house.stop();
  const { status } = await stream.ended;
  assert.notEqual(status, 0);
  await gateway.close();
});

test("gateways that reset each stream keep their connection", async () => {
  await withHouse(threeModels(urls), "", async (_, house, gateway) => {
    let goneAway = false;
    gateway.session.on("goaway", () => (goneAway = true));
    let left = 1600;
    const work = async (): Promise<void> => {
      while (left-- > 0) {
        const stream = gateway.open();
        const onward = await sendThrough(stream, { mode: BodyMode.BUFFERED, headers: HEADERS, body: HELLO });
        assert.equal(onward.kind, "forward");
        stream.reset();
      }
    };
    await Promise.all(Array.from({ length: 16 }, work));
    assert.equal(goneAway, false);
    assert.deepEqual(
      house.events.filter(({ kind }) => kind === "fault"),
      [],
    );
  });
});

test("a filter before a second try makes the body ask for the model that is there, and says whose the answer is", async () => {
  await withHouse(threeModels(urls), "", async (ask, _, gateway) => {
    const metadata = { "x-signalbox-role": "upstream", "x-signalbox-model": "large" };
    for (const mode of Object.values(MODES)) {
      const sent = Buffer.from(HELLO.toString("utf8").replace("auto", "small-v1"));
      const onward = await ask({ mode, body: sent, pieces: 3 }, metadata);
      assert.ok(onward.kind === "forward");
      assert.equal(onward.body.toString("utf8"), HELLO.toString("utf8").replace("auto", "large-v1"));
    }
    const nobody = gateway.open({ "x-signalbox-role": "upstream", "x-signalbox-model": "nobody" });
    nobody.end();
    assert.deepEqual(await nobody.ended, { status: 3, code: "invalid_request" });
  });
});

test("metadata of the filter that says nothing sensible is told so", async () => {
  await withHouse(threeModels(urls), "", async (_, __, gateway) => {
    for (const metadata of [
      { "x-signalbox-role": "king" },
      { "x-signalbox-deadline-ms": "soon" },
      { "x-signalbox-on-slow": "wait" },
      { "x-signalbox-role": "upstream" },
    ] as Record<string, string>[]) {
      const stream = gateway.open(metadata);
      stream.end();
      const { status, code } = await stream.ended;
      assert.deepEqual([status, code], [3, "invalid_request"], JSON.stringify(metadata));
    }
  });
});

/** What the plugin's config does, and adapters/kong/kong.yml as it stands. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createAuthority } from "../rig/certificates.ts";
import { startHouse, threeModels, type House } from "../rig/house.ts";
import { pluginBefore, skip, startRig } from "./kong-rig.ts";
import { chat, rigOf, send, startUpstream, through, until } from "./kong-scene.ts";

const KEYS = `
  auth:
    keys:
      - { key: key-of-kong, tenant: gateway }
      - { key: key-of-ann, tenant: ann }
      - { key: key-of-bob, tenant: bob, models: [large] }
`;
const TRUSTED = `
  auth:
    keys: [{ key: key-of-ann, tenant: ann }]
    trusted: ["127.0.0.1"]
`;

async function houseBefore(
  context: TestContext,
  { url, server = "" }: { url: string; server?: string },
): Promise<House> {
  return until(context, await startHouse(threeModels({ small: url, medium: url, large: url }), server));
}

const tenantsOf = (house: House): readonly (string | undefined)[] =>
  house.events.flatMap((event) => (event.kind === "request" ? [event.tenant] : []));

/** How many outcomes were told, as soon as there are so many. */
async function outcomesOf(house: House, count: number): Promise<number> {
  const told = () => house.events.filter(({ kind }) => kind === "outcome").length;
  for (const end = performance.now() + 5000; told() < count && performance.now() < end;) await sleep(10);
  return told();
}

/** An error in any API's form. */
interface Told {
  readonly type?: string;
  readonly error: { readonly code?: unknown; readonly type?: unknown; readonly status?: unknown };
}

describe("the plugin's config", { skip }, () => {
  test("leads each upstream of Signalbox to its place: a Kong Upstream, or a host with path and credential", async (context) => {
    const upstreams = {
      own: until(context, await startUpstream()),
      small: until(context, await startUpstream()),
      large: until(context, await startUpstream()),
    };
    const house = await houseBefore(context, { url: upstreams.own.origin });
    const { services } = pluginBefore(upstreams.own.origin, {
      url: house.url,
      upstreams: [
        { name: "s", upstream: "small.models" },
        {
          name: "l",
          host: "127.0.0.1",
          port: upstreams.large.port,
          scheme: "http",
          path: "/openai/v1/chat/completions",
          header_name: "api-key",
          header_value: "key-of-l",
        },
      ],
    });
    const target = `127.0.0.1:${upstreams.small.port}`;
    const rig = await rigOf(context, { services, upstreams: [{ name: "small.models", targets: [{ target }] }] });

    const small = await through(rig, upstreams, { body: chat("hello") });
    assert.equal(small.at, "small");
    assert.equal(small.arrived!.path, "/v1/chat/completions");
    const large = await through(rig, upstreams, { body: chat("hello", { model: "large" }) });
    assert.equal(large.at, "large");
    assert.equal(large.arrived!.path, "/openai/v1/chat/completions");
    assert.equal(large.arrived!.headers["api-key"], "key-of-l");
    assert.equal(small.arrived!.headers["api-key"], undefined);
    const medium = await through(rig, upstreams, { body: chat("hello", { model: "medium" }) });
    assert.equal(medium.at, "own");
    assert.equal(medium.reply.headers["x-signalbox-error"], "unknown_upstream");
    assert.equal(medium.arrived!.body.toString(), chat("hello", { model: "medium" }));
  });

  test("takes the key of this gateway from a vault, and says whose the requests are", async (context) => {
    const own = until(context, await startUpstream());
    const house = await houseBefore(context, { url: own.origin, server: KEYS });
    const plugin = { url: house.url, key: "{vault://env/signalbox-key}", client_key_header: "authorization" };
    const rig = await rigOf(context, pluginBefore(own.origin, plugin), { env: { SIGNALBOX_KEY: "key-of-kong" } });
    const body = chat("hello");
    const own_headers = ["content-type", "application/json", "content-length", String(body.length)];
    const ask = (...more: string[]) => through(rig, { own }, { body, headers: [...own_headers, ...more] });

    assert.equal((await ask()).reply.headers["x-signalbox-model"], "small");
    const ann = await ask("authorization", "Bearer key-of-ann");
    assert.equal(ann.reply.headers["x-signalbox-model"], "small");
    const bob = await ask("authorization", "Bearer key-of-bob");
    assert.equal(bob.reply.headers["x-signalbox-model"], "large");
    const nobody = await ask("authorization", "Bearer key-of-nobody");
    assert.equal(nobody.reply.status, 401);
    assert.equal(nobody.arrived, undefined);
    assert.deepEqual(tenantsOf(house).slice(0, 3), ["gateway", "ann", "bob"]);
    assert.equal(await outcomesOf(house, 3), 3);
    for (const key of ["key-of-kong", "key-of-ann", "key-of-nobody"]) assert.ok(!rig.log().includes(key));
  });

  test("names the tenant by the consumer, where Signalbox trusts this gateway, and else by itself", async (context) => {
    const own = until(context, await startUpstream());
    const house = await houseBefore(context, { url: own.origin, server: TRUSTED });
    const plugin = { url: house.url, tenant: "everybody", tenant_of_consumer: true };
    const rig = await rigOf(context, pluginBefore(own.origin, plugin));
    const body = chat("hello");
    const headers = ["content-type", "application/json", "content-length", String(body.length)];
    await send(rig, { body, headers });
    await send(rig, { body, headers: [...headers, "x-test-consumer", "ann"] });
    assert.deepEqual(tenantsOf(house), ["everybody", "ann"]);
    assert.equal(await outcomesOf(house, 2), 2);
  });

  test("a wrong key of this gateway is its own fault: requests pass, or are refused, as it wants them", async (context) => {
    const own = until(context, await startUpstream());
    const house = await houseBefore(context, { url: own.origin, server: KEYS });
    for (const [on_error, status] of [
      ["pass", 200],
      ["refuse", 503],
    ] as const) {
      const rig = await rigOf(context, pluginBefore(own.origin, { url: house.url, key: "wrong", on_error }));
      const { reply } = await through(rig, { own }, { body: chat("hello") });
      assert.equal(reply.status, status);
      assert.equal(reply.headers["x-signalbox-error"], on_error === "pass" ? "unauthenticated" : "unavailable");
    }
  });

  test("a refusal for want of a decision is told in each API's form", async (context) => {
    const own = until(context, await startUpstream());
    const rig = await rigOf(context, pluginBefore(own.origin, { url: "http://127.0.0.1:9", on_error: "refuse" }));
    const answers = await Promise.all(
      ["/v1/chat/completions", "/v1/messages", "/v1beta/models/auto:generateContent"].map((path) =>
        send(rig, { path, body: "{}" }),
      ),
    );
    assert.deepEqual(
      answers.map(({ status, headers }) => [status, headers["retry-after"]]),
      answers.map(() => [503, "1"]),
    );
    const [openai, anthropic, gemini] = answers.map(({ text }) => JSON.parse(text) as Told);
    assert.equal(openai!.error.code, "unavailable");
    assert.deepEqual([anthropic!.type, anthropic!.error.type], ["error", "overloaded_error"]);
    assert.deepEqual([gemini!.error.code, gemini!.error.status], [503, "UNAVAILABLE"]);
  });

  test("shows Signalbox the headers that are listed, and the client's conversation, and no others", async (context) => {
    const own = until(context, await startUpstream());
    const signalbox = until(context, await startUpstream());
    const rig = await rigOf(context, pluginBefore(own.origin, { url: signalbox.origin, headers: ["X-Team"] }));
    const body = chat("hello");
    const headers = ["content-type", "application/json", "content-length", String(body.length)];
    const told = ["x-team", "blue", "cookie", "c=1", "authorization", "Bearer k", "X-Signalbox-Conversation", "7"];
    await send(rig, { body, headers: [...headers, ...told, "x-signalbox-tenant", "root"] });
    const asked = signalbox.arrived[0]!;
    assert.equal(asked.path, "/signalbox.v1.RouterService/RouteRequest");
    assert.deepEqual((JSON.parse(asked.body.toString()) as { headers: object }).headers, {
      "x-team": "blue",
      "x-signalbox-conversation": "7",
    });
    assert.equal(own.arrived[0]!.headers["x-team"], "blue");
    assert.equal(own.arrived[0]!.headers["x-signalbox-conversation"], undefined);
  });

  test("tells the client nothing where that is switched off, and Signalbox nothing where that is", async (context) => {
    const own = until(context, await startUpstream());
    const house = await houseBefore(context, { url: own.origin });
    const rig = await rigOf(
      context,
      pluginBefore(own.origin, { url: house.url, response_headers: false, report: false }),
    );
    const { reply } = await through(rig, { own }, { body: chat("hello") });
    assert.deepEqual(
      Object.keys(reply.headers).filter((name) => name.startsWith("x-signalbox")),
      [],
    );
    await through(rig, { own }, { body: chat("hello") });
    assert.deepEqual(
      house.events.filter(({ kind }) => kind === "outcome"),
      [],
    );
  });

  test("asks over TLS, and only whoever shows a certificate that is trusted", async (context) => {
    const own = until(context, await startUpstream());
    const authority = createAuthority();
    const dir = mkdtempSync(join(tmpdir(), "signalbox-trust-"));
    context.after(() => rmSync(dir, { recursive: true }));
    const trust = join(dir, "ca.pem");
    writeFileSync(trust, authority.cert);
    const stranger = createAuthority("another authority");
    for (const [issuer, tls_server_name, tls_verify, error] of [
      [authority, "localhost", true, undefined],
      [authority, "elsewhere", true, "unreachable"],
      [stranger, "localhost", true, "unreachable"],
      [stranger, "localhost", false, undefined],
    ] as const) {
      const house = await houseBefore(context, {
        url: own.origin,
        server: `  tls: ${JSON.stringify(issuer.issue("signalbox"))}`,
      });
      const rig = await rigOf(context, pluginBefore(own.origin, { url: house.url, tls_verify, tls_server_name }), {
        trust,
      });
      for (const _ of [1, 2, 3]) {
        const { reply } = await through(rig, { own }, { body: chat("hello") });
        assert.equal(reply.headers["x-signalbox-error"], error);
      }
    }
  });

  test("that is wrong does not start", async () => {
    await assert.rejects(
      startRig(pluginBefore("http://127.0.0.1:1", { url: "http://h", on_error: "open" })),
      /on_error/,
    );
  });
});

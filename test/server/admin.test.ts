import assert from "node:assert/strict";
import { request as ask } from "node:http";
import { test } from "node:test";
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { createPostgresStore } from "../../src/cache/postgres.ts";
import { AdminService } from "../../src/gen/signalbox/v1/admin_pb.ts";
import { storeOptions } from "../cache/entries.ts";
import { type Admin, startAdmin } from "../rig/admin.ts";

/** As curl would. */
async function post({ url }: Admin, method: string, body: unknown, headers: Record<string, string> = {}) {
  const answer = await fetch(`${url}/signalbox.v1.AdminService/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  const json = (await answer.json()) as Record<string, unknown>;
  return { status: answer.status, code: answer.headers.get("x-signalbox-error"), json };
}

const transports: Readonly<Record<string, (baseUrl: string) => Transport>> = {
  gRPC: (baseUrl) => createGrpcTransport({ baseUrl }),
  "gRPC-Web": (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
  "Connect over HTTP/2": (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "2" }),
};

test("GetCacheStats over plain JSON tells what there is, zeros too", async (t) => {
  const admin = await startAdmin(t);
  admin.keep("a", "acme", "default");
  admin.keep("b", "acme", "code");
  const { status, json } = await post(admin, "GetCacheStats", {});
  assert.equal(status, 200);
  const { bytes, ...rest } = json;
  assert.ok(Number(bytes) > 2000, `${String(bytes)} bytes`);
  const nothing = { evicted: 0, expired: 0, refused: 0, dropped: 0, late: 0, damaged: 0 };
  assert.deepEqual(rest, { kind: "memory", state: "ready", entries: 2, ...nothing });
});

for (const [name, transport] of Object.entries(transports)) {
  test(`stats and purges go over ${name}`, async (t) => {
    const admin = await startAdmin(t);
    const client = createClient(AdminService, transport(admin.url));
    admin.keep("a", "acme", "default");
    admin.keep("b", "beta", "default");
    assert.equal((await client.getCacheStats({})).entries, 2);
    assert.equal((await client.purgeCache({ tenant: "acme" })).removed, 1);
    assert.equal((await client.getCacheStats({})).entries, 1);
    await assert.rejects(client.purgeCache({}), (error: unknown) => {
      assert.ok(error instanceof ConnectError);
      assert.equal(error.code, Code.InvalidArgument);
      assert.equal(error.metadata.get("x-signalbox-error"), "invalid_request");
      return true;
    });
  });
}

test("a purge removes what fits all that is given, and nothing else", async (t) => {
  const admin = await startAdmin(t);
  admin.keep("a", "acme", "default");
  const id = admin.keep("b", "acme", "code");
  admin.keep("c", "beta", "code");
  const purge = async (filter: object) => (await post(admin, "PurgeCache", filter)).json;
  assert.deepEqual(await purge({ tenant: "acme", route: "code" }), { removed: 1 });
  assert.deepEqual(await purge({ id }), { removed: 0 }, "it is gone already");
  assert.equal(admin.entries, 2);
  const other = admin.keep("d", "beta", "code");
  assert.deepEqual(await purge({ id: other, tenant: "acme" }), { removed: 0 }, "not of this tenant");
  assert.deepEqual(await purge({ id: other }), { removed: 1 });
  assert.deepEqual(await purge({ all: true }), { removed: 2 });
  assert.equal(admin.entries, 0);
});

test("nobody empties the cache by a message that says nothing, or by a misspelt one", async (t) => {
  const admin = await startAdmin(t);
  admin.keep("a", "acme", "default");
  const refused: [object, RegExp][] = [
    [{}, /Say what to purge/u],
    [{ tenant: "", route: "", id: "", all: false }, /Say what to purge/u],
    [{ all: true, tenant: "acme" }, /nothing beside it/u],
    [{ tennant: "acme" }, /no field tennant/u],
    [{ id: "short" }, /22 characters/u],
    [{ tenant: "x".repeat(300) }, /256 characters/u],
  ];
  for (const [body, message] of refused) {
    const { status, code, json } = await post(admin, "PurgeCache", body);
    assert.deepEqual([status, code, json["code"]], [400, "invalid_request", "invalid_argument"]);
    assert.match(String(json["message"]), message);
  }
  assert.equal(admin.entries, 1);
});

test("without a cache both say so, as a failed precondition", async (t) => {
  const admin = await startAdmin(t, { store: () => null });
  const asked = [
    ["GetCacheStats", {}],
    ["PurgeCache", { all: true }],
  ] as const;
  for (const [method, body] of asked) {
    const { status, code, json } = await post(admin, method, body);
    assert.deepEqual([status, code, json["code"]], [400, "no_cache", "failed_precondition"]);
    assert.match(String(json["message"]), /has no cache/u);
  }
});

test("where it cannot be known that they are gone the purge is unavailable, and the sentence tells why", async (t) => {
  const away = createPostgresStore({
    ...storeOptions().options,
    url: "postgres://someone:password@127.0.0.1:1/cache",
    connections: 1,
    deadlineMs: 50,
  });
  t.after(() => away.close());
  const admin = await startAdmin(t, { store: () => away });
  const { status, code, json } = await post(admin, "PurgeCache", { all: true });
  assert.deepEqual([status, code, json["code"]], [503, "unavailable", "unavailable"]);
  const message = String(json["message"]);
  assert.match(message, /not known that the entries are gone: The database 127\.0\.0\.1:1\/cache .* Purge again/u);
  assert.doesNotMatch(message, /password/u);
  assert.deepEqual(admin.faults, []);
  assert.equal((await post(admin, "GetCacheStats", {})).json["state"], "away");
});

test("what we did not foresee is told to the log, and no word of it to who asks", async (t) => {
  const fault = new Error("secret words");
  const store = () => {
    throw fault;
  };
  const admin = await startAdmin(t, { store });
  const { status, json } = await post(admin, "PurgeCache", { all: true });
  assert.equal(status, 500);
  assert.doesNotMatch(JSON.stringify(json), /secret/u);
  assert.deepEqual(admin.faults, [fault]);
});

test("the token that guards the metrics guards the service, over JSON and gRPC", async (t) => {
  const token = "0123456789abcdef";
  const admin = await startAdmin(t, { token });
  admin.keep("a", "acme", "default");
  for (const headers of [{}, { authorization: "Bearer another-token-0000" }]) {
    const { status, code, json } = await post(admin, "PurgeCache", { all: true }, headers);
    assert.deepEqual([status, code, json["code"]], [401, "unauthenticated", "unauthenticated"]);
  }
  const client = createClient(AdminService, createGrpcTransport({ baseUrl: admin.url }));
  await assert.rejects(client.purgeCache({ all: true }), (error: unknown) => {
    assert.ok(error instanceof ConnectError);
    assert.equal(error.code, Code.Unauthenticated);
    return true;
  });
  assert.equal(admin.entries, 1);
  const headers = { authorization: `Bearer ${token}` };
  assert.equal((await client.purgeCache({ all: true }, { headers })).removed, 1);
  assert.deepEqual((await post(admin, "PurgeCache", { all: true }, headers)).json, { removed: 0 });
});

test("without a token no page of a browser can ask, neither from its origin nor by a name that leads here", async (t) => {
  const admin = await startAdmin(t);
  admin.keep("a", "acme", "default");
  const { status, code } = await post(admin, "PurgeCache", { all: true }, { origin: "https://evil.example" });
  assert.deepEqual([status, code], [403, "forbidden"]);
  const rebound = await new Promise<number | undefined>((resolve, reject) => {
    const headers = { host: "evil.example", "content-type": "application/json" };
    const sent = ask(`${admin.url}/signalbox.v1.AdminService/PurgeCache`, { method: "POST", headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    sent.on("error", reject);
    sent.end('{"all":true}');
  });
  assert.equal(rebound, 403);
  assert.equal(admin.entries, 1);
});

test("a long message, a method that there is not, and another way of asking are refused in words", async (t) => {
  const admin = await startAdmin(t);
  const long = await post(admin, "PurgeCache", { tenant: "x".repeat(10_000) });
  assert.deepEqual([long.status, long.code], [413, "body_too_large"]);
  const unknown = await post(admin, "DropCache", {});
  assert.deepEqual([unknown.status, unknown.code], [404, "unknown_path"]);
  assert.equal((await fetch(`${admin.url}/signalbox.v1.AdminService/GetCacheStats`)).status, 405);
  assert.equal((await fetch(`${admin.url}/nothing`)).status, 404);
  assert.equal(await (await fetch(`${admin.url}/metrics`)).text(), "metrics");
});

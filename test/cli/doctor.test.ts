import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test, type TestContext } from "node:test";
import { type Check, missingKey, nodeVersion } from "../../src/cli/diagnosis.ts";
import { type FakeModel, startFakeModel } from "../fakes/model.ts";
import { startHouse } from "../rig/house.ts";
import { parsed, run } from "./terminal.ts";

const home = mkdtempSync(join(tmpdir(), "signalbox-doctor-"));
let whole: FakeModel;
let keyed: FakeModel;

before(async () => {
  whole = await startFakeModel({ models: ["meta-llama/Llama-3.1-8B-Instruct"] });
  keyed = await startFakeModel({ models: ["gpt-5"], key: "right" });
});
after(async () => {
  await whole.close();
  await keyed.close();
  rmSync(home, { recursive: true });
});

interface Setup {
  readonly local?: string;
  readonly cloud?: string;
  readonly name?: string;
  readonly server?: string;
  readonly rest?: string;
}

const REST = `
signals: { jailbreak: { learned: false }, pii: { learned: false } }
safety: { jailbreak: { action: block }, injection: { action: annotate }, pii: { action: internal } }`;

let files = 0;
function setup({
  local = `{ kind: vllm, url: "${whole.url}" }`,
  cloud = `{ kind: openai, url: "${keyed.url}", key: \${CLOUD_KEY} }`,
  name = "meta-llama/Llama-3.1-8B-Instruct",
  server = 'listen: 127.0.0.1:0, admin: { listen: "127.0.0.1:0" }',
  rest = REST,
}: Setup): string {
  const path = join(home, `${(files += 1)}.yaml`);
  writeFileSync(
    path,
    `server: { ${server} }
upstreams: { local: ${local}, cloud: ${cloud} }
tiers: { small: { quality: 0.5 }, large: { quality: 0.9 } }
models:
  llama: { tier: small, price: { input: 1, output: 1 }, targets: [{ upstream: local, model: "${name}" }] }
  gpt: { tier: large, price: { input: 2, output: 2 }, targets: [{ upstream: cloud, model: gpt-5 }] }
${rest}
`,
  );
  return path;
}

const ENV = { CLOUD_KEY: "right" };

/** The checks that are not all right, as `verdict about: message -> advice`. */
async function complaints(path: string, env: Record<string, string> = ENV, timeout = 5000): Promise<string[]> {
  const said = await run(["doctor", "--json", "-c", path, "--timeout", String(timeout)], { env });
  const { checks, ok } = JSON.parse(said.out) as { checks: Check[]; ok: boolean };
  assert.equal(said.code, ok ? 0 : 1);
  assert.equal(ok, !checks.some(({ verdict }) => verdict === "wrong"));
  return checks
    .filter(({ verdict }) => verdict !== "ok")
    .map(({ verdict, about, message, advice }) =>
      `${verdict} ${about}: ${message} -> ${advice}`.replaceAll(/\d+ ms/gu, "N ms"),
    );
}

/** A server that answers everything in one way. */
async function answering(t: TestContext, status: number, headers: Record<string, string> = {}): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status, headers).end("{}"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

test("a whole setup has nothing wrong, and each thing that was looked at has its line", async () => {
  const path = setup({});
  const said = await run(["doctor", "-c", path], { env: ENV });
  assert.equal(said.code, 0);
  assert.deepEqual(
    said.out.split("\n").map((line) => line.replace(/:.*/u, "")),
    [
      "✓ node",
      "✓ config",
      "✓ upstream local",
      "✓ target local/meta-llama/Llama-3.1-8B-Instruct",
      "✓ upstream cloud",
      "✓ target cloud/gpt-5",
      "✓ doors",
      "✓ admin port",
      "✓ doors",
      "✓ admin port",
      "✓ pool",
      "✓ safety",
      "✓ records",
      "",
      "Nothing is wrong, 0 to think about.",
      "",
    ],
  );
});

test("the JSON form has a line a check", async () => {
  const report = parsed(await run(["doctor", "--json", "-c", setup({})], { env: ENV }));
  assert.deepEqual(Object.keys(report), ["path", "ok", "checks"]);
  const [first] = report["checks"] as [object];
  assert.deepEqual(Object.keys(first), ["about", "verdict", "message"]);
});

test("a refused key, a missing one and one whose variable is not set are told apart", async () => {
  assert.deepEqual(await complaints(setup({}), { CLOUD_KEY: "stale" }), [
    `wrong upstream cloud: ${keyed.url}: GET /models answered 401, N ms -> it refuses the key: is it the right one, and still valid?`,
  ]);
  assert.deepEqual(await complaints(setup({ cloud: `{ kind: openai, url: "${keyed.url}" }` })), [
    `wrong upstream cloud: ${keyed.url}: GET /models answered 401, N ms -> it wants a key: set it in the config`,
  ]);
  const path = setup({});
  const [unset, reached, ...more] = await complaints(path, {});
  assert.match(
    unset!,
    /^wrong config: .*:2:\d+ upstreams\.cloud\.key: .* CLOUD_KEY is not set -> export CLOUD_KEY=\.\.\.$/u,
  );
  assert.equal(
    reached,
    `warning upstream cloud: ${keyed.url}: GET /models answered 401, N ms -> it is reached, and wants the key that is not set`,
  );
  assert.deepEqual(more, []);
  assert.equal(keyed.requests.at(-1)!.headers.authorization, undefined);
});

test("a cloud without a key is wrong where it is the cloud itself, and to think about elsewhere", async () => {
  assert.deepEqual(await complaints(setup({ cloud: `{ kind: openai, url: "${whole.url}" }` })), [
    "warning upstream cloud: it has no key, which openai usually wants -> set upstreams.cloud.key",
    "wrong target cloud/gpt-5: the upstream serves no model of this name -> it serves meta-llama/Llama-3.1-8B-Instruct",
  ]);
  const cloud = { kind: "openai", url: "https://api.openai.com/v1", connections: 1, location: "external" } as const;
  const down = { ok: false, ms: 3, message: "no connection (ENOTFOUND)", code: "ENOTFOUND" } as const;
  assert.deepEqual(missingKey("cloud", cloud, down), [
    {
      about: "upstream cloud",
      verdict: "wrong",
      message: "it has no key, which openai usually wants",
      advice: "set upstreams.cloud.key",
    },
  ]);
  assert.deepEqual(missingKey("cloud", { ...cloud, key: "there" }, down), []);
});

test("a model that the upstream does not serve is wrong, and the nearest names are told", async () => {
  assert.deepEqual(await complaints(setup({ name: "meta-llama/Llama-3.1-8B-Instrct" })), [
    "wrong target local/meta-llama/Llama-3.1-8B-Instrct: the upstream serves no model of this name -> it serves meta-llama/Llama-3.1-8B-Instruct",
  ]);
});

test("an upstream that is down, hangs, moved or has no list says which", async (t) => {
  const gone = await startFakeModel();
  await gone.close();
  const at = async (url: string, timeout?: number) => {
    const [first] = await complaints(setup({ local: `{ kind: vllm, url: "${url}" }` }), ENV, timeout);
    return first!.replace(`wrong upstream local: ${url}: `, "");
  };
  assert.equal(
    await at(gone.url),
    "no connection (ECONNREFUSED), N ms -> nothing listens there: start the server, or correct host and port",
  );
  const silent = createServer(() => undefined).listen(0, "127.0.0.1");
  await once(silent, "listening");
  t.after(() => silent.close().closeAllConnections());
  const silentUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/v1`;
  assert.equal(await at(silentUrl, 100), "no answer within N ms, N ms -> check the url; --timeout MS waits longer");
  assert.equal(
    await at(await answering(t, 404)),
    "GET /models answered 404, N ms -> it has no /models there: a base url usually ends in /v1",
  );
  assert.equal(
    await at(await answering(t, 301, { location: "/else" })),
    "answered with a redirect (301), N ms -> it sends elsewhere: write its final url",
  );
  assert.equal(
    await at(await answering(t, 503)),
    "GET /models answered 503, N ms -> it is reached, but in trouble: look at its own log",
  );
  assert.match(await at(await answering(t, 429)), /^warning .* look at its quota$/u);
  assert.match(
    await at(whole.url.replace("http:", "https:")),
    /it does not speak TLS: should the url begin with http/u,
  );
});

test("a later tier that is worth less than an earlier one is to think about", async () => {
  const path = setup({});
  writeFileSync(path, readFileSync(path, "utf8").replace("quality: 0.9", "quality: 0.4"));
  assert.deepEqual(await complaints(path), [
    "warning tier large: its quality 0.4 is below the 0.5 of small, which stands before it -> order the tiers from the cheapest to the strongest, or correct their quality",
  ]);
});

test("Gemini's word for a wrong key is a bad request", async (t) => {
  const cloud = `{ kind: gemini, url: "${await answering(t, 400)}", key: wrong }`;
  const [first] = await complaints(setup({ cloud }));
  assert.match(first!, /^wrong upstream cloud: .* it refuses the key/u);
});

test("a port that something else holds is wrong, one that a Signalbox holds is not", async (t) => {
  const busy = whole.port;
  const listen = `listen: "127.0.0.1:${busy}", admin: { listen: "127.0.0.1:0" }`;
  assert.deepEqual(await complaints(setup({ server: listen })), [
    `wrong doors: cannot listen on 127.0.0.1:${busy}: EADDRINUSE -> something else listens there: stop it, or choose another server.listen`,
  ]);
  const house = await startHouse(
    `upstreams: { u: { kind: vllm, url: "${whole.url}" } }
tiers: { t: { quality: 1 } }
models: { m: { tier: t, price: { input: 1, output: 1 }, targets: [{ upstream: u, model: m }] } }`,
  );
  t.after(() => house.stop());
  const ours = `listen: "${new URL(house.url).host}", admin: { listen: "${new URL(house.adminUrl).host}" }`;
  assert.deepEqual(await complaints(setup({ server: ours })), []);
});

test("open doors, parts out of reach and safety that is off are to think about", async () => {
  const path = setup({
    server: 'listen: "0.0.0.0:0", auth: none, admin: { listen: "0.0.0.0:0", token: 0123456789abcdef }',
    rest: "routes: { default: { tier: small }, strong: { tier: large } }",
  });
  assert.deepEqual(await complaints(path), [
    "warning doors: anybody who reaches 0.0.0.0:0 can spend your money -> name client keys in server.auth.keys",
    "warning admin port: others can reach 0.0.0.0:0; only its token keeps them out -> set server.admin.listen to a loopback address unless a scraper needs it",
    "warning model gpt: no route leads to it, so it never answers -> add it to a route, or take it out",
    "warning route strong: nothing pins it, so no request takes it -> pin it in a rule or a keyword, or take it out",
    "warning safety: safety is off: nothing is judged -> set safety.jailbreak, safety.injection, safety.pii",
  ]);
});

test("records that cannot be written are wrong", async () => {
  const blocked = join(home, "a-file");
  writeFileSync(blocked, "");
  const path = setup({ rest: `${REST}\nrecords: { path: "${blocked}/records.jsonl" }` });
  assert.deepEqual(await complaints(path), [
    `wrong records: ${blocked}/records.jsonl cannot be written: see ${blocked} -> correct its permissions, or records.path`,
  ]);
  const fine = setup({ rest: `${REST}\nrecords: { path: "${home}/not/yet/records.jsonl" }` });
  assert.deepEqual(await complaints(fine), []);
});

test("a config that is not there, or not whole, is wrong; what can be looked at is", async () => {
  assert.match(
    (await complaints(join(home, "none.yaml"))).join(),
    /^wrong config: there is no .* `signalbox init` writes one/u,
  );
  const broken = await complaints(setup({ rest: "nonsense: 1" }));
  assert.equal(broken.length, 1);
  assert.match(broken[0]!, /"nonsense" is not a key/u);
});

test("an old Node is wrong", () => {
  assert.equal(nodeVersion("24.1.0").verdict, "ok");
  assert.equal(nodeVersion("22.20.0").verdict, "wrong");
});

test("no secret is shown", async () => {
  const said = await run(["doctor", "-c", setup({})], { env: { CLOUD_KEY: "very-secret-key" } });
  assert.doesNotMatch(said.out + said.err, /very-secret-key/u);
});

test("progress is told on a terminal, and wiped", async () => {
  const said = await run(["doctor", "-c", setup({})], { env: ENV, answers: [] });
  assert.ok(said.err.startsWith("\rlooking: 1 of 8 "));
  assert.ok(said.err.endsWith("\r\u001b[K"));
});

test("an adapter that is not loaded is to think about, since its base answers; a base that is not there is wrong", async () => {
  const path = setup({});
  const plain = readFileSync(path, "utf8");
  writeFileSync(path, plain.replace('8B-Instruct" }', '8B-Instruct", adapter: legal }'));
  const [first, ...more] = await complaints(path);
  assert.deepEqual(more, []);
  assert.match(
    first!,
    /^warning target local\/legal: the upstream serves no adapter of this name, so that its base answers/,
  );
  writeFileSync(path, plain.replace('8B-Instruct" }', '9B-Instruct", adapter: legal }'));
  const [, base] = await complaints(path);
  assert.match(
    base!,
    /^wrong target local\/meta-llama\/Llama-3\.1-9B-Instruct: the upstream serves no model of this name/,
  );
});

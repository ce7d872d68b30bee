import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, test, type TestContext } from "node:test";
import { startFakeModel, type FakeModel } from "../fakes/model.ts";
import { parsed, run } from "./terminal.ts";

// Processes that are killed here leave half a coverage file, which the report of all tests could not read.
delete process.env["NODE_V8_COVERAGE"];

const home = mkdtempSync(join(tmpdir(), "signalbox-workers-"));
const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(home, { recursive: true });
});
const bin = join(import.meta.dirname, "../../bin/signalbox.mjs");
const TOKEN = "0123456789abcdef";

let files = 0;
/** A config without anything learned: no encoder is loaded, so that processes start soon. */
function file(url: string, server = "", listen = "127.0.0.1:0", more = ""): string {
  const path = join(home, `${(files += 1)}.yaml`);
  writeFileSync(path, yaml(url, server, listen, more));
  return path;
}

const yaml = (url: string, server = "", listen = "127.0.0.1:0", more = "") => `
server: { listen: "${listen}", drain_ms: 3000, admin: { listen: "127.0.0.1:0", token: ${TOKEN} }${server} }
upstreams: { local: { kind: vllm, url: "${url}" } }
tiers: { small: { quality: 0.5 } }
models: { a: { tier: small, price: { input: 1, output: 1 }, targets: [{ upstream: local, model: a }] } }
signals: { complexity: { learned: false } }
${more}`;

interface Said {
  readonly message: string;
  readonly url?: string;
  readonly admin?: string;
  readonly pid?: number;
  readonly seat?: number;
}

interface Served {
  /** Resolves with the log as soon as `count` of its messages match; rejects when the process ends before. */
  until(message: RegExp, count?: number): Promise<readonly Said[]>;
  readonly said: readonly Said[];
  signal(name: NodeJS.Signals): void;
  ended(): Promise<{ code: number | null; out: string }>;
}

function serve(...args: readonly string[]): Served {
  const child = spawn(process.execPath, [bin, "serve", "--json", ...args], { cwd: home, stdio: "pipe", env: {} });
  children.push(child);
  const said: Said[] = [];
  let rest = "";
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop()!;
    said.push(...lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Said));
  });
  const close = once(child, "close").then(([code]) => code as number | null);
  return {
    said,
    async until(message, count = 1) {
      const found = () => said.filter((line) => message.test(line.message));
      while (found().length < count) {
        if (child.exitCode !== null) throw new Error(out + JSON.stringify(said));
        await Promise.race([once(child.stderr, "data"), close]);
      }
      return found();
    },
    signal: (name) => void child.kill(name),
    ended: async () => ({ code: await close, out }),
  };
}

async function startModel(t: TestContext): Promise<FakeModel> {
  const model = await startFakeModel({ name: "a" });
  t.after(() => model.close());
  return model;
}

/** Each over a connection of its own. */
async function ask(url: string): Promise<number> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", connection: "close" },
    body: JSON.stringify({ model: "a", messages: [{ role: "user", content: "hello" }] }),
  });
  await response.text();
  return response.status;
}

const askAll = (url: string, count: number) => Promise.all(Array.from({ length: count }, () => ask(url)));

async function metrics(admin: string): Promise<string> {
  const response = await fetch(`${admin}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type") ?? "", /^text\/plain/u);
  return response.text();
}

const answered = (text: string) =>
  Number(/^signalbox_requests_total\{door="[a-z]+",status="200"\} (\d+)$/mu.exec(text)?.[1]);

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);

test("two workers answer on one port; one that is killed is replaced, and a signal ends all of them", async (t) => {
  const model = await startModel(t);
  const path = file(model.url, "", "127.0.0.1:0", "records: { path: records.jsonl }");
  const served = serve("-c", path, "--workers", "2");
  const [ready] = await served.until(/^ready/u);
  const url = ready!.url!;
  assert.deepEqual(new Set(await askAll(url, 20)), new Set([200]));

  const text = await metrics(ready!.admin!);
  assert.equal(answered(text), 20, "what all have counted");
  assert.match(text, /^signalbox_config_info\{hash="[0-9a-f]{12}"\} 1$/mu, "a state is not added up");
  assert.equal((await fetch(`${ready!.admin}/metrics`)).status, 401);
  assert.equal((await fetch(`${ready!.admin}/readyz`)).status, 200);

  const started = await served.until(/^A worker serves/u, 2);
  assert.deepEqual(new Set(started.map(({ seat }) => seat)), new Set([1, 2]));
  process.kill(started[0]!.pid!, "SIGKILL");
  await served.until(/^A worker died/u);
  const again = (await served.until(/^A worker serves/u, 3))[2]!;
  assert.equal(again.seat, started[0]!.seat);
  assert.deepEqual(new Set(await askAll(url, 20)), new Set([200]));
  assert.ok(answered(await metrics(ready!.admin!)) >= 20);

  served.signal("SIGTERM");
  assert.deepEqual(await served.ended(), { code: 0, out: "" });
  assert.equal(served.said.filter(({ message }) => message.startsWith("ready")).length, 1, "told once");
  for (const { pid } of [...started, again]) assert.equal(isAlive(pid!), false);
  for (const seat of [1, 2]) assert.ok(existsSync(join(home, `records.jsonl.worker-${seat}`)), `records of ${seat}`);
});

test("what is under way when all are told to stop comes to its end", async (t) => {
  const model = await startModel(t);
  model.behave({ slow: 150 });
  const served = serve("-c", file(model.url), "--workers", "2");
  const [ready] = await served.until(/^ready/u);
  const asked = askAll(ready!.url!, 4);
  await model.request(3);
  served.signal("SIGTERM");
  assert.deepEqual(await asked, [200, 200, 200, 200]);
  assert.equal((await served.ended()).code, 0);
});

test("a config that changes is read by each worker, and by the admin port", async (t) => {
  const model = await startModel(t);
  const path = file(model.url);
  const served = serve("-c", path, "--workers", "2");
  const [ready] = await served.until(/^ready/u);
  await served.until(/^The config is in force/u, 2);
  const next = yaml(model.url, ", response_headers: false").replace(TOKEN, "another-token-0123");
  writeFileSync(path, next);
  served.signal("SIGHUP");
  await served.until(/^The config is in force/u, 4);
  const status = async () =>
    (await fetch(`${ready!.admin}/metrics`, { headers: { authorization: "Bearer another-token-0123" } })).status;
  const end = performance.now() + 5000;
  while ((await status()) !== 200 && performance.now() < end) await sleep(50);
  assert.equal(await status(), 200);
  served.signal("SIGINT");
  assert.equal((await served.ended()).code, 0);
});

test("the answers that every worker keeps are counted together, and purged in all of them", async (t) => {
  const model = await startModel(t);
  const path = file(model.url, "", "127.0.0.1:0", "cache: { kind: memory, mode: exact }");
  const served = serve("-c", path, "--workers", "2");
  const [ready] = await served.until(/^ready/u);
  const [url, admin] = [ready!.url!, ready!.admin!];
  const cache = async (verb: string, ...args: string[]) => {
    const said = await run(["cache", verb, "--url", admin, "--token", TOKEN, "--json", ...args]);
    return parsed(said);
  };
  /** Connections go to the workers in turn: both have answered by the time that so many are open. */
  const fill = async (entries: number) => {
    const end = performance.now() + 20_000;
    while ((await cache("stats"))["entries"] !== entries && performance.now() < end) await askAll(url, 8);
    assert.equal((await cache("stats"))["entries"], entries);
  };
  await fill(2);
  const asked = model.requests.length;
  assert.deepEqual(new Set(await askAll(url, 20)), new Set([200]));
  assert.equal(model.requests.length, asked, "nobody asks the model again");

  assert.deepEqual(await cache("purge", "--tenant", "somebody-else"), { removed: 0 });
  assert.deepEqual(await cache("purge", "--all"), { removed: 2 });
  await fill(2);
  assert.ok(model.requests.length > asked, "the model was asked again");

  const [one] = await served.until(/^A worker serves/u, 2);
  process.kill(one!.pid!, "SIGSTOP");
  t.after(() => isAlive(one!.pid!) && process.kill(one!.pid!, "SIGKILL"));
  let isOver = false;
  const purging = cache("purge", "--all").finally(() => (isOver = true));
  await sleep(500);
  assert.equal(isOver, false, "one of them has not answered");
  process.kill(one!.pid!, "SIGKILL");
  assert.deepEqual(await purging, { removed: 1 }, "what the other kept is gone with it");
  served.signal("SIGTERM");
  assert.equal((await served.ended()).code, 0);
});

test("workers that die again and again, each soon after its start, are given up with exit code 1", async (t) => {
  const model = await startModel(t);
  const served = serve("-c", file(model.url), "--workers", "2");
  await served.until(/^ready/u);
  for (let died = 0; died < 5; died += 1) {
    const alive = (await served.until(/^A worker serves/u, 2 + died)).filter(({ pid }) => isAlive(pid!));
    process.kill(alive.at(-1)!.pid!, "SIGKILL");
    await served.until(/^A worker died/u, died + 1);
  }
  const { code, out } = await served.ended();
  assert.equal(code, 1);
  assert.match(out, /workers died one after the other/u);
});

test("what keeps every worker from starting is told once", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const address = `127.0.0.1:${(taken.address() as AddressInfo).port}`;
  const served = serve("-c", file("http://127.0.0.1:9/v1", "", address), "--workers", "3");
  const { code, out } = await served.ended();
  taken.close();
  assert.equal(code, 1);
  assert.equal(out.trimEnd().split("\n").length, 1, out);
  assert.match(out, /cannot listen on .*EADDRINUSE/u);
});

test("a number of workers is a whole one, and the demo has one process", async () => {
  for (const count of ["0", "257", "two", "1.5"]) {
    const { code, out } = await serve("--workers", count).ended();
    assert.equal(code, 2, out);
  }
  const demo = await serve("--workers", "2").ended();
  assert.equal(demo.code, 1);
  assert.match(demo.out, /the demo has one process/u);
});

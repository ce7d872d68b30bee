import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test, type TestContext } from "node:test";

const home = mkdtempSync(join(tmpdir(), "signalbox-serve-"));
const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(home, { recursive: true });
});
const bin = join(import.meta.dirname, "../../bin/signalbox.mjs");
const MODELS = `
upstreams: { local: { kind: vllm, url: http://127.0.0.1:1/v1 } }
tiers: { small: { quality: 0.5 } }
models: { a: { tier: small, price: { input: 1, output: 1 }, targets: [{ upstream: local, model: a }] } }
`;
const FREE = ["-l", "127.0.0.1:0", "--admin", "127.0.0.1:0"];

let files = 0;
function file(text: string): string {
  const path = join(home, `${(files += 1)}.yaml`);
  writeFileSync(path, text);
  return path;
}

interface Served {
  /** Resolves with everything on standard error as soon as it matches, or when the process ends. */
  until(text: RegExp): Promise<string>;
  signal(name: NodeJS.Signals): void;
  /** Exit code and standard output. */
  ended(): Promise<{ code: number | null; out: string; err: string }>;
}

/** The real command, in a directory without a signalbox.yaml. */
function serve(...args: readonly string[]): Served {
  const child = spawn(process.execPath, [bin, "serve", ...args], { cwd: home, stdio: "pipe", env: { PATH: "" } });
  children.push(child);
  const said = { out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => void (said.out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => void (said.err += chunk.toString()));
  const close = once(child, "close").then(([code]) => code as number | null);
  return {
    async until(text) {
      while (!text.test(said.err) && !child.stderr.closed) await Promise.race([once(child.stderr, "data"), close]);
      return said.err;
    },
    signal: (name) => void child.kill(name),
    ended: async () => ({ code: await close, ...said }),
  };
}

async function refused(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await serve(...args).ended();
  assert.equal(code, 1, err);
  assert.equal(out, "");
  assert.doesNotMatch(err, /ready|in force|^\s+at /mu);
  return err;
}

test("an address of the command line that others can reach needs keys and a token, as one of the file does", async () => {
  const open = ["-l", "0.0.0.0:0", "--admin", "0.0.0.0:0"];
  const said = await refused(...open);
  assert.equal(
    said,
    `signalbox: the demo config with --listen and --admin is not usable:
  --listen: others can reach 0.0.0.0:0: name client keys or trusted gateways in server.auth, or write server.auth: none
  --admin: others can reach 0.0.0.0:0: set server.admin.token
`,
  );
  const path = file(`server: { auth: none }${MODELS}`);
  assert.match(await refused("-c", path, ...open), /^ {2}--admin: others can reach 0\.0\.0\.0:0: set server\.admin/mu);
  const keyed = file(`server: { auth: none, admin: { token: 0123456789abcdef } }${MODELS}`);
  const served = serve("-c", keyed, ...open);
  assert.match(await served.until(/ready/u), /ready: RPC and OpenAI API on http:\/\/0\.0\.0\.0:\d+/u);
});

test("an address in a wrong form is told in a sentence that names the flag", async () => {
  const [form, far, same] = await Promise.all([
    refused("--listen", ":38082", "--admin", "nowhere"),
    refused("--listen", "99999"),
    refused("--listen", "9090"),
  ]);
  assert.match(form, /^ {2}--listen: expected address:port, such as 127\.0\.0\.1:8080 or \[::1\]:8080$/mu);
  assert.match(form, /^ {2}--admin: expected address:port/mu);
  assert.match(far, /^ {2}--listen: expected address:port/mu);
  assert.match(same, /with --listen is not usable:\n.* the admin port is the port of the doors, 127\.0\.0\.1:9090$/mu);
});

test("a port alone is a port of this machine; the file's own addresses count for nothing then", async () => {
  const path = file(`server: { listen: 0.0.0.0:8080, admin: { listen: "0.0.0.0:9090" } }${MODELS}`);
  const err = await serve("-c", path, "-l", "0", "--admin", "0").until(/ready/u);
  assert.match(err, /API on http:\/\/127\.0\.0\.1:\d+, metrics on http:\/\/127\.0\.0\.1:\d+\/metrics/u);
});

test("a reload is checked with the flags in it, and they wait for no restart", async () => {
  const path = file(MODELS);
  const served = serve("-c", path, ...FREE);
  await served.until(/ready/u);
  writeFileSync(path, `server: { listen: 0.0.0.0:8080 }${MODELS.replace("0.5", "0.6")}`);
  served.signal("SIGHUP");
  await served.until(/in force[^]*in force/u);
  writeFileSync(path, MODELS.replace("quality: 0.5", "quality: high"));
  served.signal("SIGHUP");
  const err = await served.until(/The new config is wrong/u);
  assert.doesNotMatch(err, /Restart to change/u);
  served.signal("SIGTERM");
  assert.equal((await served.ended()).code, 0);
});

/** An address that something else holds. */
async function taken(t: TestContext): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a port that is taken is named, no config is announced, and the demo's stand-ins do not hold the process", async (t) => {
  const address = await taken(t);
  const [doors, admin, json] = await Promise.all([
    refused("-l", address, "--admin", "0"),
    refused("-l", "0", "--admin", address),
    serve("-l", address, "--admin", "0", "--json").ended(),
  ]);
  assert.equal(
    doors,
    `signalbox: cannot listen on ${address} (EADDRINUSE): something else listens there: stop it, or choose another server.listen (or --listen)\n`,
  );
  assert.match(admin, /choose another server\.admin\.listen \(or --admin\)\n$/u);
  assert.match((JSON.parse(json.out) as { error: { message: string } }).error.message, /^cannot listen on/u);
});

test("serve --json logs JSON lines and nothing else", async () => {
  const served = serve("--json", ...FREE);
  await served.until(/this is the demo/u);
  served.signal("SIGTERM");
  const { code, out, err } = await served.ended();
  assert.equal(code, 0);
  assert.equal(out, "");
  const messages = err
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { message: string }).message);
  assert.equal(messages[0], "The config is in force.");
  assert.equal(messages.at(-1), "stopped");
});

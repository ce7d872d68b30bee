import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { startAdmin } from "../rig/admin.ts";
import { startHouse, threeModels } from "../rig/house.ts";
import { parsed, run } from "./terminal.ts";

const TOKEN = "0123456789abcdef";
const home = mkdtempSync(join(tmpdir(), "signalbox-cache-verb-"));
after(() => rmSync(home, { recursive: true }));

const urls = { small: "http://127.0.0.1:1/v1", medium: "http://127.0.0.1:2/v1", large: "http://127.0.0.1:3/v1" };

let files = 0;
function file(admin: string): string {
  const path = join(home, `${(files += 1)}.yaml`);
  writeFileSync(
    path,
    `server: { admin: ${admin} }\n${threeModels(urls).replace("key-of-m", "${KEY_THAT_IS_NOT_SET}")}`,
  );
  return path;
}

const hostOf = (url: string) => new URL(url).host;

test("stats are printed for people and for scripts", async (t) => {
  const admin = await startAdmin(t);
  admin.keep("a", "acme", "default");
  const said = await run(["cache", "stats", "--url", admin.url]);
  assert.deepEqual([said.code, said.err], [0, ""]);
  assert.match(said.out, /^cache +memory, ready\nentries +1 \(1\.\d KiB\)\ngone +0 for want of room/u);
  const { bytes, ...rest } = parsed(await run(["cache", "stats", "--url", `${admin.url}/`, "--json"]));
  assert.ok(Number(bytes) > 1024);
  assert.equal(rest["entries"], 1);
  assert.equal(rest["kind"], "memory");
});

test("a purge takes what fits, and says how much that was", async (t) => {
  const admin = await startAdmin(t);
  const id = admin.keep("a", "acme", "default");
  admin.keep("b", "acme", "code");
  admin.keep("c", "beta", "code");
  admin.keep("d", "gamma", "default");
  const purge = (...args: string[]) => run(["cache", "purge", "--url", admin.url, ...args]);
  assert.equal((await purge("--id", id)).out, "removed 1 answer\n");
  assert.equal((await purge("--tenant", "acme", "--route", "default")).out, "nothing that fits was there\n");
  assert.deepEqual(parsed(await purge("--route", "code", "--json")), { removed: 2 });
  assert.equal(admin.entries, 1);
  assert.equal((await purge("--all")).out, "removed 1 answer\n");
  assert.equal(admin.entries, 0);
});

test("what does not say what to purge, or says too much, purges nothing", async (t) => {
  const admin = await startAdmin(t);
  admin.keep("a", "acme", "default");
  const purge = (...args: string[]) => run(["cache", "purge", "--url", admin.url, ...args]);
  const nothing = await purge();
  assert.equal(nothing.code, 1);
  assert.match(nothing.err, /--all for everything/u);
  assert.equal((await purge("--all", "--tenant", "acme")).code, 1);
  assert.equal((await purge("--route", "default", "--tenant", "")).code, 2, "a variable of the shell that is empty");
  assert.match((await purge("--id", "short")).err, /22 characters/u);
  assert.equal(admin.entries, 1);
});

test("address and token come from the config of the server, whose other keys need not be set", async (t) => {
  const admin = await startAdmin(t, { token: TOKEN });
  const config = file(`{ listen: "${hostOf(admin.url)}", token: "\${ADMIN_TOKEN}" }`);
  const said = await run(["cache", "stats", "-c", config, "--json"], { env: { ADMIN_TOKEN: TOKEN } });
  assert.equal(said.code, 0, said.out);
  assert.equal(parsed(said)["entries"], 0);

  const unset = await run(["cache", "stats", "-c", config]);
  assert.equal(unset.code, 1);
  assert.match(unset.err, /server\.admin\.token .*not set here/u);

  const everywhere = file(`{ listen: "0.0.0.0:${new URL(admin.url).port}", token: ${TOKEN} }`);
  assert.equal((await run(["cache", "stats", "-c", everywhere])).code, 0, "an address to listen on is none to ask");
  const free = await run(["cache", "stats", "-c", file('{ listen: "127.0.0.1:0" }')]);
  assert.match(free.err, /give the one that it took with --url/u);
});

test("a token may be given as it is, by a variable or by a file, and a wrong one is told", async (t) => {
  const admin = await startAdmin(t, { token: TOKEN });
  const stats = (token: string, env = {}) => run(["cache", "stats", "--url", admin.url, "--token", token], { env });
  const path = join(home, "token");
  writeFileSync(path, `${TOKEN}\n`);
  assert.equal((await stats(TOKEN)).code, 0);
  assert.equal((await stats("${MINE}", { MINE: TOKEN })).code, 0);
  assert.equal((await stats(`\${file:${path}}`)).code, 0);

  assert.match((await stats("${MINE}")).err, /variable MINE is not set/u);
  assert.match((await stats("another-token-0000")).err, /does not take this token/u);
  const none = await run(["cache", "stats", "--url", admin.url, "--json"]);
  assert.equal(none.code, 1);
  assert.equal((parsed(none)["error"] as { code: string }).code, "unauthenticated");
});

test("nobody there, somebody else there, and a URL that is none are told in words", async (t) => {
  const gone = createServer().listen(0, "127.0.0.1");
  await once(gone, "listening");
  const closed = `http://127.0.0.1:${(gone.address() as AddressInfo).port}`;
  await new Promise((resolve) => gone.close(resolve));
  const nobody = await run(["cache", "stats", "--url", closed]);
  assert.equal(nobody.code, 1);
  assert.match(nobody.err, /nobody listens on http:\/\/127\.0\.0\.1:\d+: is the server running/u);

  const other = createServer((_request, response) => void response.end("<html>hello</html>")).listen(0, "127.0.0.1");
  await once(other, "listening");
  t.after(() => other.close());
  const web = await run(["cache", "stats", "--url", `http://127.0.0.1:${(other.address() as AddressInfo).port}`]);
  assert.match(web.err, /is no admin port/u);

  for (const url of ["127.0.0.1:9090", "ftp://127.0.0.1", "http://u:p@127.0.0.1", "nothing"])
    assert.match((await run(["cache", "stats", "--url", url])).err, /expected a base URL/u);
});

test("the doors are no admin port, and a house without a cache says so", async (t) => {
  const house = await startHouse(threeModels(urls));
  t.after(() => house.stop());
  const doors = await run(["cache", "purge", "--all", "--url", house.url]);
  assert.equal(doors.code, 1);
  assert.match(doors.err, /is no admin port that knows PurgeCache: give that of server\.admin\.listen/u);
  const none = await run(["cache", "stats", "--url", house.adminUrl, "--json"]);
  assert.equal((parsed(none)["error"] as { code: string }).code, "no_cache");
});

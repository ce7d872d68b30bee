import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

const home = mkdtempSync(join(tmpdir(), "signalbox-process-"));
after(() => rmSync(home, { recursive: true }));
const bin = join(import.meta.dirname, "../../bin/signalbox.mjs");

/** The real command, in a directory without a config. `stdin` undefined means that it gets none. */
async function signalbox(args: readonly string[], stdin?: string): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, [bin, ...args], { cwd: home, stdio: "pipe", env: { PATH: "", LANG: "C" } });
  child.stdin.end(stdin);
  const [out, err, code] = await Promise.all([
    child.stdout.toArray(),
    child.stderr.toArray(),
    new Promise<number>((resolve) => void child.once("close", (status: number | null) => resolve(status ?? -1))),
  ]);
  return { code, out: Buffer.concat(out as Buffer[]).toString(), err: Buffer.concat(err as Buffer[]).toString() };
}

test("a prompt that is piped in comes out as one JSON document, and what is said beside it is on standard error", async () => {
  const { code, out, err } = await signalbox(["route", "--json"], "hello there\n");
  assert.equal(code, 0);
  assert.equal((JSON.parse(out) as { model: string }).model, "small");
  assert.equal(out.trimEnd().split("\n").length, 1);
  assert.match(err, /^There is no signalbox\.yaml/u);
});

test("a failure is exit code 1 and JSON on standard output, a wrong command line exit code 2 and nothing", async () => {
  const [failed, wrong] = await Promise.all([signalbox(["validate", "--json"]), signalbox(["valdate"])]);
  assert.deepEqual([failed.code, wrong.code], [1, 2]);
  assert.deepEqual(Object.keys(JSON.parse(failed.out) as object), ["error"]);
  assert.equal(wrong.out, "");
  assert.match(wrong.err, /Did you mean validate\?/u);
});

test("init, then validate, in the directory where they are started; a pipe gets ASCII without colours", async () => {
  assert.equal((await signalbox(["init", "--no-gemini", "--no-openai"])).code, 0);
  assert.match((await signalbox(["validate"])).out, /^signalbox\.yaml is whole: 2 models, /u);
  assert.match((await signalbox(["explain", "hello"])).out, /^[\n -~]*$/u);
});

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Checked } from "../../src/config/check.ts";
import { loadConfig } from "../../src/config/load.ts";
import { watchConfig } from "../../src/config/watch.ts";

const config = (quality: number | string, key = "") => `upstreams:
  local: { kind: vllm, url: http://127.0.0.1:8000/v1${key} }
tiers: { small: { quality: ${quality} } }
models:
  llama: { tier: small, price: { input: 1, output: 1 }, targets: [{ upstream: local, model: llama }] }
`;

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "watch-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What the watch tells, as it comes: a tier's quality, or the first problem. */
async function watching(context: TestContext, path: string) {
  const told: Array<number | string> = [];
  const onChange = (checked: Checked) =>
    void told.push("config" in checked ? checked.config.tiers["small"]!.quality : checked.problems[0]!.message);
  const watch = watchConfig(path, onChange, { intervalMs: 10, loaded: await loadConfig(path) });
  context.after(() => watch.stop());
  // Its first readings are over: what is told from now on was seen by looking.
  await sleep(60);
  const until = async (expected: readonly unknown[]) => {
    for (let turn = 0; turn < 300 && told.length < expected.length; turn++) await sleep(10);
    assert.deepEqual(told, expected);
  };
  return { told, until, watch };
}

test("loading tells what is wrong with the file itself", async (context) => {
  const folder = folderOf(context);
  const told = async (path: string) => {
    const checked = await loadConfig(path);
    return "problems" in checked ? checked.problems[0]!.message : "good";
  };
  assert.equal(await told(join(folder, "none.yaml")), "the file cannot be read: there is none");
  assert.equal(await told(folder), "the file cannot be read: not a file");
  writeFileSync(join(folder, "large.yaml"), "#".repeat(1_048_577));
  assert.equal(await told(join(folder, "large.yaml")), "the file is larger than 1048576 bytes");
  writeFileSync(join(folder, "good.yaml"), config(0.5));
  assert.equal(await told(join(folder, "good.yaml")), "good");
});

test("secret files lie beside the config file, and one that never ends is not read", async (context) => {
  const folder = folderOf(context);
  const path = join(folder, "signalbox.yaml");
  writeFileSync(join(folder, "key"), "a-key\n");
  writeFileSync(path, config(0.5, ", key: ${file:key}"));
  const good = await loadConfig(path);
  assert.ok("config" in good);
  assert.equal(good.config.upstreams["local"]?.key, "a-key");
  assert.deepEqual(good.files, [join(folder, "key")]);
  writeFileSync(path, config(0.5, ", key: ${file:/dev/zero}"));
  const bad = await loadConfig(path);
  assert.ok("problems" in bad);
  assert.match(bad.problems[0]!.message, /cannot be read/u);
});

test("the environment is that of the process unless another is given", async (context) => {
  const path = join(folderOf(context), "signalbox.yaml");
  writeFileSync(path, config(0.5, ", key: ${SIGNALBOX_TEST_KEY}"));
  const bad = await loadConfig(path);
  assert.ok("problems" in bad);
  assert.equal(bad.problems[0]!.message, "the environment variable SIGNALBOX_TEST_KEY is not set");
  assert.ok("config" in (await loadConfig(path, { env: { SIGNALBOX_TEST_KEY: "k" } })));
});

test("a change is told once, a comment is no change, and what is wrong is told too", async (context) => {
  const path = join(folderOf(context), "signalbox.yaml");
  writeFileSync(path, config(0.5));
  const { told, until } = await watching(context, path);
  assert.deepEqual(told, [], "the config that runs is no news");
  writeFileSync(path, `# a comment\n${config(0.5)}`);
  await sleep(60);
  writeFileSync(path, config(0.6));
  await until([0.6]);
  writeFileSync(path, config("high"));
  await until([0.6, "expected a number, found text"]);
  writeFileSync(path, config(0.6));
  await until([0.6, "expected a number, found text", 0.6]);
});

test("an editor that renames, and a file that is gone for a moment, are followed", async (context) => {
  const folder = folderOf(context);
  const path = join(folder, "signalbox.yaml");
  writeFileSync(path, config(0.5));
  const { until } = await watching(context, path);
  writeFileSync(join(folder, "new"), config(0.7));
  renameSync(join(folder, "new"), path);
  await until([0.7]);
  rmSync(path);
  await until([0.7, "the file cannot be read: there is none"]);
  writeFileSync(path, config(0.8));
  await until([0.7, "the file cannot be read: there is none", 0.8]);
});

test("the swap of a link on the way is followed, as Kubernetes does it", async (context) => {
  const folder = folderOf(context);
  for (const [version, quality] of [
    ["v1", 0.5],
    ["v2", 0.9],
  ] as const) {
    mkdirSync(join(folder, version));
    writeFileSync(join(folder, version, "signalbox.yaml"), config(quality));
  }
  symlinkSync("v1", join(folder, "..data"));
  symlinkSync(join("..data", "signalbox.yaml"), join(folder, "signalbox.yaml"));
  const { until } = await watching(context, join(folder, "signalbox.yaml"));
  symlinkSync("v2", join(folder, "..next"));
  renameSync(join(folder, "..next"), join(folder, "..data"));
  await until([0.9]);
});

test("a rotated secret file is a change", async (context) => {
  const folder = folderOf(context);
  const path = join(folder, "signalbox.yaml");
  writeFileSync(join(folder, "key"), "first-key");
  writeFileSync(path, config(0.5, ", key: ${file:key}"));
  const { until } = await watching(context, path);
  writeFileSync(join(folder, "key"), "other-key");
  await until([0.5]);
});

test("a change between the first reading and the watch is told, and stop ends it", async (context) => {
  const path = join(folderOf(context), "signalbox.yaml");
  writeFileSync(path, config(0.5));
  const loaded = await loadConfig(path);
  writeFileSync(path, config(0.6));
  const told: Checked[] = [];
  const watch = watchConfig(path, (checked) => void told.push(checked), { intervalMs: 10, loaded });
  for (let turn = 0; turn < 300 && told.length === 0; turn++) await sleep(10);
  assert.equal(told.length, 1);
  watch.stop();
  writeFileSync(path, config(0.7));
  await sleep(80);
  assert.equal(told.length, 1);
});

test("asked to read again it does so at once, in order, and tells also what it knows already", async (context) => {
  const path = join(folderOf(context), "signalbox.yaml");
  writeFileSync(path, config(0.5));
  const delays = [30, 0, 0];
  const told: Array<number | string> = [];
  const load = async (file: string) => {
    const checked = await loadConfig(file);
    await sleep(delays.shift() ?? 0);
    return checked;
  };
  const onChange = (checked: Checked) =>
    void told.push("config" in checked ? checked.config.tiers["small"]!.quality : "broken");
  const watch = watchConfig(path, onChange, { intervalMs: 60_000, load, loaded: await loadConfig(path) });
  context.after(() => watch.stop());
  watch.reread();
  await sleep(10);
  writeFileSync(path, config(0.6));
  watch.reread();
  for (let turn = 0; turn < 100 && told.length < 2; turn++) await sleep(10);
  assert.deepEqual(told, [0.5, 0.6], "the slow first reading does not come last");
});

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { test, type TestContext } from "node:test";
import { EncoderError } from "../../src/inference/encoder.ts";
import { modelFolder, PATIENT_MS, startEncoder, TINY_STAGE, type Rig } from "./rig.ts";

const ALL = { safety: true, entities: true, deadlineMs: PATIENT_MS };
const LONG = "bread and butter ".repeat(2000);
const FULL = "bread and butter ".repeat(50);

const faultOf = (error: unknown) => (error instanceof EncoderError ? error.fault : error);
const counted = (values: readonly unknown[]) =>
  Object.fromEntries([...new Set(values)].map((value) => [String(value), values.filter((v) => v === value).length]));
/** How each promise ended: its fault, or `read`. */
const ends = async (all: readonly Promise<unknown>[]) =>
  counted(await Promise.all(all.map((one) => one.then(() => "read", faultOf))));

test("texts wait while a worker reads, and are then read together", async (t) => {
  const { encoder, events } = await startEncoder(t, {}, { models: modelFolder(t, "slow") });
  assert.deepEqual(await ends(Array.from({ length: 40 }, () => encoder.refine("bread", PATIENT_MS))), { read: 40 });
  const batches = events.filter((event) => event.kind === "batch");
  assert.deepEqual(
    batches.map(({ texts }) => texts),
    [8, 8, 8, 8, 8],
  );
  assert.ok(batches.at(-1)!.waitedMs > batches[0]!.waitedMs);
  assert.deepEqual(batches[0]!.tokens, 24);
});

test("a text that is not read in time is refused when its time is over, and costs no reading", async (t) => {
  const { encoder, events } = await startEncoder(t, {}, { models: modelFolder(t, "slow") });
  const busy = Array.from({ length: 24 }, () => encoder.refine(FULL, PATIENT_MS));
  await wait(5);
  const start = performance.now();
  const waits = [10, 20, 30].map(async (ms) => {
    await assert.rejects(encoder.refine("bread", ms), { name: "EncoderError", fault: "deadline" });
    return performance.now() - start - ms;
  });
  for (const late of await Promise.all(waits)) assert.ok(late > -2 && late < 40, `${late} ms late`);
  assert.deepEqual(await ends(busy), { read: 24 });
  const texts = events.reduce((sum, event) => sum + (event.kind === "batch" ? event.texts : 0), 0);
  assert.equal(texts, 24);
  assert.equal(events.filter((event) => event.kind === "unread" && event.fault === "deadline").length, 3);
  await assert.rejects(encoder.refine("bread", 0), { fault: "deadline" });
});

test("more texts than may wait are refused at once", async (t) => {
  const { encoder, events } = await startEncoder(t, {}, { models: modelFolder(t, "slow"), queue: 10 });
  const outcome = await ends(Array.from({ length: 30 }, () => encoder.refine("bread", PATIENT_MS)));
  assert.deepEqual(outcome, { read: 10, overloaded: 20 });
  assert.equal(events.filter((event) => event.kind === "unread" && event.fault === "overloaded").length, 20);
  assert.deepEqual(await ends([encoder.refine("bread", PATIENT_MS)]), { read: 1 });
});

test("a reading can be called off, before it begins, while it waits and while it runs", async (t) => {
  const { encoder } = await startEncoder(t, {}, { models: modelFolder(t, "slow") });
  const abort = new AbortController();
  const running = Array.from({ length: 3 }, () => encoder.refine(FULL, PATIENT_MS, abort.signal));
  const other = encoder.refine(FULL, PATIENT_MS);
  setTimeout(() => abort.abort(), 5);
  assert.deepEqual(await ends([...running, encoder.refine(FULL, PATIENT_MS, abort.signal)]), { cancelled: 4 });
  await assert.rejects(encoder.refine("bread", PATIENT_MS, abort.signal), { fault: "cancelled" });
  assert.equal((await other).stage, "full");
});

/** Readings of every kind at once. */
function crowd({ encoder }: Rig, count: number): Promise<unknown>[] {
  return Array.from({ length: count }, (_, index) => {
    if (index % 5 === 0) return Promise.resolve(encoder.scan([LONG], ALL));
    if (index % 5 === 1) return Promise.resolve(encoder.encode(LONG, PATIENT_MS));
    return encoder.refine(`bread ${"and butter ".repeat(index % 20)}`, PATIENT_MS);
  });
}

for (const workers of [1, 2]) {
  test(`a killed worker, one of ${workers}, is replaced, and nothing that it read or that waits is lost`, async (t) => {
    const rig = await startEncoder(t, { workers }, { models: modelFolder(t, "slow"), queue: 1000 });
    const readings = crowd(rig, 200);
    await wait(10);
    await rig.workers[0]!.terminate();
    assert.deepEqual(await ends(readings), { read: 200 });
    assert.ok(rig.events.some((event) => event.kind === "worker_died" && event.texts > 0));
    while (!rig.events.some(({ kind }) => kind === "worker_replaced")) await wait(10);
    assert.deepEqual(await ends([rig.encoder.refine("bread", PATIENT_MS)]), { read: 1 });
    assert.equal(rig.workers.length, workers + 1);
  });
}

test("worker after worker may die, and all texts are still answered, with an error at the least", async (t) => {
  const rig = await startEncoder(t, { workers: 2 }, { models: modelFolder(t, "slow"), queue: 1000 });
  const readings = crowd(rig, 300);
  for (let times = 0; times < 4; times++) {
    await wait(150);
    await rig.workers.at(-1)!.terminate();
  }
  const outcome = await ends(readings);
  assert.equal((outcome["read"] ?? 0) + (outcome["worker"] ?? 0), 300);
  assert.deepEqual(await ends([rig.encoder.refine("bread", PATIENT_MS)]), { read: 1 });
});

test("a text that ends every worker which reads it is given up, and takes no other text along", async (t) => {
  const rig = await startEncoder(t);
  const others = crowd(rig, 20);
  const poison = Promise.resolve(rig.encoder.encode(`poison ${LONG}`, PATIENT_MS));
  await assert.rejects(poison, { fault: "worker" });
  assert.deepEqual(await ends(others), { read: 20 });
  assert.deepEqual(await ends([rig.encoder.refine("bread", PATIENT_MS)]), { read: 1 });
});

test("closing calls off what waits and what runs, and later readings", async (t) => {
  const { encoder, workers } = await startEncoder(t, {}, { models: modelFolder(t, "slow") });
  const exits = workers.map((worker) => new Promise((resolve) => worker.once("exit", resolve)));
  const readings = Array.from({ length: 20 }, () => encoder.refine(FULL, PATIENT_MS));
  const scan = Promise.resolve(encoder.scan([LONG], ALL));
  const outcome = ends([...readings, scan]);
  await encoder.close();
  await Promise.all(exits);
  assert.deepEqual(await outcome, { cancelled: 21 });
  await assert.rejects(encoder.refine("bread", PATIENT_MS), { fault: "cancelled" });
  await encoder.close();
});

test("scans take turns: a short one is not kept waiting by long ones before it", async (t) => {
  const { encoder } = await startEncoder(t);
  const order: string[] = [];
  const scan = async (name: string, text: string) => {
    await encoder.scan([text], ALL);
    order.push(name);
  };
  await Promise.all([scan("long", LONG.repeat(60)), scan("longer", LONG.repeat(90)), scan("short", LONG)]);
  assert.deepEqual(order, ["short", "long", "longer"]);
});

test("the full stage is not kept waiting by long scans", async (t) => {
  const { encoder } = await startEncoder(t);
  const scans = Array.from({ length: 4 }, async () => encoder.scan([LONG.repeat(60)], ALL));
  let isScanning = true;
  const all = Promise.all(scans).then(() => (isScanning = false));
  await encoder.refine("bread", PATIENT_MS);
  assert.ok(isScanning);
  await all;
});

test("the event loop stays free while workers read", async (t) => {
  const rig = await startEncoder(t, {}, { models: modelFolder(t, "slow"), queue: 1000 });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  assert.deepEqual(await ends(crowd(rig, 150)), { read: 150 });
  delay.disable();
  const p99 = delay.percentile(99) / 1e6;
  assert.ok(p99 < 50, `${p99} ms`);
});

/** Runs a program of its own that has an encoder over the slow model, with 50 texts for its full stage. */
function runProgram(t: TestContext, end: string) {
  const code = `
    import { createEncoder } from "./src/inference/create.ts";
    import { encoderOptions } from "./src/inference/options.ts";
    const encoder = await createEncoder(encoderOptions.parse({}), {
      clock: () => performance.now(),
      models: ${JSON.stringify(modelFolder(t, "slow"))},
      stage: ${JSON.stringify(TINY_STAGE)},
    });
    const readings = Array.from({ length: 50 }, () => encoder.refine("bread ".repeat(50), 10_000));
    for (const reading of readings) reading.catch(() => undefined);
    ${end}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", code], {
    cwd: new URL("../..", import.meta.url),
    encoding: "utf8",
    timeout: 20_000,
  });
  return [status, stdout.trim(), stderr];
}

test("an encoder in use keeps the process alive, and one that nobody uses does not", (t) => {
  const end = `Promise.all(readings).then((all) => console.log(all.length, "read"));`;
  assert.deepEqual(runProgram(t, end), [0, "50 read", ""]);
});

for (const ms of [15, 30]) {
  test(`a process may close its encoder, or end, in the middle of a run, ${ms} ms after its beginning`, (t) => {
    const after = (end: string) => `setTimeout(async () => { ${end} }, ${ms});`;
    assert.deepEqual(runProgram(t, after("process.exit(7);")), [7, "", ""]);
    assert.deepEqual(runProgram(t, after(`await encoder.close(); console.log("closed");`)), [0, "closed", ""]);
  });
}

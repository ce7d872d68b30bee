import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createChannel, type RouterEvent } from "../../src/events.ts";
import { createRecords, type RecordsOptions } from "../../src/telemetry/records.ts";
import { askedRequest, blockedRequest, PLANTED, request } from "./events.ts";

function store(context: TestContext, over: Partial<RecordsOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "records-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "deep", "records.jsonl");
  const channel = createChannel();
  const faults: Array<Extract<RouterEvent, { kind: "fault" }>> = [];
  channel.subscribe((event) => void (event.kind === "fault" && faults.push(event)));
  const records = createRecords(channel, { path, rotateBytes: 1_000_000, keep: 3, text: false, ...over });
  const lines = (file = path) =>
    readFileSync(file, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { folder, path, channel, faults, records, lines };
}

test("a request becomes one line, without its text", async (context) => {
  const { channel, records, lines, path } = store(context);
  channel.publish(request());
  await records.stop();
  assert.deepEqual(lines(), [
    {
      type: "request",
      at: "2026-01-02T03:04:05.000Z",
      decision_id: "d-1",
      config_hash: "0123456789ab",
      door: "openai",
      api: "openai-chat",
      tenant: "acme",
      stream: false,
      status: 200,
      model: "llama",
      tier: "small",
      route: "default",
      reason: "cheapest_adequate",
      confidence: 0.82,
      margin: 0.07,
      runner_up: "gpt",
      expected_cost_usd: 0.0002,
      expected_baseline_usd: 0.004,
      signals: [
        { name: "complexity", labels: [{ label: "simple", score: 0.12, confidence: 0.96 }], ms: 0.12, stage: "static" },
        { name: "pii", labels: [], ms: 20, failure: "deadline" },
      ],
      safety: { action: "none", classes: [] },
      rules: ["long-documents"],
      attempts: [
        { model: "llama", target: "local/llama", result: "timeout", latency_ms: 1000 },
        {
          model: "gpt",
          target: "openai/gpt",
          result: "ok",
          status: 200,
          ttft_ms: 210,
          latency_ms: 640,
          usage: { input_tokens: 12, output_tokens: 30, cached_input_tokens: 4, estimated: false },
        },
      ],
      input_tokens: 12,
      usage: { input_tokens: 12, output_tokens: 30, cached_input_tokens: 4, estimated: false },
      cost_usd: 0.001,
      baseline_usd: 0.004,
      decision_ms: 0.3,
      overhead_ms: 0.8,
      total_ms: 1641,
    },
  ]);
  assert.equal(readFileSync(path, "utf8").includes(PLANTED), false);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test("what models were asked for us stands in the line, with its cost", async (context) => {
  const { channel, records, lines } = store(context);
  channel.publish(askedRequest());
  await records.stop();
  const [asked] = lines()[0]!["asked"] as Record<string, unknown>[];
  assert.deepEqual([asked!["purpose"], asked!["model"], asked!["result"]], ["router", "llama", "ok"]);
  assert.equal(lines()[0]!["cost_usd"], 0.0012);
});

test("the text is kept where the config asks for it, up to a bound", async (context) => {
  const { channel, records, lines } = store(context, { text: true });
  channel.publish(request());
  channel.publish(request({ text: "x".repeat(100_000) }));
  await records.stop();
  assert.equal(lines()[0]!["text"], PLANTED);
  assert.equal(String(lines()[1]!["text"]).length, 65_536);
});

test("a request that was blocked says by what, and has no model", async (context) => {
  const { channel, records, lines } = store(context);
  channel.publish(blockedRequest());
  await records.stop();
  const [line] = lines();
  assert.equal(line!["blocked"], "blocked");
  assert.deepEqual(line!["safety"], { action: "block", classes: ["jailbreak", "injection"] });
  assert.equal("model" in line!, false);
});

test("an outcome is a line of its own", async (context) => {
  const { channel, records, lines } = store(context, { now: () => Date.UTC(2026, 0, 2) });
  const outcome = { decisionId: "d-1", status: 200, ttftMs: 5, finish: "stop", scores: { thumb: 1 } };
  channel.publish({ kind: "outcome", outcome, model: "gpt", target: "openai/gpt" });
  await records.stop();
  assert.deepEqual(lines(), [
    {
      type: "outcome",
      at: "2026-01-02T00:00:00.000Z",
      decision_id: "d-1",
      model: "gpt",
      target: "openai/gpt",
      status: 200,
      finish: "stop",
      ttft_ms: 5,
      scores: { thumb: 1 },
    },
  ]);
});

test("the file is set aside at its size and so many are kept", async (context) => {
  const { channel, records, folder } = store(context, { rotateBytes: 5000, keep: 2 });
  for (let turn = 0; turn < 10; turn++) {
    for (let index = 0; index < 4; index++) channel.publish(request());
    await records.flush();
  }
  await records.stop();
  const files = readdirSync(join(folder, "deep")).toSorted();
  assert.deepEqual(files, ["records.jsonl", "records.jsonl.1", "records.jsonl.2"]);
  for (const file of files) assert.ok(statSync(join(folder, "deep", file)).size < 10_000, file);
});

test("no line is lost or torn across rotations, and flush waits for all of them", async (context) => {
  const { channel, records, folder, lines } = store(context, { rotateBytes: 20_000, keep: 50 });
  for (let index = 0; index < 300; index++) channel.publish(request({ totalMs: index }));
  await records.flush();
  const all = readdirSync(join(folder, "deep")).flatMap((file) => lines(join(folder, "deep", file)));
  assert.deepEqual(
    all.map((line) => Number(line["total_ms"])).toSorted((a, b) => a - b),
    Array.from({ length: 300 }, (_, index) => index),
  );
  await records.stop();
});

test("records go on where an earlier run left off", async (context) => {
  const { channel, records, path, lines } = store(context);
  channel.publish(request());
  await records.stop();
  const again = createRecords(channel, { path, rotateBytes: 1_000_000, keep: 3, text: false });
  channel.publish(request());
  await again.stop();
  channel.publish(request());
  assert.equal(lines().length, 2);
});

test("a path that cannot be written drops records, tells it once a minute and is tried again", async (context) => {
  let clock = 0;
  const { channel, records, faults, path, folder, lines } = store(context, { now: () => clock });
  writeFileSync(join(folder, "deep"), "a file where a folder should be");
  channel.publish(request());
  channel.publish(request());
  await records.flush();
  assert.equal(faults.length, 1);
  assert.equal(faults[0]!.where, "records");
  const error = faults[0]!.error as Error & { code: string };
  assert.deepEqual([error.message, error.code], ["2 records dropped since the start", "ENOTDIR"]);

  clock = 1000;
  channel.publish(request());
  await records.flush();
  assert.equal(faults.length, 1, "not told again in the same minute");

  clock = 61_000;
  channel.publish(request());
  await records.flush();
  assert.equal((faults[1]!.error as Error).message, "4 records dropped since the start");

  rmSync(join(folder, "deep"));
  clock = 67_000;
  channel.publish(request());
  await records.stop();
  assert.equal(lines(path).length, 1);
});

test("a rotation that fails is survived", async (context) => {
  let clock = 0;
  const { channel, records, faults, path, lines } = store(context, { rotateBytes: 4096, keep: 1, now: () => clock });
  mkdirSync(join(`${path}.1`, "in the way"), { recursive: true });
  for (let index = 0; index < 5; index++) channel.publish(request());
  await records.flush();
  assert.equal(faults.length, 1);
  rmSync(`${path}.1`, { recursive: true });
  clock = 10_000;
  channel.publish(request({ totalMs: 77 }));
  await records.stop();
  assert.ok(lines().some((line) => line["total_ms"] === 77));
});

test("what waits to be written is bounded: the rest is dropped and counted", async (context) => {
  const { channel, records, faults, lines } = store(context, { bufferBytes: 5000 });
  for (let index = 0; index < 20; index++) channel.publish(request());
  await records.stop();
  const kept = lines().length;
  assert.ok(kept > 0 && kept < 6, `${kept} lines`);
  assert.match((faults[0]!.error as Error).message, /records dropped/u);
});

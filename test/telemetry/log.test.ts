import assert from "node:assert/strict";
import { test } from "node:test";
import { RouterError } from "../../src/errors.ts";
import { createChannel, type RouterEvent } from "../../src/events.ts";
import { StorageError } from "../../src/storage/fault.ts";
import { createLog, logEvents, type LogLevel } from "../../src/telemetry/log.ts";
import { PLANTED, request } from "./events.ts";

function capture(level: LogLevel = "info", pretty = false) {
  const written: string[] = [];
  const log = createLog({ level, pretty, destination: { write: (line) => void written.push(line) } });
  const lines = () => written.map((line) => withoutTime(JSON.parse(line) as Record<string, unknown>));
  return { log, written, lines };
}

function withoutTime(line: Record<string, unknown>): Record<string, unknown> {
  assert.match(String(line["time"]), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/u);
  delete line["time"];
  return line;
}

function logged(events: readonly RouterEvent[], level: LogLevel = "info") {
  const { log, written, lines } = capture(level);
  const channel = createChannel();
  const stop = logEvents(channel, log);
  for (const event of events) channel.publish(event);
  stop();
  channel.publish({ kind: "breaker", target: "after the end", state: "open" });
  return { text: written.join(""), lines: lines() };
}

test("reloads and breaker changes are sentences with fields", () => {
  const { lines } = logged([
    { kind: "reload", result: "applied", hash: "0123456789ab" },
    { kind: "reload", result: "unchanged", hash: "0123456789ab" },
    { kind: "reload", result: "refused", hash: "0123456789ab", error: "signalbox.yaml:3:1 no such key" },
    { kind: "breaker", target: "local/llama", state: "open" },
    { kind: "breaker", target: "local/llama", state: "half_open" },
    { kind: "breaker", target: "local/llama", state: "closed" },
  ]);
  assert.deepEqual(lines, [
    { level: "info", hash: "0123456789ab", message: "The config is in force." },
    { level: "info", hash: "0123456789ab", message: "The config file was read again; nothing changed." },
    {
      level: "error",
      hash: "0123456789ab",
      problem: "signalbox.yaml:3:1 no such key",
      message: "The new config is wrong; the old one stays.",
    },
    {
      level: "warn",
      target: "local/llama",
      state: "open",
      message: "The circuit breaker of local/llama opened: it gets no requests.",
    },
    {
      level: "info",
      target: "local/llama",
      state: "half_open",
      message: "The circuit breaker of local/llama lets one request try.",
    },
    {
      level: "info",
      target: "local/llama",
      state: "closed",
      message: "The circuit breaker of local/llama closed again.",
    },
  ]);
});

test("a failed request is an error without its text; one that went well is told at debug only", () => {
  const failed = request({ status: 502, error: "upstream_failed" });
  const { lines, text } = logged([request(), failed]);
  assert.deepEqual(lines, [
    {
      level: "error",
      decision_id: "d-1",
      door: "openai",
      status: 502,
      error: "upstream_failed",
      model: "llama",
      reason: "cheapest_adequate",
      attempts: [
        { target: "local/llama", result: "timeout" },
        { target: "openai/gpt", result: "ok", status: 200 },
      ],
      total_ms: 1641,
      message: "A request failed with status 502.",
    },
  ]);
  assert.equal(text.includes(PLANTED), false);
  assert.equal(logged([request()], "debug").lines.length, 1);
  assert.equal(logged([failed], "silent").lines.length, 0);
});

test("of a foreign error its message is not told, of ours it is", () => {
  let foreign: unknown;
  try {
    JSON.parse(PLANTED.slice(4));
  } catch (error) {
    foreign = error;
  }
  assert.ok((foreign as Error).message.includes("purple"), "the message quotes the prompt");
  const ours = new RouterError("internal", "Signalbox failed on this request.", { cause: foreign });
  const spread = new Error(`first line\n    at ${PLANTED} (x.ts:1:1)`);
  const { text, lines } = logged([
    { kind: "fault", where: "reading", error: foreign },
    { kind: "fault", where: "routing", error: ours },
    { kind: "fault", where: "frames", error: spread },
    { kind: "fault", where: "odd", error: PLANTED },
  ]);
  for (const word of [PLANTED, "elephant", "purple"]) assert.equal(text.includes(word), false, word);
  const errors = lines.map((line) => line["error"] as Record<string, unknown>);
  assert.equal(errors[0]!["type"], "SyntaxError");
  assert.match(String((errors[0]!["stack"] as string[])[0]), /^at /u);
  assert.equal(errors[1]!["message"], "Signalbox failed on this request.");
  assert.equal(errors[1]!["code"], "internal");
  assert.equal((errors[1]!["cause"] as Record<string, unknown>)["type"], "SyntaxError");
  assert.deepEqual(errors[3], { type: "string" });
});

test("fields that hold credentials are redacted, at any depth, and keys inside texts too", () => {
  const { log, written, lines } = capture();
  const circular: Record<string, unknown> = { Authorization: "Bearer abcdefgh" };
  circular["self"] = circular;
  log.info({ headers: { "x-api-key": "hunter2", cookie: "a=b", inner: { apiKey: "hunter2" } }, tokens: 5 }, "Headers.");
  log.info({ note: "sent Bearer abcdefgh and sk-abcdefghijklmnop and AIzaSyA1234567890abcdefghij" }, "Texts.");
  log.info(circular, "A circle.");
  const [first, second] = lines();
  assert.deepEqual(first!["headers"], {
    "x-api-key": "[redacted]",
    cookie: "[redacted]",
    inner: { apiKey: "[redacted]" },
  });
  assert.equal(first!["tokens"], 5);
  assert.equal(second!["note"], "sent [redacted] and [redacted] and [redacted]");
  assert.equal(/hunter2|abcdefgh/u.test(written.join("")), false);
});

test("a flood of one failure is cut, and what was cut is counted", () => {
  let clock = 0;
  const { log, lines } = capture();
  const channel = createChannel();
  logEvents(channel, log, () => clock);
  for (let index = 0; index < 100; index++) channel.publish(request({ status: 502 }));
  channel.publish({ kind: "fault", where: "elsewhere", error: new Error("x") });
  assert.equal(lines().length, 21);
  clock = 10_000;
  channel.publish(request({ status: 502 }));
  assert.equal(lines().at(-1)!["not_logged_before"], 80);
});

test("for people a line is short", () => {
  const { log, written } = capture("info", true);
  log.info({ hash: "0123456789ab", files: 2 }, "The config is in force.");
  assert.match(written[0]!, /^\d\d:\d\d:\d\d info {2}The config is in force\. hash=0123456789ab files=2\n$/u);
});

test("a budget that is reached is told with its tenant and sums, and a ledger that cannot be written with why", () => {
  const { lines } = logged([
    { kind: "budget", tenant: "acme", state: "soft", period: "2026-01", spentUsd: 8, limitUsd: 10 },
    { kind: "budget", tenant: "acme", state: "hard", period: "2026-01", spentUsd: 10.5, limitUsd: 10 },
    { kind: "fault", where: "ledger", error: new StorageError("busy", "ledger.db is locked by another process.") },
  ]);
  const [soft, hard, fault] = lines;
  assert.deepEqual([soft!["level"], hard!["level"], fault!["level"]], ["warn", "warn", "error"]);
  assert.deepEqual([soft!["tenant"], soft!["spent_usd"], soft!["limit_usd"]], ["acme", 8, 10]);
  assert.match(String(hard!["message"]), /requests are refused/u);
  assert.equal((fault!["error"] as { message: string }).message, "ledger.db is locked by another process.");
});

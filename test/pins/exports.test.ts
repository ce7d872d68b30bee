import assert from "node:assert/strict";
import { test } from "node:test";
import * as signalbox from "../../src/index.ts";
import type {
  Accepted,
  Attempt,
  Channel,
  Checked,
  Config,
  Decision,
  ErrorCode,
  Plan,
  Problem,
  Prompt,
  Reason,
  Refused,
  RequestRecord,
  RouterEvent,
  SafetyVerdict,
  Signalbox,
  SignalReport,
  Usage,
} from "../../src/index.ts";

test("the values that the package exports", () => {
  assert.deepEqual(Object.keys(signalbox).toSorted(), [
    "ERRORS",
    "RouterError",
    "checkConfig",
    "loadConfig",
    "startSignalbox",
  ]);
});

/** A type that is missing from the package makes the type check fail, and with it the build. */
export type Pinned = [
  Accepted,
  Attempt,
  Channel,
  Checked,
  Config,
  Decision,
  ErrorCode,
  Plan,
  Problem,
  Prompt,
  Reason,
  Refused,
  RequestRecord,
  RouterEvent,
  SafetyVerdict,
  Signalbox,
  SignalReport,
  Usage,
];

test("what startSignalbox answers can be stopped, reached and reloaded", async (t) => {
  const checked = signalbox.checkConfig(CONFIG, { env: {}, readFile: () => "" });
  assert.ok("config" in checked);
  const box = await signalbox.startSignalbox(checked);
  t.after(() => box.stop());
  assert.deepEqual(Object.keys(box).toSorted(), ["adminUrl", "apply", "cache", "channel", "metrics", "stop", "url"]);
  assert.equal(await box.apply(checked), false, "nothing changed");
});

const CONFIG = `
server: { listen: "127.0.0.1:0", admin: { listen: "127.0.0.1:0" } }
upstreams: { local: { kind: vllm, url: "http://127.0.0.1:9/v1" } }
tiers: { small: { quality: 0.5 } }
models: { only: { tier: small, price: { input: 1, output: 1 }, targets: [{ upstream: local, model: m }] } }
`;

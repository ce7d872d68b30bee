import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Passage, SignalReport } from "../../src/contracts.ts";
import { createEncodedPrompts } from "../../src/signals/encoded.ts";
import { createJailbreak, jailbreakOptions } from "../../src/signals/jailbreak.ts";
import { createPii, piiOptions } from "../../src/signals/pii.ts";
import { readAll } from "../../src/signals/read.ts";
import { memoryEncoder, type MemoryEncoder, type MemoryEncoderOptions } from "../rig/encoder.ts";
import { document, message, promptOf } from "./prompt.ts";
import { learnedTools } from "./tools.ts";

const clock = () => performance.now();
const GATE = "open the hidden gate";

interface Read {
  readonly report: SignalReport;
  readonly encoder: MemoryEncoder;
  readonly isLater: boolean;
}

async function read(
  everything: readonly Passage[],
  more: MemoryEncoderOptions = {},
  options: object = {},
): Promise<Read> {
  const { tools, encoder } = learnedTools(more);
  const signal = createJailbreak(jailbreakOptions.parse(options), tools);
  const reports = readAll([signal], promptOf("", everything), clock);
  const isLater = reports instanceof Promise;
  return { report: (await reports)[0]!, encoder, isLater };
}

const jailbreak = ({ readings }: SignalReport) => readings.find(({ label }) => label === "jailbreak")?.score ?? 0;
const calmed = () => ({ jailbreak: 0.3, injection: 0.01, harmful: 0 });

describe("jailbreak, where the static stage has doubts", () => {
  for (const suspicion of [0.02, 0.5, 0.98]) {
    test(`takes what the full stage says, at ${suspicion}`, async () => {
      const { report } = await read([message("user", GATE)], { suspicion: () => suspicion, again: calmed });
      assert.equal(jailbreak(report), 0.3);
      assert.deepEqual([report.stage, report.failure, report.error], ["full", undefined, undefined]);
    });
  }

  test("may find what the static stage did not", async () => {
    const again = () => ({ jailbreak: 0.01, injection: 0.95 });
    const { report } = await read([document("quiet words")], { suspicion: () => 0.1, again });
    assert.deepEqual(report.readings, [{ label: "injection", score: 0.95, confidence: 0.95 }]);
  });

  test("gives the second reading the time of a second look, and no more than is left of its own", async () => {
    const { encoder } = await read([message("user", GATE)], { suspicion: () => 0.5 }, { deadline_ms: 300 });
    assert.equal(encoder.rescanMs, 50);
    const hurried = await read([message("user", GATE)], { suspicion: () => 0.5 }, { deadline_ms: 20 });
    assert.ok(hurried.encoder.rescanMs <= 20, `${hurried.encoder.rescanMs} ms`);
  });

  test("keeps its first answer where the second reading fails, and its report says so", async () => {
    for (const fault of ["worker", "deadline", "overloaded"] as const) {
      const whole = await read([message("user", GATE)], { suspicion: () => 0.5, faults: { rescan: fault } });
      const second = { read: 0, missed: 1, fault };
      const part = await read([message("user", GATE)], { suspicion: () => 0.5, again: calmed, second });
      for (const { report } of [whole, part]) {
        assert.equal(jailbreak(report), 0.9);
        assert.deepEqual([report.stage, report.failure], ["static", "second_look"]);
        const why = `The second reading failed with EncoderError (${fault}). The first reading stands.`;
        assert.equal(report.error, why);
      }
    }
  });

  test("keeps its first answer where the second reading never comes", async () => {
    const { report } = await read([message("user", GATE)], { suspicion: () => 0.5, isStuck: true }, { deadline_ms: 5 });
    assert.deepEqual([jailbreak(report), report.failure], [0.9, "deadline"]);
  });
});

describe("jailbreak reads once, and at once,", () => {
  const once = async (everything: readonly Passage[], more: MemoryEncoderOptions) => {
    const { report, encoder, isLater } = await read(everything, more);
    assert.deepEqual([encoder.asked.rescan, isLater, report.stage, report.failure], [0, false, "static", undefined]);
    return report;
  };

  test("where the static stage is sure, either way", async () => {
    assert.equal(jailbreak(await once([message("user", GATE)], { suspicion: () => 0.99 })), 0.9);
    assert.equal(jailbreak(await once([message("user", "hello")], {})), 0);
  });

  test("where only the operator's own text is suspicious", async () => {
    const suspicion = (text: string) => (text === "never reveal this" ? 0.5 : undefined);
    await once([message("system", "never reveal this"), message("user", "hello")], { suspicion });
  });

  test("where the encoder has no full stage", async () => {
    await once([message("user", GATE)], { suspicion: () => 0.5, hasFullStage: false });
  });

  test("where the config never wants a second stage", async () => {
    const encoder = memoryEncoder({ suspicion: () => 0.5 });
    const tools = { clock, encoded: createEncodedPrompts(encoder, false) };
    const reports = readAll([createJailbreak(jailbreakOptions.parse({}), tools)], promptOf(GATE), clock);
    assert.ok(!(reports instanceof Promise));
    assert.deepEqual([encoder.asked.rescan, reports[0]!.stage], [0, "static"]);
  });
});

test("the operator's own text is not read again beside a doubtful one", async () => {
  const seen: number[] = [];
  const { tools, encoder } = learnedTools({ suspicion: () => 0.5 });
  const rescan = encoder.rescan.bind(encoder);
  encoder.rescan = (texts, scan, options) => {
    seen.push(...scan.suspects.map(({ length }) => length));
    return rescan(texts, scan, options);
  };
  const everything = [message("system", "never reveal this"), message("user", "hello")];
  await readAll([createJailbreak(jailbreakOptions.parse({}), tools)], promptOf("", everything), clock);
  assert.deepEqual(seen, [0, 1]);
});

describe("pii, which has learned", () => {
  const found = async (more: MemoryEncoderOptions = {}, options: object = {}) => {
    const { tools, encoder } = learnedTools(more);
    const signal = createPii(piiOptions.parse({ learned: true, ...options }), tools);
    const [report] = await readAll([signal], promptOf("Jane Miller, card 4111 1111 1111 1111"), clock);
    return { report: report!, encoder };
  };

  test("has names from the full stage", async () => {
    const { report, encoder } = await found();
    assert.deepEqual([report.stage, report.failure, encoder.asked.rescan], ["full", undefined, 1]);
    assert.deepEqual(
      report.readings.map(({ label }) => label),
      ["card", "person"],
    );
  });

  test("says that it did not read to the end where there was more than it may read, or no time", async () => {
    const beyond = await found({ second: { read: 64, missed: 3 } });
    assert.deepEqual([beyond.report.failure, beyond.report.error], ["unread", undefined]);
    const late = await found({ second: { read: 1, missed: 2, fault: "deadline" } });
    assert.equal(late.report.failure, "unread");
    assert.match(late.report.error!, /second reading failed with EncoderError \(deadline\)/u);
    assert.equal(late.report.readings[0]!.label, "card");
  });

  test("does not ask an encoder that has no full stage a second time", async () => {
    const { report, encoder } = await found({ hasFullStage: false });
    assert.deepEqual([encoder.asked.rescan, report.stage, report.failure], [0, "static", undefined]);
  });

  test("asks nobody unless it is told to", async () => {
    const { report, encoder } = await found({}, { learned: undefined });
    assert.deepEqual([encoder.asked.scan, report.stage, report.readings.length], [0, undefined, 1]);
  });
});

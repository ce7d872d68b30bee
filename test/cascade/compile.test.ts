import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createCase } from "../../src/cascade/case.ts";
import { compileCascade } from "../../src/cascade/compile.ts";
import { UnfitCascade } from "../../src/cascade/learned.ts";
import { loadCascades } from "../../src/cascade/load.ts";
import { cascadeOptions } from "../../src/cascade/options.ts";
import { checkConfig } from "../../src/config/check.ts";

const tools = { ask: () => Promise.resolve({}), mark: () => "mark" };
const options = (more: object) => cascadeOptions.parse({ models: ["small", "large"], ...more });
const GOOD = "The answer is 42.";

test("an answer passes where each gate lets it pass, and the first that does not is named", async () => {
  const cascade = compileCascade(
    options({ gates: [{ kind: "heuristics" }, { kind: "logprobs", threshold: 0.5 }] }),
    undefined,
  );
  const judged = (text: string, logprobs?: number[]) =>
    cascade.judge(
      0,
      createCase({ turn: "What?" }, { text, ...(logprobs && { logprobs: Float64Array.from(logprobs) }) }),
      tools,
    );
  assert.deepEqual([(await judged(GOOD, [-0.01])).passes, (await judged(GOOD, [-0.01])).gate], [true, "heuristics"]);
  assert.deepEqual([(await judged(GOOD, [-3])).passes, (await judged(GOOD, [-3])).gate], [false, "logprobs"]);
  assert.deepEqual([(await judged("", [-0.01])).passes, (await judged("", [-0.01])).gate], [false, "heuristics"]);
  const silent = await judged(GOOD);
  assert.deepEqual([silent.passes, silent.gate], [false, "logprobs"], "who has nothing to tell by lets nothing pass");
});

test("of the beginning of an answer only what a beginning shows is a fault", async () => {
  const cascade = compileCascade(options({ gates: [{ kind: "heuristics" }] }), undefined);
  const asked = { turn: "Write a long essay on swifts, in detail.", format: { kind: "json" } as const };
  const begun = await cascade.judge(0, createCase(asked, { text: '{"a', isBeginning: true }), tools);
  const whole = await cascade.judge(0, createCase(asked, { text: '{"a' }), tools);
  assert.deepEqual([begun.passes, whole.passes], [true, false]);
});

test("a file of gates that is missing, broken, or learned for other models is refused with its name", async () => {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-gates-"));
  try {
    const path = join(folder, "gates.json");
    const load = () => loadCascades({ default: { cascade: options({ path }) } });
    const refused = (why: RegExp) =>
      assert.rejects(
        load(),
        (error: Error) => error instanceof UnfitCascade && error.message.includes(path) && why.test(error.message),
      );
    await refused(/is not there/u);
    await writeFile(path, "{");
    await refused(/not JSON/u);
    const learned = { format: 1, models: ["tiny", "large"], asks: [], keeps: [], worth: "wrong", most: [], gates: [] };
    await writeFile(path, JSON.stringify(learned));
    await refused(/learned for tiny, large/u);
    await writeFile(path, JSON.stringify({ ...learned, models: ["small", "large"] }));
    assert.deepEqual((await load()).get("default")!.steps, [], "always the strong model");
  } finally {
    await rm(folder, { recursive: true });
  }
});

const yaml = (cascade: string) => `
upstreams: { u: { kind: vllm, url: "http://127.0.0.1:9/v1" } }
tiers: { all: { quality: 0.9 } }
models:
  small: { tier: all, price: { input: 1, output: 1 }, targets: [{ upstream: u, model: s }] }
  large: { tier: all, price: { input: 9, output: 9 }, targets: [{ upstream: u, model: l }] }
routes:
  default:
    cascade: ${cascade}
`;

test("a cascade of the file that cannot work is refused with its line and the reason", () => {
  for (const [cascade, reason] of [
    ["{ models: [small, lrage], gates: [{ kind: heuristics }] }", /no model is called "lrage" did you mean "large"/u],
    ["{ models: [small, large], gates: [{ kind: verifier, model: judge }] }", /no model is called "judge"/u],
    ["{ models: [small, large] }", /either gates or path/u],
    ["{ models: [small, large], gates: [{ kind: heuristics }], path: x.json }", /either gates or path/u],
    ["{ models: [small, small], gates: [{ kind: heuristics }] }", /twice/u],
    ["{ models: [small], gates: [{ kind: heuristics }] }", /cascade\.models expected at least 2 entries/u],
    ["{ models: [small, large], mode: hold, gates: [{ kind: agreement, model: large }] }", /mode to buffer/u],
    [
      "{ models: [small, large], gates: [{ kind: hunch }] }",
      /gates\[0\]\.kind expected one of heuristics, logprobs, agreement, consistency, verifier/u,
    ],
    [
      "{ models: [small, large], gates: [{ kind: heuristics, treshold: 0.4 }] }",
      /"treshold" is not a key.* did you mean "threshold"/u,
    ],
  ] as const) {
    const checked = checkConfig(yaml(cascade), { env: {}, readFile: () => "" });
    assert.ok("problems" in checked, cascade);
    const told = checked.problems
      .map(({ line, path, message, hint }) => `${line} ${path} ${message} ${hint ?? ""}`)
      .join("\n");
    assert.match(told, reason, cascade);
    assert.match(told, /^9 /mu, told);
  }
});

test("agreement with nobody but the last model, or the model itself, is no gate", () => {
  const agreeing = (models: string[], model: string) =>
    cascadeOptions.safeParse({ models, gates: [{ kind: "agreement", model }] }).success;
  assert.deepEqual(
    [
      agreeing(["a", "c"], "b"),
      agreeing(["a", "b", "c"], "a"),
      agreeing(["a", "b", "c"], "b"),
      agreeing(["a", "c"], "c"),
      agreeing(["a", "c"], "a"),
    ],
    [true, true, true, false, false],
  );
});

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readMessages } from "../../src/dialect/messages.ts";
import { createChannel } from "../../src/events.ts";
import { predictorFile } from "../../src/prediction/file.ts";
import { fitPredictor } from "../../src/prediction/fit.ts";
import { expectedCostUsd, expectedOutputTokens } from "../../src/pool/cost.ts";
import { route } from "../../src/route/index.ts";
import { createRuntime } from "../../src/runtime.ts";
import { createState, type State } from "../../src/state.ts";
import { encodedOf, ENCODER_VERSION, rowsOf } from "../prediction/outcomes.ts";
import { memoryEncoder } from "../rig/encoder.ts";
import { config, threeModels } from "../rig/house.ts";

const urls = { small: "http://127.0.0.1:1/v1", medium: "http://127.0.0.1:2/v1", large: "http://127.0.0.1:3/v1" };
const folder = await mkdtemp(join(tmpdir(), "predictor-"));
const states: State[] = [];
after(async () => {
  await Promise.all(states.map((state) => state.shutdown()));
  await rm(folder, { recursive: true });
});

/** The small model is learned to be good at algebra, the large one at verse; of the medium one nothing is known. */
async function house() {
  const file = join(folder, "predictor.json");
  const models = ["small", "large"];
  const fitted = await fitPredictor(
    encodedOf(rowsOf(300)),
    { models, encoderVersion: ENCODER_VERSION },
    async () => {},
  );
  await writeFile(file, predictorFile(fitted.learned));
  const yaml = threeModels(urls).replace(/^signals: .*$/m, `signals: { predictor: { path: ${JSON.stringify(file)} } }`);
  const { config: whole, hash } = config(yaml.replace(/^safety: .*$/m, ""));
  const load = async () => memoryEncoder();
  const state = createState(createChannel(), whole.breaker, () => performance.now(), load);
  states.push(state);
  return createRuntime(whole, hash, state);
}

const ask = (text: string, maxOutputTokens?: number) => ({
  prompt: {
    ...readMessages({ messages: [{ role: "user", content: text }], model: "auto", tools: [] }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  },
  caller: { tenant: "default", trusted: false },
  headers: {},
  constraints: {},
  preview: false,
});

const ALGEBRA = "please give the polynomial and the matrix root of some equation";
const VERSE = "please give the poem and the sonnet rhyme of some ballad";

test("what was learned of the models is their quality, and how long they answer is in their cost", async () => {
  const runtime = await house();
  const [algebra, verse] = [await route(runtime, ask(ALGEBRA)), await route(runtime, ask(VERSE))];
  const of = (plan: typeof algebra, name: string) => plan.decision!.candidates.find(({ model }) => model === name)!;
  assert.ok(of(algebra, "small").quality > of(algebra, "large").quality + 0.2);
  assert.ok(of(verse, "large").quality > of(verse, "small").quality + 0.2);
  assert.ok(of(verse, "large").costUsd > 2 * of(algebra, "large").costUsd);
  assert.equal(of(algebra, "medium").quality, 0.75);
  const { prompt } = ask(VERSE);
  const usual = expectedCostUsd(
    { input: 1, output: 2, cachedInput: 1 },
    prompt.inputTokens,
    expectedOutputTokens(prompt),
  );
  assert.equal(of(verse, "medium").costUsd, usual);
});

test("the client's own limit caps what was learned of the length", async () => {
  const runtime = await house();
  const large = async (most?: number) =>
    (await route(runtime, ask(VERSE, most))).decision!.candidates.find(({ model }) => model === "large")!.costUsd;
  assert.ok((await large(10)) < (await large()) / 2);
});

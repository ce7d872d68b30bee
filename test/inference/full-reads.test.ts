import assert from "node:assert/strict";
import { test } from "node:test";
import type { ToWorker, WorkerSetup } from "../../src/inference/message.ts";
import { ModelWorker } from "../../src/inference/model-worker.ts";
import { modelFolder, PATIENT_MS, startEncoder, writeManifest, type Rig } from "./rig.ts";

const ALL = { safety: true, entities: true, deadlineMs: PATIENT_MS };
const read = ({ events }: Rig) => events.reduce((sum, event) => sum + (event.kind === "batch" ? event.texts : 0), 0);

test("words that one signal had read are not read again for the next", async (t) => {
  const rig = await startEncoder(t);
  const text = "jailbreak bread";
  const scan = await rig.encoder.scan([text], ALL);
  const first = await rig.encoder.refine(text, PATIENT_MS);
  await rig.encoder.rescan([text], scan, { ...ALL, entities: false });
  const again = await rig.encoder.refine(text, PATIENT_MS);
  assert.deepEqual(again, first);
  assert.equal(read(rig), 1);
});

test("names are asked for anew where they were not told before, and what told them serves all", async (t) => {
  const rig = await startEncoder(t);
  const text = "Maria bakes bread";
  const scan = await rig.encoder.scan([text], ALL);
  await rig.encoder.refine(text, PATIENT_MS);
  const told = await rig.encoder.rescan([text], scan, { ...ALL, safety: false });
  assert.equal(read(rig), 2);
  const twice = await rig.encoder.rescan([text], scan, { ...ALL, safety: false });
  await rig.encoder.refine(text, PATIENT_MS);
  assert.deepEqual(twice.entities, told.entities);
  assert.equal(read(rig), 2);
});

test("only so much is kept: what was read long ago is read again", async (t) => {
  const rig = await startEncoder(t);
  for (let at = 0; at < 100; at++) await rig.encoder.refine(`bread ${at}`, PATIENT_MS);
  await rig.encoder.refine("bread 99", PATIENT_MS);
  assert.equal(read(rig), 100);
  await rig.encoder.refine("bread 0", PATIENT_MS);
  assert.equal(read(rig), 101);
});

test("what is written otherwise, or was refused, is read", async (t) => {
  const rig = await startEncoder(t);
  await assert.rejects(rig.encoder.refine("bread", 0), { fault: "deadline" });
  await rig.encoder.refine("bread", PATIENT_MS);
  await rig.encoder.refine("BREAD", PATIENT_MS);
  assert.equal(read(rig), 2);
});

test("a second look at a long text does not read it all again", async (t) => {
  const models = modelFolder(t);
  const fit = { temperature: 2, abstainBelow: 0.4 };
  const heads = {
    domain: { labels: ["law", "math", "other"], kind: "choice", static: fit, full: { ...fit, share: 0.5 } },
  };
  writeManifest(models, { heads });
  let long = 0;
  const startWorker = (entry: URL, setup: WorkerSetup) => {
    const worker = new ModelWorker(entry, setup);
    const post = worker.postMessage.bind(worker);
    worker.postMessage = (message: ToWorker) => {
      if (message.kind === "stepped") long += 1;
      post(message);
    };
    return worker;
  };
  const { encoder } = await startEncoder(t, {}, { models, startWorker });
  const text = "quiet words of law ".repeat(400);
  await encoder.encode(text, PATIENT_MS);
  const { stage, heads: mixed } = await encoder.refine(text, PATIENT_MS);
  assert.deepEqual([stage, Object.keys(mixed), long], ["full", ["domain"], 1]);
  await encoder.refine(text.toUpperCase(), PATIENT_MS);
  assert.equal(long, 2);
});

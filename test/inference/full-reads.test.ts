import assert from "node:assert/strict";
import { test } from "node:test";
import { PATIENT_MS, startEncoder, type Rig } from "./rig.ts";

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

import assert from "node:assert/strict";
import { test } from "node:test";
import { read, write } from "../../src/cache/written.ts";

const body = Buffer.from('{"a":"line\\n"}\n{');

test("an answer is read as it was written, with the model that gave it", () => {
  for (const model of ["small", "org/name:8b", 'with "quotes"\nand lines']) {
    const back = read(write({ model, body }))!;
    assert.equal(back.model, model);
    assert.deepEqual(Buffer.from(back.body), body);
  }
  assert.equal(read(write({ model: "m", body: new Uint8Array(0) }))!.body.length, 0);
});

test("what was written otherwise is nothing", () => {
  for (const other of [
    "",
    "{}",
    "{}\n",
    '{"version":2,"model":"m"}\n{}',
    '{"version":1}\n{}',
    "no json\n{}",
    `${"x".repeat(2000)}\n`,
  ])
    assert.equal(read(Buffer.from(other)), undefined, other);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { createSeam } from "../../src/dialect/seam.ts";

/** What comes through, of new words in these pieces. */
function through(said: string, space: string, ...pieces: readonly string[]): string[] {
  const seam = createSeam(said, space);
  return [...pieces.map((piece) => seam.push(piece)), seam.end()];
}

const SAID = "It was a bright cold day in April, and the clocks were strik";

test("new words come as they are, as soon as they cannot be old ones", () => {
  assert.deepEqual(through(SAID, "", "ing", " thirteen"), ["ing", " thirteen", ""]);
});

test("a repeated end is left out, however it is cut into pieces", () => {
  assert.equal(through(SAID, "", "and the clocks were striking thirteen.").join(""), "ing thirteen.");
  assert.equal(through(SAID, "", ...Array.from("and the clocks were striking thirteen.")).join(""), "ing thirteen.");
  assert.equal(through(SAID, "", ...Array.from("the clocks were strik")).join(""), "");
});

test("a few characters that are the same are no repetition", () => {
  assert.equal(through("a b c d", "", "c d", " e").join(""), "c d e");
  assert.equal(through(SAID, "", "were strik", "ing").join(""), "were striking");
  assert.equal(through(SAID, "", "strik").join(""), "strik");
});

test("in scripts without spaces characters are words", () => {
  const said = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当が";
  assert.equal(through(said, "", "どこで生れたかとんと見当が", "つかぬ。").join(""), "つかぬ。");
});

test("white space that the client has already is left out, as far as it is the same", () => {
  assert.equal(through("One.", "\n\n", "\n", "\nTwo.").join(""), "Two.");
  assert.equal(through("One.", "\n\n", "\nTwo.").join(""), "Two.");
  assert.equal(through("One.", " ", "Two.").join(""), "Two.");
  assert.equal(through("One.", " ", "\nTwo.").join(""), "\nTwo.");
  assert.equal(through("say four words of it", " ", "four words of it again").join(""), "again");
});

test("no more than 200 characters are held back", () => {
  const said = "no more ".repeat(60);
  let held = 0;
  const seam = createSeam(said, "");
  while (seam.push("no more ") === "") held += 8;
  assert.ok(held <= 200, `${held} characters`);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Line, readLines, readWhole } from "../../src/cli/input.ts";
import { RouterError } from "../../src/errors.ts";

async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const tooLarge = (error: unknown) => error instanceof RouterError && error.code === "body_too_large";
const texts = async (source: AsyncIterable<Line>) =>
  (await Array.fromAsync(source)).map(({ number, bytes }) => `${number} ${Buffer.from(bytes).toString()}`);

test("lines come out whole however the bytes arrive; empty ones are counted and left out", async () => {
  const text = "hello\r\n\n退款 please\nlast";
  for (let size = 1; size < 12; size++) {
    assert.deepEqual(await texts(readLines(pieces(text, size), 100)), ["1 hello", "3 退款 please", "4 last"]);
  }
});

test("a line over the limit is refused, however many lines within it came before", async () => {
  assert.equal((await texts(readLines(pieces("12345678\n".repeat(50), 7), 8))).length, 50);
  await assert.rejects(texts(readLines(pieces("1234\n123456789\n", 7), 8)), tooLarge);
});

test("a whole text loses the line break at its end and nothing else", async () => {
  assert.equal(Buffer.from(await readWhole(pieces(" a\nb \n", 2), 100)).toString(), " a\nb ");
  await assert.rejects(readWhole(pieces("123456789", 3), 8), tooLarge);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { assemble } from "../../scripts/kernel.ts";
import { SCAN_CODE } from "../../src/cache/index/scan-code.ts";
import { createVectorIndex } from "../../src/cache/index/vectors.ts";
import { between, cosine, direction } from "./entries.ts";

test("the code is what the text assembles to", async () => {
  assert.equal(SCAN_CODE, await assemble("cache/index/scan"));
});

/** Vectors of so many dimensions in clusters, as those of questions are; and questions near some of them. */
function clustered(count: number, dimensions: number) {
  const centres = Array.from({ length: 50 }, (_, at) => direction(at, dimensions));
  const vectors = Array.from({ length: count }, (_, at) =>
    between(centres[at % 50]!, direction(1000 + at, dimensions), 0.4),
  );
  const asked = Array.from({ length: 60 }, (_, at) =>
    between(vectors[(at * 997) % count]!, direction(90_000 + at, dimensions), 0.15),
  );
  return { vectors, asked };
}

for (const dimensions of [3, 64, 256, 384, 1536]) {
  test(`small partitions are searched exactly, at ${dimensions} dimensions`, async () => {
    const { vectors, asked } = clustered(200, dimensions);
    const index = createVectorIndex<number>(dimensions);
    for (const [at, vector] of vectors.entries()) index.add("p", vector, at);
    for (const question of asked) {
      const wanted = vectors.map((vector) => cosine(vector, question)).toSorted((a, b) => b - a);
      const found = await index.nearest("p", question, 4);
      assert.equal(found.length, 4);
      for (const [at, { thing, similarity }] of found.entries()) {
        assert.ok(Math.abs(similarity - cosine(vectors[thing]!, question)) < 0.001);
        assert.ok(Math.abs(similarity - wanted[at]!) < 0.001);
      }
    }
  });
}

test("of a large partition the nearest is found nearly always", async () => {
  const { vectors, asked } = clustered(6000, 256);
  const index = createVectorIndex<number>(256);
  for (const [at, vector] of vectors.entries()) index.add("p", vector, at);
  let right = 0;
  for (const question of asked) {
    const best = vectors.reduce((most, vector) => Math.max(most, cosine(vector, question)), -1);
    const [found] = await index.nearest("p", question, 1);
    if (found!.similarity > best - 0.001) right += 1;
  }
  assert.ok(right >= 59, `${right} of ${asked.length}`);
});

test("what is removed is found no more, and its place is taken by what comes next", async () => {
  const index = createVectorIndex<string>(64);
  const slots = ["a", "b", "c", "d"].map((name, at) => index.add("p", direction(at), name)!);
  const names = async () => (await index.nearest("p", direction(0), 9)).map(({ thing }) => thing).toSorted();
  index.remove(slots[1]!);
  index.remove(slots[3]!);
  assert.deepEqual([await names(), index.size], [["a", "c"], 2]);
  const again = index.add("other", direction(1), "e")!;
  assert.ok(again === slots[1] || again === slots[3]);
  assert.deepEqual(await names(), ["a", "c"]);
  for (const slot of [slots[0]!, slots[2]!, again]) index.remove(slot);
  assert.deepEqual([await names(), index.size], [[], 0]);
});

test("thousands of the same vector do not hide each other's likes", async () => {
  const index = createVectorIndex<number>(256);
  for (let at = 0; at < 3000; at++) index.add("p", direction(1, 256), at);
  const near = between(direction(1, 256), direction(2, 256), 0.2);
  index.add("p", near, -1);
  const [best] = await index.nearest("p", near, 1);
  assert.equal(best!.thing, -1);
  assert.equal((await index.nearest("p", direction(1, 256), 5)).length, 5);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Edit } from "../../src/contracts.ts";
import { applyEdits } from "../../src/dialect/json.ts";
import { composeEdits } from "../../src/rewrite/compose.ts";

const TEXT = "0123456789";
const edit = (offset: number, length: number, text: string): Edit => ({ offset, length, bytes: Buffer.from(text) });
const composed = (...lists: readonly Edit[][]): string =>
  Buffer.from(applyEdits(Buffer.from(TEXT), composeEdits(...lists))).toString();

test("edits that do not meet are all made, at the edges of others too", () => {
  assert.equal(composed([edit(2, 2, "A")], [edit(0, 1, "B"), edit(4, 1, "C")]), "B1AC56789");
  assert.equal(composed([edit(2, 2, "A")], [edit(2, 0, "<"), edit(4, 0, ">")]), "01<A>456789");
  assert.equal(composed([edit(2, 0, "A")], [edit(2, 0, "B")]), "01AB23456789");
  assert.equal(composed([edit(2, 0, "A")], [edit(2, 2, "B")]), "01AB456789");
});

test("what lies within a stronger one is dropped", () => {
  assert.equal(composed([edit(2, 5, "A")], [edit(3, 2, "B"), edit(5, 0, "C")]), "01A789");
  assert.equal(composed([edit(2, 5, "A")], [edit(2, 5, "B")]), "01A789");
  assert.equal(composed([edit(2, 5, "A")], [edit(2, 2, "B")]), "01A789");
});

test("what reaches out of a stronger one hides all that it meant to hide", () => {
  assert.equal(composed([edit(4, 4, "A")], [edit(2, 4, "B")]), "01BA89");
  assert.equal(composed([edit(2, 4, "A")], [edit(4, 4, "B")]), "01AB89");
  assert.equal(composed([edit(4, 1, "A")], [edit(2, 6, "B")]), "01BA89");
  assert.equal(composed([edit(2, 2, "A"), edit(6, 2, "C")], [edit(3, 4, "B")]), "01ABC89");
});

test("the first of three hands wins over both others", () => {
  assert.equal(composed([edit(0, 10, "A")], [edit(1, 2, "B")], [edit(2, 5, "C")]), "A");
});

test("objects that several put in the same place come together, the stronger's word first", () => {
  const united = (json: string, ...texts: readonly string[]) => {
    const lists = texts.map((text) => [edit(json.indexOf("|"), 0, text)]);
    return Buffer.from(applyEdits(Buffer.from(json.replace("|", "")), composeEdits(...lists))).toString();
  };
  assert.equal(united('{"m":1|}', ',"c":{"a":1}', ',"c":{"a":2,"b":3}'), '{"m":1,"c":{"a":1,"b":3}}');
  assert.equal(united("{|}", '"a":1', '"b":2', '"c":3'), '{"a":1,"b":2,"c":3}');
  assert.equal(united('{"m":1|}', ',"a":1', ',"b":2'), '{"m":1,"a":1,"b":2}');
  const nothing = [[edit(5, 4, '{"a":1}')], [edit(5, 4, '{"b":2}')]];
  const left = Buffer.from(applyEdits(Buffer.from('{"c":null}'), composeEdits(...nothing))).toString();
  assert.equal(left, '{"c":{"a":1,"b":2}}');
});

const edits = fc.array(fc.tuple(fc.nat(60), fc.nat(6), fc.string({ maxLength: 3 })), { maxLength: 8 }).map((all) => {
  let done = 0;
  return all
    .toSorted((a, b) => a[0] - b[0] || a[1] - b[1])
    .flatMap(([offset, length, text]) => {
      if (offset < done) return [];
      done = offset + length;
      return [edit(offset, length, text)];
    });
});

test("whatever meets, the result can be made, keeps what nobody touched and nothing of what anybody replaced", () => {
  const bytes = Buffer.from(Array.from({ length: 70 }, (_, at) => 0x80 + at));
  fc.assert(
    fc.property(edits, edits, edits, (first, second, third) => {
      const all = [first, second, third];
      const left = Buffer.from(applyEdits(bytes, composeEdits(...all)));
      bytes.forEach((byte, at) => {
        const isReplaced = all.flat().some(({ offset, length }) => offset <= at && at < offset + length);
        assert.equal(left.includes(byte), !isReplaced, `byte ${at}`);
      });
      for (const { bytes: text, length } of first)
        if (length > 0 || text.length > 0) assert.ok(left.includes(Buffer.from(text)));
    }),
    { numRuns: 2000 },
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { placesIn, readEntry, readForm } from "../../src/config/form.ts";

const form = z.strictObject({ rows: z.array(z.strictObject({ name: z.string(), kind: z.enum(["one", "two"]) })) });

test("a form is read with the place of each part", () => {
  const read = readForm("rows:\n  - { name: a, kind: one }\n  - name: b\n    kind: two\n", form);
  assert.ok("value" in read);
  assert.deepEqual(read.value.rows, [
    { name: "a", kind: "one" },
    { name: "b", kind: "two" },
  ]);
  assert.deepEqual(read.locate(["rows", 1, "kind"]), { line: 4, column: 11 });
});

test("references are plain text in a form: nothing of the environment comes in", () => {
  const read = readForm("rows: [{ name: 'a ${HOME} $${PATH} ${file:/etc/hostname}', kind: one }]", form);
  assert.ok("value" in read);
  assert.equal(read.value.rows[0]!.name, "a ${HOME} $${PATH} ${file:/etc/hostname}");
});

test("what is wrong is said with line and column, and what was probably meant", () => {
  const problemsOf = (text: string) => {
    const read = readForm(text, form);
    return "problems" in read
      ? read.problems.map(({ line, column, message, hint }) => [line, column, message, hint])
      : [];
  };
  assert.deepEqual(problemsOf("rows:\n  - { naem: a, kind: tow }"), [
    [2, 7, '"naem" is not a key that is known here', 'did you mean "name"?'],
    [2, 22, "expected one of one, two", 'did you mean "two"?'],
  ]);
  assert.match(String(problemsOf("rows: [\n")[0]?.[2]), /bracket/);
  assert.match(String(problemsOf("rows: []\nrows: []")[0]?.[2]), /twice/);
});

test("one entry is read by its own schema, with the same words", () => {
  assert.deepEqual(readEntry({ name: 1 }, z.strictObject({ name: z.string() })), {
    findings: [{ steps: ["name"], message: "expected text, found a whole number" }],
  });
});

test("places in a config file are found without its secrets", () => {
  const locate = placesIn("upstreams:\n  a: { key: '${NOWHERE}' }\nroutes:\n  billing: {}\n")!;
  assert.equal(locate(["routes", "billing"]).line, 4);
  assert.equal(placesIn("a: [\n"), undefined);
});

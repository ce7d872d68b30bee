import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { JsonSchema } from "../../src/config/issues.ts";
import { jsonSchema } from "../../src/config/schema.ts";

interface Key {
  readonly path: string;
  readonly name: string;
  readonly described: boolean;
}

function keysOf(schema: JsonSchema, path = ""): Key[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => [
    { path: `${path}.${name}`, name, described: (inner.description ?? "").length > 0 },
    ...keysOf(inner, `${path}.${name}`),
  ]);
  const forms = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  const inside = [schema.items, schema.additionalProperties].filter((inner) => typeof inner === "object");
  return [
    ...own,
    ...forms.flatMap((form) => keysOf(form, path)),
    ...inside.flatMap((inner) => keysOf(inner, `${path}[]`)),
  ];
}

test("the committed schema is the one that the rooms make: node scripts/schema.ts writes it", () => {
  const committed = readFileSync(join(import.meta.dirname, "../../config.schema.json"), "utf8");
  assert.deepEqual(JSON.parse(committed), jsonSchema());
});

test("there are fewer than 150 distinct keys", () => {
  const names = new Set(keysOf(jsonSchema()).map(({ name }) => name));
  assert.ok(names.size > 80 && names.size < 150, `${names.size} keys`);
});

test("every key says what it is for", () => {
  const silent = keysOf(jsonSchema()).filter(({ described }) => !described);
  assert.deepEqual(
    silent.map(({ path }) => path),
    [],
  );
});

test("every section refuses unknown keys and the whole has a name", () => {
  const schema = jsonSchema();
  assert.equal(schema["$id"], "urn:signalbox:config:1");
  assert.equal(schema["title"], "signalbox.yaml");
  const open = /"properties":(?:(?!"additionalProperties").)*$/su.exec(JSON.stringify(schema["properties"]));
  assert.equal(open, null);
  assert.equal(schema["additionalProperties"], false);
});

test("a reference is allowed where a key of some length and form is asked for", () => {
  const token = (jsonSchema() as JsonSchema).properties?.["server"]?.properties?.["admin"]?.properties?.["token"] as {
    minLength: number;
    pattern: string;
  };
  assert.equal(token.minLength, 1);
  assert.match("${T}", new RegExp(token.pattern, "u"));
  assert.doesNotMatch("with space", new RegExp(token.pattern, "u"));
});

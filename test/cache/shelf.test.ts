import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createShelf, type Kept } from "../../src/cache/shelf.ts";

const BOUNDS = { entries: 12, bytes: 100, entryBytes: 40, share: 0.5 };

const step = fc.record({
  kind: fc.constantFrom("add", "add", "add", "use", "remove"),
  name: fc.integer({ min: 0, max: 30 }).map(String),
  tenant: fc.constantFrom("a", "b", "c"),
  bytes: fc.integer({ min: 1, max: BOUNDS.entryBytes }),
});

test("a shelf never holds more than it may, and counts what it holds, whatever happens to it", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const shelf = createShelf<Kept>(BOUNDS);
      const known = new Map<string, Kept>();
      for (const { kind, name, tenant, bytes } of steps) {
        if (kind === "use") assert.equal(shelf.use(name), known.get(name));
        if (kind === "remove") assert.equal(shelf.remove(name), known.get(name));
        if (kind === "remove") known.delete(name);
        if (kind !== "add") continue;
        const thing = { name, tenant, bytes };
        const { replaced, evicted } = shelf.add(thing);
        assert.equal(replaced, known.get(name));
        for (const gone of evicted) known.delete(gone.name);
        known.set(name, thing);
        assert.deepEqual([...shelf.values()].map((each) => each.name).toSorted(), [...known.keys()].toSorted());
        assert.equal(
          shelf.bytes,
          [...known.values()].reduce((sum, each) => sum + each.bytes, 0),
        );
        assert.ok(shelf.size <= BOUNDS.entries && shelf.bytes <= BOUNDS.bytes);
      }
    }),
  );
});

test("a tenant within its share loses nothing to one that is over it", () => {
  const shelf = createShelf<Kept>({ ...BOUNDS, bytes: 10_000 });
  const quiet = Array.from({ length: 6 }, (_, at) => ({ name: `quiet ${at}`, tenant: "quiet", bytes: 10 }));
  for (const thing of quiet) shelf.add(thing);
  for (let at = 0; at < 500; at++) shelf.add({ name: `loud ${at}`, tenant: "loud", bytes: 10 });
  for (const { name } of quiet) assert.ok(shelf.use(name), name);
});

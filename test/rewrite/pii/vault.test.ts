import assert from "node:assert/strict";
import { test } from "node:test";
import { placeholdersOf } from "../../../src/rewrite/pii/placeholders.ts";
import { createShelf, createVault, type Shelf } from "../../../src/rewrite/pii/vault.ts";

const map = (value: string) => placeholdersOf([{ placeholder: "<EMAIL_1>", value, entity: "email" }]);
const SECRET = "a secret of the test";

/** A shelf that shows what lies on it. */
function openShelf(): Shelf & { readonly sealed: Map<string, Uint8Array> } {
  const sealed = new Map<string, Uint8Array>();
  return { sealed, get: (key) => sealed.get(key), set: (key, bytes) => void sealed.set(key, bytes) };
}

function clocked(limits: Partial<{ entries: number; bytes: number; windowMs: number }> = {}) {
  let now = 1;
  const shelf = createShelf({ entries: 100, bytes: 100_000, windowMs: 1000, clock: () => now, ...limits });
  return { vault: createVault(SECRET, shelf), pass: (ms: number) => void (now += ms) };
}

test("a conversation finds its placeholders again, and nobody else's", () => {
  const { vault } = clocked();
  vault.keep("acme", "one", map("ada@mail.dev"));
  assert.deepEqual(vault.open("acme", "one").reveal(), map("ada@mail.dev").reveal());
  assert.equal(vault.open("acme", "two").size, 0);
  assert.equal(vault.open("other", "one").size, 0);
});

test("what lies on the shelf shows neither values nor whose they are", () => {
  const shelf = openShelf();
  createVault(SECRET, shelf).keep("acme", "one", map("ada@mail.dev"));
  for (const [key, bytes] of shelf.sealed) {
    const seen = `${key} ${Buffer.from(bytes).toString("latin1")}`;
    for (const word of ["ada", "EMAIL", "acme", "one"]) assert.ok(!seen.includes(word));
  }
});

test("what was changed, sealed with another key or put in another's place is as good as lost", () => {
  const shelf = openShelf();
  const vault = createVault(SECRET, shelf);
  vault.keep("acme", "one", map("ada@mail.dev"));
  vault.keep("acme", "two", map("bob@mail.dev"));
  assert.equal(createVault("another secret of it", shelf).open("acme", "one").size, 0);
  const [[first, sealed], [second, others]] = [...shelf.sealed] as [[string, Uint8Array], [string, Uint8Array]];
  shelf.sealed.set(first, others);
  shelf.sealed.set(
    second,
    sealed.map((byte, at) => (at === 40 ? byte ^ 1 : byte)),
  );
  assert.equal(vault.open("acme", "one").size, 0);
  assert.equal(vault.open("acme", "two").size, 0);
  shelf.sealed.set(first, sealed.subarray(0, 5));
  assert.equal(vault.open("acme", "one").size, 0);
});

test("the same map is never sealed the same", () => {
  const shelf = openShelf();
  const vault = createVault(SECRET, shelf);
  vault.keep("acme", "one", map("ada@mail.dev"));
  const [before] = shelf.sealed.values();
  vault.keep("acme", "one", map("ada@mail.dev"));
  assert.notDeepEqual([...shelf.sealed.values()][0], before);
});

test("a conversation that rests is forgotten, and the longest unused goes where there is no room", () => {
  const { vault, pass } = clocked({ entries: 2 });
  vault.keep("acme", "one", map("a@mail.dev"));
  pass(900);
  assert.equal(vault.open("acme", "one").size, 1);
  pass(200);
  assert.equal(vault.open("acme", "one").size, 0);
  for (const name of ["one", "two", "three"]) vault.keep("acme", name, map("a@mail.dev"));
  assert.deepEqual(
    ["one", "two", "three"].map((name) => vault.open("acme", name).size),
    [0, 1, 1],
  );
});

test("a map that is too large for anybody's conversation is not kept", () => {
  const shelf = openShelf();
  createVault(SECRET, shelf).keep("acme", "one", map("x".repeat(2 * 1024 * 1024)));
  assert.equal(shelf.sealed.size, 0);
});

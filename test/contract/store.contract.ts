import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test, type TestContext } from "node:test";
import { bytesOf, type Entry, idOf, type Store, type StoreOptions } from "../../src/cache/store.ts";
import { between, cosine, digest, direction, entryOf, START, storeOptions } from "../cache/entries.ts";

export type CreateStore = (t: TestContext, options: StoreOptions) => Promise<Store>;

/** What every store keeps to, wherever its entries are. `skip` says why it cannot be tried here. */
export function storeContract(says: string, create: CreateStore, skip: string | false = false): void {
  const made = async (t: TestContext, overrides: Partial<StoreOptions> = {}) => {
    const { options, clock, events } = storeOptions(overrides);
    const store = await create(t, options);
    await store.ready;
    t.after(() => store.close());
    /** Puts all, each a moment after the one before, until they are stored. */
    const put = async (...entries: Entry[]) => {
      for (const entry of entries) {
        clock.at += 1;
        store.put(entry);
      }
      await store.flush();
    };
    /** Which of these are found, each looked up a moment after the one before. */
    const found = async (...names: string[]) => {
      const there: string[] = [];
      for (const name of names) {
        clock.at += 1;
        if (await store.lookup(digest(name))) there.push(name);
      }
      return there;
    };
    return { store, clock, events, put, found };
  };

  describe(says, { skip }, () => {
    test("finds what was put by its key, byte for byte, and nothing by another", async (t) => {
      const { store, put } = await made(t);
      const entry = entryOf("a", { answer: randomBytes(5000), vector: direction(1) });
      await put(entry, entryOf("b"));
      const { key, tenant, route, question, api, answer, storedAt, expiresAt } = entry;
      const found = (await store.lookup(digest("a")))!;
      assert.deepEqual(
        { ...found, key: Buffer.from(found.key), answer: Buffer.from(found.answer) },
        { key, tenant, route, question, api, answer, storedAt, expiresAt },
      );
      assert.equal(await store.lookup(digest("c")), undefined);
    });

    test("keeps questions and names in any script, and an empty answer", async (t) => {
      const { store, put } = await made(t);
      const texts = ["", "日本語 👩‍👩‍👧 é", "'; drop table entries; --", "a\0b", "line\nline"];
      for (const [at, text] of texts.entries()) {
        const name = text.replaceAll("\0", "");
        await put(entryOf(`${at}`, { question: text, tenant: name, route: name, answer: new Uint8Array() }));
        const found = (await store.lookup(digest(`${at}`)))!;
        assert.deepEqual([found.question, found.tenant, found.route, found.answer.length], [text, name, name, 0]);
      }
    });

    test("keeps the newest of two entries with one key", async (t) => {
      const { store, put } = await made(t);
      await put(entryOf("a", { vector: direction(1) }));
      await put(entryOf("a", { answer: Buffer.from("new"), vector: direction(2) }));
      assert.equal(Buffer.from((await store.lookup(digest("a")))!.answer).toString(), "new");
      assert.equal(store.stats().entries, 1);
      const ask = (vector: Float32Array) =>
        store.nearest({ partition: digest("partition"), vector, most: 5, least: 0.9 });
      assert.deepEqual([(await ask(direction(1))).length, (await ask(direction(2))).length], [0, 1]);
    });

    test("finds the nearest of a partition first, and says how similar they are", async (t) => {
      const { store, put } = await made(t);
      const asked = direction(0);
      const shares = [0.3, 0.1, 0.2, 0];
      const vectors = shares.map((share) => between(asked, direction(9), share));
      await put(
        ...vectors.map((vector, at) => entryOf(`near ${at}`, { vector })),
        entryOf("elsewhere", { partition: digest("other"), vector: asked }),
        entryOf("without a vector"),
      );
      const near = await store.nearest({ partition: digest("partition"), vector: asked, most: 3, least: 0.5 });
      assert.deepEqual(
        near.map(({ question }) => question),
        ["What is near 3?", "What is near 1?", "What is near 2?"],
      );
      for (const [at, index] of [3, 1, 2].entries()) {
        assert.ok(Math.abs(near[at]!.similarity - cosine(asked, vectors[index]!)) < 0.001);
        assert.deepEqual(Buffer.from(near[at]!.key), Buffer.from(digest(`near ${index}`)));
        assert.equal(near[at]!.storedAt, START);
      }
    });

    test("does not tell of entries that are less similar than asked, nor in empty partitions", async (t) => {
      const { store, put } = await made(t);
      await put(entryOf("a", { vector: between(direction(0), direction(9), 0.5) }));
      const asked = { partition: digest("partition"), vector: direction(0), most: 5 };
      assert.equal((await store.nearest({ ...asked, least: 0.99 })).length, 0);
      assert.equal((await store.nearest({ ...asked, least: 0.1 })).length, 1);
      assert.equal((await store.nearest({ ...asked, partition: digest("empty"), least: -1 })).length, 0);
    });

    test("neither compares nor stores for likeness a vector of another encoder", async (t) => {
      const { store, put } = await made(t);
      await put(entryOf("a", { vector: direction(1, 32) }), entryOf("b", { vector: direction(1) }));
      const asked = { partition: digest("partition"), most: 5, least: -1 };
      assert.equal((await store.nearest({ ...asked, vector: direction(1, 32) })).length, 0);
      assert.equal((await store.nearest({ ...asked, vector: direction(1) })).length, 1);
      assert.ok(await store.lookup(digest("a")));
    });

    test("does not find an entry from the moment that it expires", async (t) => {
      const { store, put, clock, found } = await made(t);
      await put(entryOf("a", { vector: direction(1), expiresAt: START + 5000 }));
      const ask = () => store.nearest({ partition: digest("partition"), vector: direction(1), most: 1, least: 0.9 });
      clock.at = START + 4990;
      assert.deepEqual([await found("a"), (await ask()).length], [["a"], 1]);
      clock.at = START + 5000;
      assert.deepEqual([(await ask()).length, await found("a")], [0, []]);
    });

    test("purges by tenant, by route, by both and by id, and answers how many", async (t) => {
      const { store, put, found } = await made(t);
      const all = ["a", "b", "c", "d", "e"];
      await put(
        entryOf("a", { vector: direction(1) }),
        entryOf("b", { tenant: "other" }),
        entryOf("c", { route: "code" }),
        entryOf("d", { tenant: "other", route: "code" }),
        entryOf("e"),
      );
      assert.equal(await store.purge({ id: idOf(digest("nobody")) }), 0);
      assert.equal(await store.purge({ id: idOf(digest("e")), tenant: "other" }), 0);
      assert.deepEqual(await found(...all), all);
      assert.equal(await store.purge({ tenant: "other", route: "code" }), 1);
      assert.deepEqual(await found(...all), ["a", "b", "c", "e"]);
      assert.equal(await store.purge({ id: idOf(digest("e")) }), 1);
      assert.equal(await store.purge({ tenant: "acme" }), 2);
      assert.deepEqual(await found(...all), ["b"]);
      assert.equal(await store.purge({ route: "chat" }), 1);
      assert.equal(store.stats().entries, 0);
      const asked = { partition: digest("partition"), vector: direction(1), most: 1, least: -1 };
      assert.equal((await store.nearest(asked)).length, 0);
    });

    test("purges what was put a moment before, and everything where nothing is named", async (t) => {
      const { store, found } = await made(t);
      for (let at = 0; at < 50; at++) store.put(entryOf(`${at}`));
      await store.purge({});
      await store.flush();
      assert.deepEqual(await found(...Array.from({ length: 50 }, (_, at) => `${at}`)), []);
    });

    test("lets go of what was used least when there is no room for more entries", async (t) => {
      const { store, put, found } = await made(t, { entries: 3, share: 1 });
      await put(entryOf("a"), entryOf("b"), entryOf("c"));
      assert.deepEqual(await found("a"), ["a"]);
      await put(entryOf("d"));
      assert.deepEqual(await found("a", "b", "c", "d"), ["a", "c", "d"]);
      const { entries, evicted } = store.stats();
      assert.deepEqual({ entries, evicted }, { entries: 3, evicted: 1 });
    });

    test("lets go of what was used least when there is no room for more bytes", async (t) => {
      const entry = (name: string) => entryOf(name, { answer: randomBytes(2000) });
      const { store, put, found } = await made(t, { bytes: 3 * bytesOf(entry("a")) + 100, share: 1 });
      await put(entry("a"), entry("b"), entry("c"), entry("d"));
      assert.deepEqual(await found("a", "b", "c", "d"), ["b", "c", "d"]);
      assert.ok(store.stats().bytes <= 3 * bytesOf(entry("a")) + 100);
    });

    test("refuses an entry that is larger than one may be, and says so", async (t) => {
      const { store, put, found } = await made(t, { entryBytes: 5000 });
      assert.equal(store.put(entryOf("large", { answer: randomBytes(6000) })), false);
      await put(entryOf("small"));
      assert.deepEqual([await found("large", "small"), store.stats().refused], [["small"], 1]);
    });

    test("lets a tenant fill what is empty, and takes it back when others come", async (t) => {
      const { store, put, found } = await made(t, { entries: 10, share: 0.5 });
      const names = (tenant: string, count: number) => Array.from({ length: count }, (_, at) => `${tenant} ${at}`);
      const fill = (tenant: string, count: number) =>
        put(...names(tenant, count).map((name) => entryOf(name, { tenant })));
      await fill("loud", 30);
      assert.equal(store.stats().entries, 10);
      await fill("quiet", 4);
      assert.deepEqual(await found(...names("quiet", 4)), names("quiet", 4));
      await fill("loud", 60);
      assert.deepEqual(await found(...names("quiet", 4)), names("quiet", 4));
      assert.equal(store.stats().entries, 10);
    });

    test("is not changed by whoever put an entry, or got one", async (t) => {
      const { store } = await made(t);
      const entry = entryOf("a", { answer: Buffer.from("as it was"), vector: direction(1) });
      store.put(entry);
      entry.answer.fill(0);
      entry.vector!.fill(0);
      await store.flush();
      assert.equal(Buffer.from((await store.lookup(digest("a")))!.answer).toString(), "as it was");
      const asked = { partition: digest("partition"), vector: direction(1), most: 1, least: 0.99 };
      assert.equal((await store.nearest(asked)).length, 1);
    });

    test("answers many at once, each with its own", async (t) => {
      const { store, put } = await made(t);
      const names = Array.from({ length: 300 }, (_, at) => `${at}`);
      await put(...names.map((name, at) => entryOf(name, { vector: direction(at) })));
      const answers = await Promise.all(
        names.map(async (name, at) => {
          const [exact, near] = await Promise.all([
            store.lookup(digest(name)),
            store.nearest({ partition: digest("partition"), vector: direction(at), most: 1, least: 0.99 }),
          ]);
          return [exact?.question, near[0]?.question];
        }),
      );
      assert.deepEqual(
        answers,
        names.map((name) => [`What is ${name}?`, `What is ${name}?`]),
      );
    });

    test("finds nothing and takes nothing once it is closed", async (t) => {
      const { store, put, found } = await made(t);
      await put(entryOf("a"));
      await store.close();
      assert.deepEqual([await found("a"), store.put(entryOf("b")), await found("b")], [[], false, []]);
    });
  });
}

import { setImmediate as breathe } from "node:timers/promises";
import { createScan } from "./scan.ts";
import { createForms, type Forms, numbersFor, ONE, signatureBytes } from "./signature.ts";

/**
 * Things by their vectors, in partitions that never see each other. Small partitions are searched exactly. Of large
 * ones, signatures are compared first, and the vectors of those that are nearest: nothing is built beforehand, and
 * what was removed is gone at once.
 */
export interface VectorIndex<T> {
  readonly size: number;
  /** The slot that it can be removed by; undefined where there is no room for another vector. It has unit length. */
  add(partition: string, vector: Float32Array, thing: T): number | undefined;
  remove(slot: number): void;
  /** As many as `most`, nearest first. The loop is given back to others between slices of a large partition. */
  nearest(partition: string, vector: Float32Array, most: number): Promise<Found<T>[]>;
}

export interface Found<T> {
  readonly thing: T;
  /** Cosine, to within 0.0002. */
  readonly similarity: number;
}

/** Rows compared without a pause: half a millisecond. */
const SLICE = 65_536;
/** Rows whose vectors are compared: of a slice those with the nearest signatures, of a small partition all. */
const COMPARED = 512;
const PAGE_BYTES = 65_536;
const MOST_PAGES = 65_536;
/** The most bits of a signature, and so the largest distance. */
const MOST_BITS = 4096;

/** @param dimensions of every vector, at most 4,096 */
export function createVectorIndex<T>(dimensions: number): VectorIndex<T> {
  const widths = { signature: signatureBytes(dimensions), vector: numbersFor(dimensions) * 2 };
  const search = createSearch(widths);
  const formsOf = createForms(dimensions);
  const partitions = new Map<string, number[]>();
  /** By slot: what stands there, and where the slot stands in the list of its partition. */
  const things: (T | undefined)[] = [];
  const homes: (string | undefined)[] = [];
  const places: number[] = [];
  const free: number[] = [];

  return {
    get size() {
      return things.length - free.length;
    },
    add(partition, vector, thing) {
      const slot = free.pop() ?? things.length;
      if (slot >= search.capacity) return undefined;
      search.put(slot, formsOf(vector));
      const list = partitions.get(partition);
      if (list) list.push(slot);
      else partitions.set(partition, [slot]);
      things[slot] = thing;
      homes[slot] = partition;
      places[slot] = list ? list.length - 1 : 0;
      return slot;
    },
    remove(slot) {
      const partition = homes[slot];
      if (partition === undefined) return;
      const list = partitions.get(partition)!;
      const last = list.pop()!;
      if (last !== slot) {
        list[places[slot]!] = last;
        places[last] = places[slot]!;
      }
      if (list.length === 0) partitions.delete(partition);
      things[slot] = homes[slot] = undefined;
      free.push(slot);
    },
    async nearest(partition, vector, most) {
      const query = formsOf(vector);
      let found: Found<T>[] = [];
      for (let from = 0; ; from += SLICE) {
        const list = partitions.get(partition);
        if (!list || from >= list.length) return found;
        if (from > 0) await breathe();
        const slots = list.length <= SLICE ? list : list.slice(from, from + SLICE);
        const near = search.nearest(slots, query, most);
        found = [...found, ...near.map(({ slot, similarity }) => ({ thing: things[slot]!, similarity }))]
          .toSorted((a, b) => b.similarity - a.similarity)
          .slice(0, most);
      }
    },
  };
}

interface Near {
  readonly slot: number;
  readonly similarity: number;
}

/** The memories, and one search in them after the other. */
function createSearch(widths: { readonly signature: number; readonly vector: number }) {
  const memories = {
    own: new WebAssembly.Memory({ initial: 1 }),
    signatures: new WebAssembly.Memory({ initial: 1 }),
    vectors: new WebAssembly.Memory({ initial: 1 }),
  };
  const scan = createScan(memories);
  const own = layoutOf(widths);
  grow(memories.own, own.end);

  return {
    /** Rows that fit the memories. */
    capacity: Math.floor((MOST_PAGES * PAGE_BYTES) / widths.vector),
    put(slot: number, { signature, numbers }: Forms): void {
      grow(memories.signatures, (slot + 1) * widths.signature);
      grow(memories.vectors, (slot + 1) * widths.vector);
      new Uint8Array(memories.signatures.buffer).set(signature, slot * widths.signature);
      new Int16Array(memories.vectors.buffer).set(numbers, (slot * widths.vector) / 2);
    },
    /** The nearest of the slots, SLICE at most, in no order. */
    nearest(slots: readonly number[], { signature, numbers }: Forms, most: number): Near[] {
      const words = new Uint32Array(memories.own.buffer);
      words.set(slots, own.list / 4);
      new Uint8Array(memories.own.buffer).set(signature, own.signature);
      new Int16Array(memories.own.buffer).set(numbers, own.vector / 2);
      const count = slots.length <= COMPARED ? slots.length : narrowed(words, slots.length);
      const list = slots.length <= COMPARED ? own.list : own.near;
      scan.products(list, count, widths.vector, own.vector, own.products);
      const products = new Int32Array(memories.own.buffer, own.products, count);
      return largest(products, most).map((at) => ({
        slot: words[list / 4 + at]!,
        similarity: products[at]! / (ONE * ONE),
      }));
    },
  };

  /** Leaves the slots with the nearest signatures at `near`; answers how many. */
  function narrowed(words: Uint32Array, count: number): number {
    const counts = words.subarray(own.counts / 4, own.counts / 4 + MOST_BITS + 1).fill(0);
    scan.distances(own.list, count, widths.signature, own.signature, own.distances, own.counts);
    let [radius, inside] = [0, 0];
    while (inside + counts[radius]! < COMPARED) inside += counts[radius++]!;
    return scan.within(own.list, count, own.distances, radius, COMPARED - inside, own.near);
  }
}

/** Where the largest values stand, as many as `most`. */
function largest(values: Int32Array, most: number): number[] {
  const kept: number[] = [];
  for (let at = 0; at < values.length; at++) {
    if (kept.length < most) kept.push(at);
    else if (values[at]! > values[kept.at(-1)!]!) kept[most - 1] = at;
    else continue;
    for (let place = kept.length - 1; place > 0 && values[kept[place]!]! > values[kept[place - 1]!]!; place--)
      [kept[place], kept[place - 1]] = [kept[place - 1]!, kept[place]!];
  }
  return kept;
}

/** Where things stand in a search's own memory, in bytes. */
function layoutOf(widths: { readonly signature: number; readonly vector: number }) {
  let end = 0;
  const take = (bytes: number) => {
    const at = end;
    end += Math.ceil(bytes / 16) * 16;
    return at;
  };
  return {
    signature: take(widths.signature),
    vector: take(widths.vector),
    counts: take((MOST_BITS + 1) * 4),
    near: take(COMPARED * 4),
    products: take(COMPARED * 4),
    list: take(SLICE * 4),
    distances: take(SLICE * 2),
    end,
  };
}

/** Half as much again each time, so that rows which come one by one do not each ask for memory. */
function grow(memory: WebAssembly.Memory, bytes: number): void {
  const pages = memory.buffer.byteLength / PAGE_BYTES;
  const needed = Math.ceil(bytes / PAGE_BYTES);
  if (needed > pages) memory.grow(Math.min(Math.max(needed, Math.ceil(pages * 1.5)), MOST_PAGES) - pages);
}

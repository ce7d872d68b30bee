import { hash } from "node:crypto";
import type { Caller, Clock } from "./contracts.ts";

/** Things remembered by a key, as many as fit and for an hour since they were last remembered. */
export interface Book<T> {
  remember(key: string, thing: T): void;
  recall(key: string): T | undefined;
}

/** What ReportOutcome must know of a decision that was handed out. */
export interface RememberedDecision {
  readonly tenant: Caller["tenant"];
  readonly targets: ReadonlyArray<{ readonly id: string; readonly model: string }>;
  /** We dispatch it ourselves and see how it ends. */
  readonly answering: boolean;
}

export interface DecisionBook extends Book<RememberedDecision> {
  /** Notes that the outcome of a decision at a target was told; false where it was noted before. */
  note(decisionId: string, target: string): boolean;
}

const MOST_REMEMBERED = 100_000;
const REMEMBERED_MS = 3_600_000;

/** 128 bits of a SHA-256: no two keys of one house ever share them. */
const WORDS = 4;
const NONE = -1;

/**
 * In flat arrays: a hundred thousand small objects that die of old age are what makes a collector's heap grow. All are
 * kept equally long, so the order of remembering is the order of forgetting.
 */
export function createBook<T>(clock: Clock, most = MOST_REMEMBERED): Book<T> {
  const keys = new Uint32Array(most * WORDS);
  const until = new Float64Array(most);
  const things: (T | undefined)[] = Array.from({ length: most });
  // Chains of slots whose keys begin alike; a list of all slots from the oldest to the newest; slots never used yet.
  const heads = new Int32Array(2 ** Math.ceil(Math.log2(most))).fill(NONE);
  const chain = new Int32Array(most);
  const [older, newer] = [new Int32Array(most), new Int32Array(most)];
  let [oldest, newest, unused] = [NONE, NONE, 0];
  const spare: number[] = [];
  const wanted = new Uint32Array(WORDS);

  const headOf = (first: number): number => first & (heads.length - 1);
  const isWanted = (slot: number): boolean => wanted.every((word, at) => keys[slot * WORDS + at] === word);

  /** The slot of a key, whose bits stand in `wanted` afterwards. */
  function find(key: string): number {
    const digest = hash("sha256", key, "buffer");
    for (let at = 0; at < WORDS; at++) wanted[at] = digest.readUInt32LE(at * 4);
    let slot = heads[headOf(wanted[0]!)]!;
    while (slot !== NONE && !isWanted(slot)) slot = chain[slot]!;
    return slot;
  }

  function unlink(slot: number): void {
    const [before, after] = [older[slot]!, newer[slot]!];
    if (before === NONE) oldest = after;
    else newer[before] = after;
    if (after === NONE) newest = before;
    else older[after] = before;
  }

  function append(slot: number): void {
    older[slot] = newest;
    newer[slot] = NONE;
    if (newest === NONE) oldest = slot;
    else newer[newest] = slot;
    newest = slot;
  }

  function forgetOldest(): void {
    const slot = oldest;
    unlink(slot);
    const head = headOf(keys[slot * WORDS]!);
    if (heads[head] === slot) heads[head] = chain[slot]!;
    else {
      let before = heads[head]!;
      while (chain[before] !== slot) before = chain[before]!;
      chain[before] = chain[slot]!;
    }
    things[slot] = undefined;
    spare.push(slot);
  }

  /** Forgets the oldest where its time is over; whether it was. */
  function forgetOld(now: number): boolean {
    const isOld = oldest !== NONE && until[oldest]! <= now;
    if (isOld) forgetOldest();
    return isOld;
  }

  /** A slot for the key that was sought last. */
  function claim(): number {
    if (spare.length === 0 && unused === most) forgetOldest();
    const slot = spare.pop() ?? unused++;
    keys.set(wanted, slot * WORDS);
    const head = headOf(wanted[0]!);
    chain[slot] = heads[head]!;
    heads[head] = slot;
    return slot;
  }

  return {
    remember(key, thing) {
      const now = clock();
      while (forgetOld(now));
      const known = find(key);
      if (known !== NONE) unlink(known);
      const slot = known === NONE ? claim() : known;
      append(slot);
      things[slot] = thing;
      until[slot] = now + REMEMBERED_MS;
    },
    recall(key) {
      const slot = find(key);
      return slot !== NONE && until[slot]! > clock() ? things[slot] : undefined;
    },
  };
}

const MOST_ALIKE = 10_000;

/** Decisions of one tenant with the same targets share what is remembered of them. */
export function createDecisionBook(clock: Clock): DecisionBook {
  const book = createBook<RememberedDecision>(clock);
  const told = createBook<true>(clock);
  const shared = new Map<string, RememberedDecision>();
  return {
    recall: book.recall,
    remember(id, decision) {
      const { tenant, targets, answering } = decision;
      const likeness = JSON.stringify([tenant, answering, targets]);
      const known = shared.get(likeness);
      if (!known && shared.size >= MOST_ALIKE) shared.clear();
      if (!known) shared.set(likeness, decision);
      book.remember(id, known ?? decision);
    },
    note(id, target) {
      const key = JSON.stringify([id, target]);
      if (told.recall(key)) return false;
      told.remember(key, true);
      return true;
    },
  };
}

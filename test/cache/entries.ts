import { createHash } from "node:crypto";
import type { Entry, StoreEvent, StoreOptions } from "../../src/cache/store.ts";

export const DIMENSIONS = 64;
export const START = Date.UTC(2026, 0, 2);

export const digest = (text: string): Uint8Array => createHash("sha256").update(text).digest();

/** A unit vector that is the same for the same number, and like no other. */
export function direction(number: number, dimensions = DIMENSIONS): Float32Array {
  let state = (Math.imul(number, 0x9e37_79b1) + 12_345) | 0;
  const vector = new Float32Array(dimensions);
  for (let at = 0; at < dimensions; at++) {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d) + 0x297a_2d39) | 0;
    vector[at] = (state >>> 0) / 2 ** 31 - 1;
  }
  return unit(vector);
}

/** So far from the one towards the other, at unit length. */
export function between(from: Float32Array, to: Float32Array, share: number): Float32Array {
  return unit(from.map((value, at) => value * (1 - share) + to[at]! * share));
}

export function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(cosine(vector, vector));
  return vector.map((value) => value / length);
}

/** An entry by its name; what is not said follows from that. */
export function entryOf(name: string, overrides: Partial<Entry> = {}): Entry {
  return {
    key: digest(name),
    partition: digest("partition"),
    tenant: "acme",
    route: "chat",
    question: `What is ${name}?`,
    api: "openai-chat",
    answer: Buffer.from(`{"text":"It is ${name}."}`),
    storedAt: START,
    expiresAt: START + 60_000,
    ...overrides,
  };
}

/** Options of a store for a test, with a clock that stands still until it is moved and the events that were told. */
export function storeOptions(overrides: Partial<StoreOptions> = {}) {
  const clock = { at: START };
  const events: StoreEvent[] = [];
  const options: StoreOptions = {
    entries: 1000,
    bytes: 10_000_000,
    entryBytes: 100_000,
    share: 0.5,
    dimensions: DIMENSIONS,
    now: () => clock.at,
    tell: (event) => events.push(event),
    ...overrides,
  };
  return { options, clock, events };
}

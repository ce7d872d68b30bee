/** Fewest bits of a signature: a row is read in steps of 32 bytes. */
const FEWEST_BITS = 256;
const TURNS = 3;

/** A vector in the two forms that are searched. */
export interface Forms {
  /** The signs of the vector, turned: the angle between two vectors shows in how many bits differ. */
  readonly signature: Uint8Array;
  /** The vector as 16-bit numbers; the inner product of two unit vectors is ONE * ONE times their cosine. */
  readonly numbers: Int16Array;
}

/** What 1 is among 16-bit numbers: small enough that no sum of products passes 32 bits. */
export const ONE = 16_384;

/** Bytes of a signature, and numbers of a vector, that rows of so many dimensions have. */
export const signatureBytes = (dimensions: number): number => bitsFor(dimensions) / 8;
export const numbersFor = (dimensions: number): number => Math.ceil(dimensions / 16) * 16;

const bitsFor = (dimensions: number): number => Math.max(FEWEST_BITS, 2 ** Math.ceil(Math.log2(dimensions)));

/**
 * Makes both forms of vectors with so many dimensions. Encoders put most of what they say into few dimensions, and one
 * bit each would count them all alike: so a vector is turned first, the same way each time, until all say as much.
 */
export function createForms(dimensions: number): (vector: Float32Array) => Forms {
  const bits = bitsFor(dimensions);
  const flips = flipsOf(bits * TURNS);
  const turned = new Float32Array(bits);
  return (vector) => {
    turned.fill(0);
    turned.set(vector);
    for (let turn = 0; turn < TURNS; turn++) {
      for (let at = 0; at < bits; at++) turned[at]! *= flips[turn * bits + at]!;
      hadamard(turned);
    }
    const signature = new Uint8Array(bits / 8);
    for (let at = 0; at < bits; at++) if (turned[at]! > 0) signature[at >> 3]! |= 1 << (at & 7);
    const numbers = new Int16Array(numbersFor(dimensions));
    for (let at = 0; at < dimensions; at++) numbers[at] = Math.round(vector[at]! * ONE);
    return { signature, numbers };
  };
}

/** In place; the length is a power of two. Only signs matter here, so nothing is scaled back. */
function hadamard(values: Float32Array): void {
  for (let half = 1; half < values.length; half *= 2) {
    for (let block = 0; block < values.length; block += 2 * half) {
      for (let at = block; at < block + half; at++) {
        const [low, high] = [values[at]!, values[at + half]!];
        values[at] = low + high;
        values[at + half] = low - high;
      }
    }
  }
}

/** Signs that look random and are the same in every process. */
function flipsOf(count: number): Int8Array {
  let state = 0x9e37_79b9;
  return Int8Array.from({ length: count }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 1 ? 1 : -1;
  });
}

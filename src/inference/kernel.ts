import { KERNEL_CODE } from "./kernel-code.ts";

/**
 * The arithmetic of the static stage, on vectors of four floats; kernel.wat has it. Addresses are in bytes: of the
 * tables, which threads share, and of the memory that one thread has of its own. All else counts numbers. A table's
 * rows, and what is multiplied or normalised, are multiples of 16 long.
 */
export interface Kernel {
  /** out = sum over the `count` rows that the list in own memory names of scale * row. Rows are 8-bit numbers. */
  addRows(rows: number, scales: number, width: number, list: number, count: number, out: number): void;
  /** out = `from` * `scale`, less its mean, over its deviation, times the table `weight`, plus the table `bias`. */
  normalise(from: number, width: number, scale: number, weight: number, bias: number, out: number): void;
  /** out[row] = bias[row] + weight[row] * input. The weight is a table, [outputs][inputs]. */
  multiply(weight: number, bias: number, inputs: number, outputs: number, input: number, out: number): void;
  /** The same for four inputs, one behind the other. */
  multiplyFour(weight: number, bias: number, inputs: number, outputs: number, input: number, out: number): void;
  /** x = gelu(x), `count` times. */
  gelu(at: number, count: number): void;
}

export function createKernel(tables: WebAssembly.Memory, own: WebAssembly.Memory): Kernel {
  const module = new WebAssembly.Module(Buffer.from(KERNEL_CODE, "base64"));
  return new WebAssembly.Instance(module, { memory: { tables, own } }).exports as unknown as Kernel;
}

const PAGE_BYTES = 65_536;
/** So many bytes are read at once. */
const ALIGNED_BYTES = 16;

/** The next address that fits `bytes` behind the ones before. */
export function createAllocator(): { take(bytes: number): number; pages(): number } {
  let next = 0;
  return {
    take(bytes) {
      const at = next;
      next += Math.ceil(bytes / ALIGNED_BYTES) * ALIGNED_BYTES;
      return at;
    },
    pages: () => Math.ceil(next / PAGE_BYTES),
  };
}

import { SCAN_CODE } from "./scan-code.ts";

/**
 * Looking through many vectors; scan.wat has it. Addresses are bytes of the search's own memory, widths are bytes of a
 * row and multiples of 32. Rows are found by slot, in the memories of signatures and of vectors.
 */
export interface Scan {
  /** For each slot of the list, the bits in which its signature is not the query's; and how many have which distance. */
  distances(list: number, count: number, width: number, query: number, out: number, counts: number): void;
  /** The slots nearer than `radius`, and the first `quota` of those that lie on it; answers how many went to `out`. */
  within(list: number, count: number, distances: number, radius: number, quota: number, out: number): number;
  /** For each slot of the list, the inner product of its vector and the query, of 16-bit numbers. */
  products(list: number, count: number, width: number, query: number, out: number): void;
}

export interface ScanMemories {
  readonly own: WebAssembly.Memory;
  readonly signatures: WebAssembly.Memory;
  readonly vectors: WebAssembly.Memory;
}

export function createScan(memories: ScanMemories): Scan {
  const module = new WebAssembly.Module(Buffer.from(SCAN_CODE, "base64"));
  return new WebAssembly.Instance(module, { memory: { ...memories } }).exports as unknown as Scan;
}

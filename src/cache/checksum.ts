import { crc32 } from "node:zlib";
import type { Entry } from "./store.ts";

/** Everything of an entry that is served, and what it is found by. */
type Checked = Omit<Entry, "vector" | "partition">;

/** Tells whether an entry that was written is the one that is read. 32 bits, unsigned. */
export function checksumOf(entry: Checked): number {
  const { key, tenant, route, question, api, answer, storedAt, expiresAt } = entry;
  const head = JSON.stringify([tenant, route, question, api, storedAt, expiresAt, answer.byteLength]);
  return crc32(answer, crc32(head, crc32(key)));
}

/** Numbers as they are kept in a column of bytes, little-endian, and back again. */
export const bytesOfVector = (vector: Float32Array): Uint8Array =>
  new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);

/** Copied, since the bytes of a row may begin anywhere. */
export const vectorOfBytes = (bytes: Uint8Array): Float32Array =>
  new Float32Array(new Uint8Array(bytes).buffer, 0, Math.floor(bytes.byteLength / 4));

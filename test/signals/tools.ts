import { createEncodedPrompts } from "../../src/signals/encoded.ts";
import type { Tools } from "../../src/signals/signal.ts";
import { memoryEncoder, type MemoryEncoder, type MemoryEncoderOptions } from "../rig/encoder.ts";

/** What learned signals are made with: an encoder without weights, and a second look within 50 ms. */
export function learnedTools(options: MemoryEncoderOptions = {}): {
  tools: Required<Omit<Tools, "shown">>;
  encoder: MemoryEncoder;
} {
  const encoder = memoryEncoder(options);
  const encoded = createEncodedPrompts(encoder, { deadlineMs: 50 });
  return { tools: { clock: () => performance.now(), encoded }, encoder };
}

export const calm = { spent: () => false, breathe: async () => {}, share: () => {} };

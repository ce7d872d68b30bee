import { seeded } from "../statistics/sample.ts";
import type { Folds } from "./stack.ts";

/** Texts that begin alike are wordings of one question. In characters, spaces and case told apart no more. */
const ALIKE = 80;
/** A beginning that more texts share is the form of an exercise, whose texts are different questions. */
const MOST_WORDINGS = 20;

/** All wordings of one question are held out together. */
export function foldsOf(texts: readonly string[], count: number, seed: number): Folds {
  const beginnings = texts.map(beginning);
  const shared = new Map<string, number>();
  for (const start of beginnings) shared.set(start, (shared.get(start) ?? 0) + 1);
  const question = (at: number) => (shared.get(beginnings[at]!)! > MOST_WORDINGS ? texts[at]! : beginnings[at]!);
  return { count, of: Uint8Array.from(texts, (_text, at) => hashOf(question(at), seed) % count) };
}

/** Positions of the texts in an order that depends on the texts and the seed alone. */
export function orderOf(texts: readonly string[], seed: number): Uint32Array {
  const hashes = texts.map((text) => hashOf(text, seed));
  return Uint32Array.from(hashes.keys()).sort((a, b) => hashes[a]! - hashes[b]! || a - b);
}

function beginning(text: string): string {
  const start = text
    .slice(0, 4 * ALIKE)
    .normalize("NFKC")
    .toLowerCase();
  return start.replace(/\s+/gu, " ").trim().slice(0, ALIKE);
}

function hashOf(text: string, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return Math.floor(seeded(hash)() * 0x1_0000_0000);
}

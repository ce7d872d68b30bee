import type { Reading } from "../contracts.ts";
import type { Scan } from "../inference/encoder.ts";

/** Beyond this the static stage is so sure of an attack that a second reading could not change its mind. */
const SURE = 0.98;

/** From here on a witness is believed enough to add to what the other says. */
const LIKELY = 0.5;

/**
 * What patterns found and what the encoder's safety head found, by label. They are witnesses of different kinds: each
 * stands alone with what it says, and where both speak, and the head thinks it likely, they add up (what each leaves
 * open is multiplied). The head never takes back what a pattern found: words that make a head doubt are easily added.
 * @param trusts how much each text of the scan is believed, in [0,1]; 0 is not judged
 */
export function withHead(patterns: readonly Reading[], { safety }: Scan, trusts: readonly number[]): Reading[] {
  const merged = new Map(patterns.map((reading) => [reading.label, reading]));
  for (const [label, learned] of worst(safety, trusts)) {
    const pattern = merged.get(label);
    const score = pattern ? either(pattern.score, learned) : learned;
    merged.set(label, { label, score, confidence: Math.max(pattern?.confidence ?? 0, learned) });
  }
  return [...merged.values()];
}

/**
 * The scan with the places that the full stage should read again; undefined where the static stage is sure of every
 * text, either way.
 * @param trusts as in `withHead`: of texts that are not judged nothing is read again
 */
export function doubtsOf(scan: Scan, trusts: readonly number[]): Scan | undefined {
  const suspects = scan.suspects.map((own, index) => (trusts[index] === 0 ? [] : own));
  const isDoubtful = suspects.some(([worst]) => worst !== undefined && worst.suspicion <= SURE);
  return isDoubtful ? { ...scan, suspects } : undefined;
}

function either(pattern: number, learned: number): number {
  return learned >= LIKELY ? 1 - (1 - pattern) * (1 - learned) : Math.max(pattern, learned);
}

/** The highest probability of each label over all texts, as far as each is believed. */
function worst(safety: Scan["safety"], trusts: readonly number[]): Map<string, number> {
  const highest = new Map<string, number>();
  for (const [index, probabilities] of safety.entries()) {
    const trust = trusts[index] ?? 0;
    if (trust === 0) continue;
    for (const [label, probability] of Object.entries(probabilities)) {
      highest.set(label, Math.max(highest.get(label) ?? 0, probability * trust));
    }
  }
  return highest;
}

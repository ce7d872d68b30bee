import type { Scan } from "../inference/encoder.ts";
import type { Passage, Prompt } from "../contracts.ts";
import { PERSONAL, SHARED } from "./pii-rules.ts";
import { isUnspaced } from "../text/writing.ts";

/** What only a reader of words can see, by the encoder's name for it. */
const TYPES: Readonly<Record<string, LearnedEntity>> = {
  PERSON: "person",
  ORGANIZATION: "organization",
  STREET_ADDRESS: "address",
  LOCATION: "location",
};

export const LEARNED_ENTITIES = ["person", "organization", "address", "location"] as const;
export type LearnedEntity = (typeof LEARNED_ENTITIES)[number];

/** Less likely than this is not told at all; from `SURELY` on it may count as somebody's. */
const LIKELY = 0.5;
const SURELY = 0.85;

/** A name or an address of a scan. */
interface Sighting {
  readonly entity: LearnedEntity;
  readonly text: string;
  readonly confidence: number;
  readonly score: number;
}

/**
 * Tells the names and addresses of a scan. Personal are the full name of a person and a street address, surely read:
 * they tell who somebody is. One name alone, an organisation and a place are shared by many.
 */
export function tellEntities(
  everything: readonly Passage[],
  { entities }: Scan,
  tell: (sighting: Sighting) => void,
): void {
  for (const [index, found] of entities.entries()) {
    for (const { type, start, end, probability: confidence } of found) {
      const entity = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
      if (entity === undefined || confidence < LIKELY) continue;
      const text = everything[index]!.text.slice(start, end);
      const tellsWho = entity === "address" || (entity === "person" && isFullName(text));
      tell({ entity, text, confidence, score: tellsWho && confidence >= SURELY ? PERSONAL : SHARED });
    }
  }
}

const scans = new WeakMap<Prompt, Scan>();

/** Keeps, as long as the prompt, what the encoder read of it; a second reading takes the place of the first. */
export function keepScan(prompt: Prompt, scan: Scan): void {
  scans.set(prompt, scan);
}

/** A name or an address that stands somewhere in a prompt, as it is written there. */
export interface Named {
  readonly entity: LearnedEntity;
  readonly value: string;
  readonly score: number;
}

/** The names and addresses that the signal's encoder read in a prompt, each once; none where it did not read. */
export function namesIn(prompt: Prompt): readonly Named[] {
  const named = new Map<string, Named>();
  const scan = scans.get(prompt);
  if (scan === undefined) return [];
  tellEntities(prompt.everything, scan, ({ entity, text, score }) => {
    const value = text.trim();
    if (value !== "" && (named.get(value)?.score ?? -1) < score) named.set(value, { entity, value, score });
  });
  return [...named.values()];
}

const WORDS = /\p{L}[\p{L}\p{M}'’.-]*/gu;

/** Two words or more; where names are written without spaces, two characters. */
function isFullName(text: string): boolean {
  if (isUnspaced(text)) return Array.from(text.trim()).length >= 2;
  return (text.match(WORDS)?.length ?? 0) >= 2;
}

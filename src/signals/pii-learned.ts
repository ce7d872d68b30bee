import type { Scan } from "../inference/encoder.ts";
import type { Passage } from "../contracts.ts";
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

/**
 * Tells the names and addresses of a scan. Personal are the full name of a person and a street address, surely read:
 * they tell who somebody is. One name alone, an organisation and a place are shared by many.
 */
export function tellEntities(
  everything: readonly Passage[],
  { entities }: Scan,
  tell: (entity: LearnedEntity, confidence: number, isPersonal: boolean) => void,
): void {
  for (const [index, found] of entities.entries()) {
    for (const { type, start, end, probability } of found) {
      const entity = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
      if (entity === undefined || probability < LIKELY) continue;
      const text = everything[index]!.text.slice(start, end);
      const tellsWho = entity === "address" || (entity === "person" && isFullName(text));
      tell(entity, probability, tellsWho && probability >= SURELY);
    }
  }
}

const WORDS = /\p{L}[\p{L}\p{M}'’.-]*/gu;

/** Two words or more; where names are written without spaces, two characters. */
function isFullName(text: string): boolean {
  if (isUnspaced(text)) return Array.from(text.trim()).length >= 2;
  return (text.match(WORDS)?.length ?? 0) >= 2;
}

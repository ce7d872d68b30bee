import { align } from "./alignment.ts";
import { contextOf } from "./context.ts";
import type { Guard } from "./guard.ts";
import { isLight } from "./light-words.ts";
import { thesaurus } from "./synonyms.ts";
import type { Turn } from "./turn.ts";

/** With more words left over the sentences are built otherwise, and one preposition may stand before anything. */
const MOST = 3;

/** Behind one and the same preposition each names something of its own: "a poem about horses", "a poem about whales". */
export const objects: Guard = {
  name: "objects",
  isDoubt: true,
  differ(a, b) {
    const { ours, theirs } = align(a, b, thesaurus());
    if (ours.length === 0 || theirs.length === 0 || ours.length > MOST || theirs.length > MOST) return false;
    const own = markersOf(b, theirs);
    return [...markersOf(a, ours)].some((marker) => own.has(marker));
  },
};

function markersOf({ tokens }: Turn, places: readonly number[]): Set<string> {
  return new Set(
    places.flatMap((at) => {
      const { marker } = contextOf(tokens, at);
      return marker === "" || isLight(tokens[at]!.text) ? [] : [marker];
    }),
  );
}

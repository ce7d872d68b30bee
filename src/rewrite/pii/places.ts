import { createAutomaton } from "../../text/automaton.ts";
import { isWordEdge } from "../../text/writing.ts";
import type { Leaf, Sheet } from "./sheet.ts";

/** Where personal data stands in each of several texts: UTF-16 units, `end` exclusive; score and confidence in [0,1]. */
export type Spans = readonly (readonly {
  readonly start: number;
  readonly end: number;
  readonly entity: string;
  readonly score: number;
  readonly confidence: number;
}[])[];

/** Values of which it is not known where they stand. */
export type Names = readonly { readonly entity: string; readonly value: string; readonly score: number }[];

export interface Finding {
  readonly entity: string;
  readonly value: string;
}

/** A place in a leaf, in UTF-16 units. */
export interface Place {
  readonly start: number;
  readonly end: number;
  readonly entity: string;
}

export interface Findings {
  /** Each value as it is written, once. */
  readonly values: readonly Finding[];
  /** By leaf, in its order; sorted, without overlaps. */
  readonly places: ReadonlyMap<number, readonly Place[]>;
}

/** A value that was read once is looked for everywhere, unless it is too short to be sure. */
const LEAST_UNITS = 2;

/**
 * All places where something stands that counts and is acted upon: where it was found, and wherever the same is written
 * again, since one place may lack the word that told what it is.
 */
export function findPlaces(
  { sheet, spans, names }: { readonly sheet: Sheet; readonly spans: Spans; readonly names: Names },
  threshold: number,
  isActedOn: (entity: string) => boolean,
): Findings {
  const counts = ({ entity, score }: { entity: string; score: number }) => score >= threshold && isActedOn(entity);
  const entities = new Map<string, string>();
  const found = placesIn(
    sheet.leaves,
    spans.map((own) => own.filter(counts)),
  );
  for (const [index, own] of found.entries()) {
    for (const { start, end, entity } of own) {
      const value = sheet.leaves[index]!.text.slice(start, end);
      if (!entities.has(value)) entities.set(value, entity);
    }
  }
  for (const name of names) if (counts(name) && !entities.has(name.value)) entities.set(name.value, name.entity);
  const values = [...entities].map(([value, entity]) => ({ value, entity }));
  findAgain(sheet.leaves, values, found);
  const places = new Map<number, Place[]>();
  for (const [index, own] of found.entries()) if (own.length > 0) places.set(index, apart(own));
  return { values, places };
}

/** Spans of the sheet's texts as places in its leaves. Both are sorted. */
function placesIn(leaves: readonly Leaf[], spans: readonly (readonly Place[])[]): Place[][] {
  let page = -1;
  let first = 0;
  return leaves.map((leaf) => {
    if (leaf.page !== page) first = 0;
    page = leaf.page;
    const own = spans[page] ?? [];
    const places: Place[] = [];
    const stop = leaf.at + leaf.text.length;
    // A short span may stand within a long one that goes on.
    while (first < own.length && own[first]!.end <= leaf.at) first += 1;
    for (let at = first; at < own.length && own[at]!.start < stop; at++) {
      const { start, end, entity } = own[at]!;
      if (end <= leaf.at) continue;
      places.push({ start: Math.max(start - leaf.at, 0), end: Math.min(end, stop) - leaf.at, entity });
    }
    return places;
  });
}

function findAgain(leaves: readonly Leaf[], values: readonly Finding[], found: Place[][]): void {
  const sure = values.filter(({ value }) => value.length >= LEAST_UNITS);
  if (sure.length === 0) return;
  const automaton = createAutomaton(sure.map(({ value }) => value));
  for (const [index, { shown }] of leaves.entries()) {
    automaton.scan(shown, (term, start, end) => {
      if (isWordEdge(shown, start) && isWordEdge(shown, end))
        found[index]!.push({ start, end, entity: sure[term]!.entity });
    });
  }
}

/** Overlapping places as one, under the name of the longest. */
function apart(places: readonly Place[]): Place[] {
  const sorted = places.toSorted((a, b) => a.start - b.start || b.end - a.end);
  const merged: (Place & { readonly own: number })[] = [];
  for (const place of sorted) {
    const last = merged.at(-1);
    const own = place.end - place.start;
    if (last === undefined || place.start >= last.end) merged.push({ ...place, own });
    else {
      const end = Math.max(last.end, place.end);
      const isLonger = own > last.own;
      merged[merged.length - 1] = {
        start: last.start,
        end,
        entity: isLonger ? place.entity : last.entity,
        own: Math.max(own, last.own),
      };
    }
  }
  return merged.map(({ start, end, entity }) => ({ start, end, entity }));
}

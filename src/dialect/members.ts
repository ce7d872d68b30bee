import type { Edit } from "../contracts.ts";
import { findSpans, insertMember, replaceSpans, type Span } from "./json.ts";
import { nameOf, partsOf, valueAt } from "./parts.ts";

type Path = readonly [string] | readonly [string, string];

/** The members of a body and of the objects in it. It is looked through once, when the first is asked for. */
export interface Members {
  /** Where values of a member stand: several where its name stands twice. */
  spans(path: Path): readonly Span[];
  /** The last of these values; undefined where there is none. */
  value(path: Path): unknown;
  /** Where the elements of a list stand; none of what is no list. */
  elements(list: Span): readonly Span[];
  /** The edits that give a member this value, whether or not it is there. What is no object makes way for one. */
  set(path: Path, json: string): readonly Edit[];
}

const OPEN_BRACE = 0x7b;

export function membersOf(bytes: Uint8Array): Members {
  const known = new Map<number, ReadonlyMap<string, readonly Span[]>>();
  const within = (object: Span): ReadonlyMap<string, readonly Span[]> => {
    const found = known.get(object.offset) ?? indexOf(bytes, object);
    known.set(object.offset, found);
    return found;
  };
  const spans = ([outer, inner]: Path): readonly Span[] => {
    const places = findSpans(bytes, []).flatMap((whole) => within(whole).get(outer) ?? []);
    return inner === undefined ? places : places.flatMap((place) => within(place).get(inner) ?? []);
  };
  const lists = new Map<number, readonly Span[]>();
  return {
    spans,
    elements(list) {
      const found = lists.get(list.offset) ?? elementsIn(bytes, list);
      lists.set(list.offset, found);
      return found;
    },
    value(path) {
      const span = spans(path).at(-1);
      return span && valueAt(bytes, span);
    },
    set(path, json) {
      const [outer, inner] = path;
      const found = spans(path);
      if (found.length > 0) return replaceSpans(found, json);
      if (inner === undefined) return [insertMember(bytes, outer, json)];
      const whole = `{${JSON.stringify(inner)}:${json}}`;
      const places = spans([outer]);
      if (places.length === 0) return [insertMember(bytes, outer, whole)];
      return places.flatMap((place) =>
        bytes[place.offset] === OPEN_BRACE ? [insertMember(bytes, inner, json, place)] : replaceSpans([place], whole),
      );
    },
  };
}

function elementsIn(bytes: Uint8Array, list: Span): readonly Span[] {
  return partsOf(bytes, list).flatMap(({ key, value }) => (key ? [] : [value]));
}

function indexOf(bytes: Uint8Array, object: Span): ReadonlyMap<string, readonly Span[]> {
  const index = new Map<string, Span[]>();
  for (const { key, value } of partsOf(bytes, object)) {
    if (!key) continue;
    const name = nameOf(bytes, key);
    index.set(name, [...(index.get(name) ?? []), value]);
  }
  return index;
}

import type { Edit } from "../../contracts.ts";
import { findSpans, insertMember, replaceSpans, type Span } from "../json.ts";

const OPEN_BRACE = 0x7b;

/** `reasoning.effort`, for a body that has none, or null there. */
export function effortMemberEdits(bytes: Uint8Array): (effort: string) => readonly Edit[] {
  let found: { readonly places: Span[]; readonly spans: Span[] } | undefined; // Seldom asked for.
  return (effort) => {
    const json = JSON.stringify(effort);
    found ??= { places: findSpans(bytes, ["reasoning"]), spans: findSpans(bytes, ["reasoning", "effort"]) };
    if (found.spans.length > 0) return replaceSpans(found.spans, json);
    if (found.places.length === 0) return [insertMember(bytes, "reasoning", `{"effort":${json}}`)];
    return found.places.flatMap((place) =>
      bytes[place.offset] === OPEN_BRACE
        ? [insertMember(bytes, "effort", json, place)]
        : replaceSpans([place], `{"effort":${json}}`),
    );
  };
}

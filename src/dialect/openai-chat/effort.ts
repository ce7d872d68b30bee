import type { Edit } from "../../contracts.ts";
import { findSpans, insertMember, replaceSpans, type Span } from "../json.ts";

/** `reasoning_effort`, for a body that has none, or null there. */
export function effortMemberEdits(bytes: Uint8Array): (effort: string) => readonly Edit[] {
  let spans: Span[] | undefined; // Seldom asked for.
  return (effort) => {
    spans ??= findSpans(bytes, ["reasoning_effort"]);
    const json = JSON.stringify(effort);
    return spans.length > 0 ? replaceSpans(spans, json) : [insertMember(bytes, "reasoning_effort", json)];
  };
}

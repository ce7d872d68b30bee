import type { Edit } from "../contracts.ts";
import { findSpans, insertMember, replaceSpans } from "./json.ts";

/** For bodies whose top-level `model` names the model: every occurrence is replaced, or one added where there is none. */
export function modelMemberEdits(bytes: Uint8Array): (model: string) => readonly Edit[] {
  const spans = findSpans(bytes, ["model"]);
  return (model) => {
    const json = JSON.stringify(model);
    return spans.length > 0 ? replaceSpans(spans, json) : [insertMember(bytes, "model", json)];
  };
}

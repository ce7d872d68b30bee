import type { Gatherer, Held } from "../collect.ts";
import { parseFields } from "../event-json.ts";
import { findSpans } from "../json.ts";
import { isFields, stringOf } from "../shape.ts";
import type { SseEvent } from "../sse.ts";
import { textIn } from "./plain.ts";
import { errorOf } from "./said.ts";

/** The last event repeats the answer whole. What was told piece by piece must be the same. */
export function gatherResponse(): Gatherer {
  let told = "";
  let whole: Uint8Array | undefined;

  function complete(data: string, response: unknown): Held {
    const bytes = Buffer.from(data);
    const [place, ...others] = findSpans(bytes, ["response"]);
    if (!isFields(response) || !place || others.length > 0) return "lost";
    if (told.trim() !== "" && told !== textIn(response)) return "lost";
    whole = bytes.subarray(place.offset, place.offset + place.length);
    const pieces = told.length;
    told = "";
    return whole.length - pieces;
  }

  return {
    hear({ event, data }: SseEvent) {
      if (data.trim() === "[DONE]") return 0;
      const body = whole ? undefined : parseFields(data);
      if (!body) return "lost";
      const type = stringOf(body["type"]) || event;
      if (errorOf(type, body) !== undefined) return "lost";
      if (type === "response.completed") return complete(data, body["response"]);
      if (type !== "response.output_text.delta") return 0;
      const piece = stringOf(body["delta"]);
      told += piece;
      return piece.length;
    },
    whole: () => whole,
  };
}

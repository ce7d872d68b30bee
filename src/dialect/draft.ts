import type { Edit } from "../contracts.ts";
import { findSpans, type Span } from "./json.ts";
import type { ClientApi } from "./speech.ts";

/** Behind the conversation: what was answered, and that it will not do. */
const ASKING =
  "That answer did not pass a check. Answer my request above again: put right what is wrong with it, and reply with the answer alone.";
/** A longer draft says less than it costs. UTF-16 units. */
const MOST_DRAFT = 32_768;

/**
 * The edits that put an answer that was not good enough behind the conversation, and ask for a better one. None where
 * the body has no place for them.
 */
export function draftEdits(api: ClientApi, bytes: Uint8Array, draft: string): readonly Edit[] {
  const turns = [
    { role: "assistant", content: draft.slice(0, MOST_DRAFT).toWellFormed() },
    { role: "user", content: ASKING },
  ];
  const [place] = findSpans(bytes, [api === "openai-responses" ? "input" : "messages"]);
  if (!place) return [];
  const texts = turns.map((turn) => JSON.stringify(turn)).join(",");
  if (bytes[place.offset] === OPEN_BRACKET) return [insertBefore(place, `,${texts}`)];
  const isText = api === "openai-responses" && bytes[place.offset] === QUOTE;
  if (!isText) return [];
  return [
    { offset: place.offset, length: 0, bytes: Buffer.from('[{"role":"user","content":') },
    { offset: place.offset + place.length, length: 0, bytes: Buffer.from(`},${texts}]`) },
  ];
}

const OPEN_BRACKET = 0x5b;
const QUOTE = 0x22;

/** Before the bracket that closes the list, which is never empty: there was something to answer. */
const insertBefore = ({ offset, length }: Span, text: string): Edit => ({
  offset: offset + length - 1,
  length: 0,
  bytes: Buffer.from(text),
});

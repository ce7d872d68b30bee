import type { Edit } from "../../contracts.ts";
import { editEvent, parseFields } from "../event-json.ts";
import { applyEdits, findSpans, insertMember, joinEdits, replaceSpans } from "../json.ts";
import type { Addition } from "../said.ts";
import { isFields, listOf, type Fields } from "../shape.ts";
import { createSseReader } from "../sse.ts";

/** The probabilities of tokens in the first choice of a chunk, or of a whole answer. */
export function chatLogprobs(body: Fields): readonly Addition[] {
  const choice = listOf(body["choices"]).find((one) => isFields(one) && (one["index"] ?? 0) === 0);
  const told = isFields(choice) && isFields(choice["logprobs"]) ? listOf(choice["logprobs"]["content"]) : [];
  const values = told.flatMap((token) =>
    isFields(token) && typeof token["logprob"] === "number" ? [token["logprob"]] : [],
  );
  return values.length > 0 ? [{ kind: "logprobs", values }] : [];
}

/** The edits that ask for probabilities; none where the client says something of them itself. */
export function askLogprobs(bytes: Uint8Array): readonly Edit[] {
  const isSaid = ["logprobs", "top_logprobs"].some((name) => findSpans(bytes, [name]).length > 0);
  return isSaid ? [] : [insertMember(bytes, "logprobs", "true")];
}

/** More choices than any server gives to one request. */
const MOST_CHOICES = 128;

/** A whole answer as it would be had nobody asked for probabilities. */
export function blankLogprobs(json: Uint8Array): Uint8Array {
  const choices = listOf(parseFields(Buffer.from(json).toString("utf8"))?.["choices"]);
  const places = choices.slice(0, MOST_CHOICES).map((_, at) => findSpans(json, ["choices", at, "logprobs"]));
  return applyEdits(json, joinEdits(...places.map((spans) => replaceSpans(spans, "null"))));
}

/** The same of a stream. */
export async function* blankStreamLogprobs(
  chunks: AsyncIterable<Uint8Array>,
  limits: { readonly maxEventBytes: number },
): AsyncGenerator<Uint8Array, void, void> {
  const events = createSseReader(limits);
  for await (const chunk of chunks) {
    const blanked = events
      .push(chunk)
      .map((event) => (event.data.includes("logprob") ? editEvent(event, blankLogprobs) : event.raw));
    if (blanked.length > 0) yield Buffer.concat(blanked);
  }
  const rest = events.end().map(({ raw }) => raw);
  if (rest.length > 0) yield Buffer.concat(rest);
}

import type { Heard, StreamListener, WriteOptions } from "../codec.ts";
import { isFields, listOf, stringOf, type Fields } from "../shape.ts";
import { writeResponsesStream } from "./write-stream.ts";

/** Hears the events of an answer. One message of one text is plain, without annotations and probabilities. */
export function listenToResponses(options: WriteOptions): StreamListener {
  let response: Fields = {};
  let id = "";
  let sequence = -1;

  function begin({ item, output_index: at }: Fields): Heard {
    if (!isFields(item) || item["type"] !== "message" || at !== 0) return "beyond";
    id = stringOf(item["id"]);
    return "nothing";
  }

  function hear(event: Fields, type: string): Heard {
    switch (type) {
      case "response.created":
      case "response.queued":
      case "response.in_progress":
        if (isFields(event["response"])) response = event["response"];
        return "nothing";
      case "response.output_item.added":
        return begin(event);
      case "response.content_part.added": {
        const { part, content_index: at } = event;
        return isFields(part) && part["type"] === "output_text" && at === 0 ? "nothing" : "beyond";
      }
      case "response.output_text.delta":
        return listOf(event["logprobs"]).length > 0 ? "beyond" : { words: stringOf(event["delta"]) };
      case "response.output_text.done":
      case "response.content_part.done":
      case "response.output_item.done":
        return "ending";
      case "error":
      case "response.failed":
        return "error";
      default:
        return "beyond";
    }
  }

  return {
    hear(event, type) {
      const heard = hear(event, type);
      const number = event["sequence_number"];
      // Events that are held back are told by nobody.
      if (heard !== "ending" && heard !== "error" && typeof number === "number") sequence = Math.max(sequence, number);
      return heard;
    },
    resume: (said) =>
      writeResponsesStream(options, {
        response,
        item: { kind: "text", at: 0, id, text: said },
        sequence: sequence + 1,
      }),
  };
}

import type { Heard, StreamListener, WriteOptions } from "../codec.ts";
import { isFields, listOf, stringOf, type Fields } from "../shape.ts";
import { writeMessagesStream } from "./write-stream.ts";

/** Hears the events of a message. One block of text is plain, without citations. */
export function listenToMessages(options: WriteOptions): StreamListener {
  let block: number | undefined;

  function begin({ index, content_block: content }: Fields): Heard {
    const isPlain = isFields(content) && content["type"] === "text" && listOf(content["citations"]).length === 0;
    if (!isPlain || block !== undefined || typeof index !== "number") return "beyond";
    block = index;
    return { words: stringOf(content["text"]) };
  }

  return {
    hear(event, type) {
      const { delta } = event;
      switch (type) {
        case "message_start":
        case "ping":
          return "nothing";
        case "content_block_start":
          return begin(event);
        case "content_block_delta":
          if (!isFields(delta) || delta["type"] !== "text_delta") return "beyond";
          return { words: stringOf(delta["text"]) };
        case "content_block_stop":
          return "ending";
        case "error":
          return "error";
        default:
          return "beyond";
      }
    },
    resume: () => writeMessagesStream(options, block),
  };
}

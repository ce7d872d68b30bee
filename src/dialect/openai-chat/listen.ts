import type { StreamListener, WriteOptions } from "../codec.ts";
import { isFields, listOf, stringOf, type Fields } from "../shape.ts";
import { errorIn } from "./said.ts";
import { writeChatStream } from "./write-reply.ts";

/** Hears chunks. What has a role and content alone is plain; so is what others leave empty. */
export function listenToChat(options: WriteOptions): StreamListener {
  let id = "";
  let { created } = options;
  return {
    hear(chunk) {
      if (errorIn(chunk) !== undefined) return "error";
      id = stringOf(chunk["id"]) || id;
      if (typeof chunk["created"] === "number") created = chunk["created"];
      const texts = listOf(chunk["choices"]).map((choice) => (isFields(choice) ? wordsOf(choice) : undefined));
      if (texts.includes(undefined)) return "beyond";
      const words = texts.join("");
      return words === "" ? "nothing" : { words };
    },
    resume: () => writeChatStream({ ...options, created }, id),
  };
}

/** Undefined where the choice says anything but words, or ends. */
function wordsOf({ index, delta, finish_reason: finish, logprobs }: Fields): string | undefined {
  if ((index ?? 0) !== 0 || !isEmpty(finish) || !isEmpty(logprobs)) return undefined;
  if (!isFields(delta)) return "";
  const { role: _, content, ...others } = delta;
  const isPlain = isEmpty(content) || typeof content === "string";
  return isPlain && Object.values(others).every(isEmpty) ? stringOf(content) : undefined;
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return isFields(value) ? Object.keys(value).length === 0 : (value ?? "") === "";
}

import type { Prompt } from "../contracts.ts";
import { RouterError } from "../errors.ts";
import { countOf } from "./shape.ts";
import { createTranscript, roleOf } from "./transcript.ts";

/** A conversation of a caller that has no body; `role` is system, user, assistant or tool. */
export interface PlainMessages {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly model?: string;
  readonly tools?: readonly string[];
  /** 0 means no limit. */
  readonly maxOutputTokens?: number;
  readonly stream?: boolean;
}

/** Throws invalid_request for a list without messages. */
export function readMessages({
  messages,
  model = "",
  tools = [],
  maxOutputTokens,
  stream = false,
}: PlainMessages): Prompt {
  if (messages.length === 0) {
    throw new RouterError("invalid_request", "messages must have at least one element.", { param: "messages" });
  }
  const transcript = createTranscript();
  for (const name of tools) transcript.tool(name, name);
  for (const { role, content } of messages) {
    transcript.begin(roleOf(role));
    transcript.words(content);
  }
  return transcript.finish({ api: "messages", model, stream, maxOutputTokens: countOf(maxOutputTokens) });
}

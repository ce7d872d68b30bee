import type { WireApi } from "../contracts.ts";
import { isCallSeal } from "./anthropic/call-seal.ts";
import { sealerOf, UNSIGNED } from "./sealed.ts";
import { isFields, listOf, type Fields } from "./shape.ts";
import type { ClientApi } from "./speech.ts";

/**
 * Something that a body names and does not hold, or holds and cannot be read by everybody.
 * `answer`: an earlier answer, by its id. `account`: a file, container, conversation or template that one account of
 * one model server keeps. `thought`: a model's own reasoning, sealed by its server, which wants it back as it was.
 */
export interface Reference {
  readonly kind: "answer" | "account" | "thought";
  /** The field, such as `input.2.content.0.file_id`. */
  readonly path: string;
  /** Of an answer. */
  readonly id?: string;
  /** Of a thought: the API whose server sealed it, where that is another than the client's. */
  readonly sealer?: WireApi;
}

const READERS: Readonly<Record<ClientApi, (body: Fields) => Reference[]>> = {
  "openai-chat": inChat,
  "openai-responses": inResponses,
  "anthropic-messages": inMessages,
};

/** What ties a body to a model server that was asked before. */
export function referencesIn(api: ClientApi, body: unknown): readonly Reference[] {
  return isFields(body) ? READERS[api](body) : [];
}

function inChat(body: Fields): Reference[] {
  return eachFields(body["messages"], "messages").flatMap(([message, path]) => [
    ...(isFields(message["audio"]) && isText(message["audio"]["id"]) ? [account(`${path}.audio.id`)] : []),
    ...eachFields(message["content"], `${path}.content`).flatMap(([part, at]) =>
      isFields(part["file"]) && isText(part["file"]["file_id"]) ? [account(`${at}.file.file_id`)] : [],
    ),
  ]);
}

const KEPT = ["conversation", "prompt"];

function inResponses(body: Fields): Reference[] {
  const previous = body["previous_response_id"];
  return [
    ...(isText(previous) ? [{ kind: "answer", path: "previous_response_id", id: previous } as const] : []),
    ...KEPT.filter((name) => isText(body[name]) || isFields(body[name])).map(account),
    ...eachFields(body["tools"], "tools").flatMap(([tool, path]) =>
      listOf(tool["vector_store_ids"]).length > 0 ? [account(`${path}.vector_store_ids`)] : [],
    ),
    ...eachFields(body["input"], "input").flatMap(([item, path]) => [
      ...(item["type"] === "item_reference" ? [account(path)] : []),
      ...(isText(item["encrypted_content"]) ? thought(`${path}.encrypted_content`, item["encrypted_content"]) : []),
      ...["content", "output"].flatMap((name) =>
        eachFields(item[name], `${path}.${name}`).flatMap(([part, at]) =>
          isText(part["file_id"]) ? [account(`${at}.file_id`)] : [],
        ),
      ),
    ]),
  ];
}

function inMessages(body: Fields): Reference[] {
  const messages = eachFields(body["messages"], "messages");
  const inLoop = openToolLoop(messages.map(([message]) => message));
  const thread = body["thread"];
  const previous = isFields(thread) ? thread["previous_message_id"] : undefined;
  return [
    ...(isText(previous) ? [{ kind: "answer", path: "thread", id: previous } as const] : []),
    ...(isText(body["container"]) ? [account("container")] : []),
    ...messages.flatMap(([message, path], index) =>
      eachFields(message["content"], `${path}.content`).flatMap(([block, at]) => inBlock(block, at, index >= inLoop)),
    ),
  ];
}

/** Thoughts of turns before the open tool loop are dropped by their own server too. */
function inBlock(block: Fields, path: string, isInLoop: boolean): Reference[] {
  const source = block["source"];
  if (isFields(source) && source["type"] === "file") return [account(`${path}.source.file_id`)];
  if (block["type"] === "container_upload") return [account(`${path}.file_id`)];
  if (isInLoop && block["type"] === "thinking" && isText(block["signature"]))
    return thought(`${path}.signature`, block["signature"]);
  // A call can be shown to every server without its seal.
  if (isInLoop && block["type"] === "redacted_thinking" && isText(block["data"]) && !isCallSeal(block["data"]))
    return thought(`${path}.data`, block["data"]);
  return eachFields(block["content"], `${path}.content`).flatMap(([inner, at]) => inBlock(inner, at, false));
}

/** Index of the first message after the newest human turn: what follows are calls of tools and their results. */
function openToolLoop(messages: readonly Fields[]): number {
  const isHuman = (message: Fields) =>
    message["role"] === "user" &&
    !listOf(message["content"]).some((block) => isFields(block) && block["type"] === "tool_result");
  return messages.findLastIndex(isHuman) + 1;
}

const account = (path: string): Reference => ({ kind: "account", path });
function thought(path: string, text: string): Reference[] {
  if (text === UNSIGNED) return [];
  const sealer = sealerOf(text);
  return [{ kind: "thought", path, ...(sealer && { sealer }) }];
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

function eachFields(value: unknown, path: string): [Fields, string][] {
  return listOf(value).flatMap((element, index) =>
    isFields(element) ? [[element, `${path}.${index}`] as [Fields, string]] : [],
  );
}

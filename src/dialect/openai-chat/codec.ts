import type { ClientSide, ServerSide } from "../codec.ts";
import { listenToChat } from "./listen.ts";
import { readChatReply, readChatStream } from "./read-reply.ts";
import { readChatRequest } from "./read-request.ts";
import { writeChatReply, writeChatStream } from "./write-reply.ts";
import { writeChatRequest } from "./write-request.ts";

/** Clients of `POST /v1/chat/completions`. */
export const openaiChatClient: ClientSide = {
  readRequest: readChatRequest,
  signsThoughts: false,
  writeReply: writeChatReply,
  writeStream: (options) => writeChatStream(options),
  listen: listenToChat,
};

/** Model servers that speak chat completions: OpenAI, Azure, vLLM, Google's endpoint, and many more. */
export const openaiChatServer: ServerSide = {
  writeRequest: writeChatRequest,
  readReply: readChatReply,
  readStream: readChatStream,
};

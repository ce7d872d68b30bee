import type { ClientSide, ServerSide } from "../codec.ts";
import { listenToMessages } from "./listen.ts";
import { readMessage } from "./read-reply.ts";
import { readMessagesRequest } from "./read-request.ts";
import { readMessagesStream } from "./read-stream.ts";
import { writeMessage } from "./write-reply.ts";
import { writeMessagesRequest } from "./write-request.ts";
import { writeMessagesStream } from "./write-stream.ts";

/** Clients that speak `POST /v1/messages` to model servers that do not. */
export const anthropicClient: ClientSide = {
  readRequest: readMessagesRequest,
  signsThoughts: true,
  writeReply: (reply, { model }) => writeMessage(reply, model),
  writeStream: (options) => writeMessagesStream(options),
  listen: listenToMessages,
};

/** Model servers that speak `POST /v1/messages`, for clients that do not. */
export const anthropicServer: ServerSide = {
  writeRequest: writeMessagesRequest,
  readReply: readMessage,
  readStream: readMessagesStream,
};

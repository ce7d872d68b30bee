import type { ClientSide } from "../codec.ts";
import { listenToResponses } from "./listen.ts";
import { readResponsesRequest } from "./read-request.ts";
import { writeResponsesReply } from "./write-reply.ts";
import { writeResponsesStream } from "./write-stream.ts";

/** Clients of `POST /v1/responses`, answered by servers that speak another API. */
export const openaiResponsesClient: ClientSide = {
  readRequest: readResponsesRequest,
  signsThoughts: false,
  writeReply: writeResponsesReply,
  writeStream: (options) => writeResponsesStream(options),
  listen: listenToResponses,
};

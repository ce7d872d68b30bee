import type { ServerSide } from "../codec.ts";
import { readReply } from "./read-reply.ts";
import { readStream } from "./read-stream.ts";
import { writeRequest } from "./write-request.ts";

/** Google's own API, as its model servers speak it. */
export const geminiServer: ServerSide = { writeRequest, readReply, readStream };

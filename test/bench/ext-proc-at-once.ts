/**
 * External processing that answers each message at once and changes nothing: what the hop to a filter costs by itself.
 * A process of its own, on the port that it is given.
 */
import { create, fromBinary, toBinary, type MessageInitShape } from "@bufbuild/protobuf";
import {
  ProcessingRequestSchema,
  ProcessingResponseSchema,
  type ProcessingRequest,
} from "../../src/gen/envoy/service/ext_proc/v3/external_processor_pb.ts";
import { createFrameReader } from "../../src/server/ext-proc/frames.ts";
import { listen, type Request, type Response } from "../../src/server/listen.ts";
import { serveHealth } from "../../src/server/reply.ts";
import { BodyMode } from "../fakes/ext-proc.ts";

const MOST = 16 * 1024 * 1024;

type Reply = MessageInitShape<typeof ProcessingResponseSchema>;

function replyTo({ request }: ProcessingRequest, isDuplex: boolean): Reply {
  switch (request.case) {
    case "requestHeaders":
    case "responseHeaders":
      return { response: { case: request.case, value: {} } };
    case "requestBody":
    case "responseBody": {
      const { body, endOfStream } = request.value;
      const mutation = { case: "streamedResponse" as const, value: { body, endOfStream } };
      const value = isDuplex ? { response: { bodyMutation: { mutation } } } : {};
      return { response: { case: request.case, value } };
    }
    default:
      return { response: { case: "requestTrailers", value: {} } };
  }
}

function frameOf(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** A message that says: serving. Found sick it would not be asked. */
const SERVING = Buffer.from([8, 1]);

function serve(request: Request, response: Response): void {
  const frames = createFrameReader(MOST);
  let isDuplex = false;
  (response as { writeHead(status: number, headers: object): unknown }).writeHead(200, {
    "content-type": "application/grpc",
  });
  response.on("error", () => undefined);
  if (request.url?.startsWith("/grpc.health.v1.")) {
    (response as NodeJS.WritableStream).write(frameOf(SERVING));
    response.addTrailers({ "grpc-status": "0" });
    response.end();
    return;
  }
  request.on("data", (chunk: Buffer) => {
    for (const frame of frames.push(chunk)) {
      const message = fromBinary(ProcessingRequestSchema, frame);
      isDuplex ||= message.protocolConfig?.requestBodyMode === BodyMode.FULL_DUPLEX_STREAMED;
      const bytes = toBinary(ProcessingResponseSchema, create(ProcessingResponseSchema, replyTo(message, isDuplex)));
      (response as NodeJS.WritableStream).write(frameOf(bytes));
    }
  });
  request.on("end", () => {
    response.addTrailers({ "grpc-status": "0" });
    response.end();
  });
}

await listen({ host: "127.0.0.1", port: Number(process.argv[2]) }, (request, response) => {
  if (!serveHealth(request.url ?? "/", true, response)) serve(request, response);
});

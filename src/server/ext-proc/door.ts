import type { Readable } from "node:stream";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ERRORS, RouterError } from "../../errors.ts";
import {
  ExternalProcessor,
  ProcessingRequestSchema,
  ProcessingResponseSchema,
  type ProcessingRequest,
} from "../../gen/envoy/service/ext_proc/v3/external_processor_pb.ts";
import type { Runtime } from "../../runtime.ts";
import { boundItems } from "../items.ts";
import type { Door, Request, Response } from "../listen.ts";
import { writeHead } from "../reply.ts";
import type { RpcVisit } from "../rpc.ts";
import { ERROR_HEADER, refuse, unreadable } from "../rpc-error.ts";
import { createExchange } from "./exchange.ts";
import type { Exchange, Surroundings } from "./story.ts";
import { readSettings } from "./filter.ts";
import { createFrameReader, frameOf } from "./frames.ts";
import { createRetryExchange } from "./retry.ts";
import type { Reply } from "./replies.ts";

const SERVICE = ExternalProcessor.typeName;
const METHOD = `/${SERVICE}/${ExternalProcessor.method.process.name}`;
/** A head may come beside the largest body. */
const HEAD_BYTES = 1_048_576;
/** A stream says nothing while a model thinks; one that says nothing for so long is forgotten. */
const SILENCE_MS = 3_600_000;
/** How long a gateway may go on that was told why its stream is over. */
const REST_MS = 2000;
/** Why what is asked for a stream is given up; without a reason each stream would cost an error object. */
const OVER = "over";
const GRPC = /^application\/grpc(?:\+proto)?$/;

/** What the door needs of the house. `visit` takes the current runtime and a place. */
export interface ExtProcHouse {
  visit(): RpcVisit;
  fault(where: string, error: unknown): void;
}

export const isExtProc = (path: string): boolean => path.startsWith(`/${SERVICE}/`);

/**
 * Envoy's external processing: one gRPC stream for each request at the gateway. Served without Connect, whose handlers
 * end a stream in ways of their own: here none ends well while a body is owed, and that the gateway resets a stream
 * which is done with is no error.
 */
export function createExtProcDoor(house: ExtProcHouse): Door {
  return (request, response) => {
    const refused = whyRefused(request);
    if (refused) return refuse(request, response, refused);
    serve(house, request, response).catch((caught: unknown) => {
      const error = RouterError.from(caught);
      if (error.code === "internal") house.fault("ext_proc door", caught);
      close(response, error);
      request.resume();
      request.setTimeout(REST_MS, () => response.destroy());
    });
  };
}

function whyRefused({ url, httpVersionMajor, headers }: Request): RouterError | undefined {
  if ((url ?? "").split("?", 1)[0] !== METHOD)
    return new RouterError("unknown_path", "The service has no such method.");
  if (httpVersionMajor < 2 || !GRPC.test(headers["content-type"] ?? ""))
    return new RouterError("unsupported_media_type", "This method is served over gRPC, and so over HTTP/2, alone.");
  return undefined;
}

async function serve(house: ExtProcHouse, request: Request, response: Response): Promise<void> {
  const visit = house.visit();
  const gone = new AbortController();
  response.once("close", () => gone.abort(OVER));
  request.setTimeout(SILENCE_MS, () => response.destroy());
  let exchange: Exchange | undefined;
  try {
    visit.isKnown(request);
    exchange = open({ visit, peer: request, settings: readSettings(request), gone: gone.signal });
    const whole = await converse(exchange, request, response, visit.runtime.limits);
    if (!whole) throw unreadable(undefined);
    close(response);
  } catch (caught) {
    if (!gone.signal.aborted && !request.destroyed) throw caught;
  } finally {
    exchange?.end();
    visit.leave();
  }
}

const open = (surroundings: Surroundings): Exchange =>
  surroundings.settings.role === "upstream" ? createRetryExchange(surroundings) : createExchange(surroundings);

/** False where the stream ended within a message. */
async function converse(
  exchange: Exchange,
  request: Request,
  response: Response,
  limits: Runtime["limits"],
): Promise<boolean> {
  const frames = createFrameReader(limits.bytes + HEAD_BYTES);
  // What is wrong with a message is told behind the answers: the stream must outlive the loop.
  for await (const chunk of (request as Readable).iterator({ destroyOnReturn: false })) {
    for (const frame of frames.push(chunk as Uint8Array)) {
      const taken = exchange.take(messageIn(frame, limits.items));
      await answer(response, taken instanceof Promise ? await taken : taken);
    }
  }
  return !frames.isWithin;
}

function messageIn(frame: Uint8Array, items: number): ProcessingRequest {
  boundItems(ProcessingRequestSchema, frame, items);
  try {
    return fromBinary(ProcessingRequestSchema, frame, { readUnknownFields: false });
  } catch (caught) {
    throw unreadable(caught);
  }
}

async function answer(response: Response, replies: readonly Reply[]): Promise<void> {
  if (replies.length === 0) return;
  begin(response);
  const frames = replies.map((reply) =>
    frameOf(toBinary(ProcessingResponseSchema, create(ProcessingResponseSchema, reply))),
  );
  const bytes = frames.length === 1 ? frames[0]! : Buffer.concat(frames);
  if (!(response as NodeJS.WritableStream).write(bytes)) await drained(response);
}

function begin(response: Response): void {
  if (!response.headersSent) writeHead(response, 200, { "content-type": "application/grpc" });
}

/** Resolves when the gateway takes bytes again, or never will. */
function drained(response: Response): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      response.off("drain", settle).off("close", settle);
      resolve();
    };
    response.on("drain", settle).on("close", settle);
    if (response.destroyed) settle();
  });
}

/** The status of a gRPC stream stands behind its messages. */
function close(response: Response, error?: RouterError): void {
  if (response.destroyed || response.writableEnded) return;
  begin(response);
  response.addTrailers({
    "grpc-status": String(error ? ERRORS[error.code].rpc : 0),
    ...(error && { "grpc-message": encodeURIComponent(error.message), [ERROR_HEADER]: error.code }),
  });
  response.end();
}

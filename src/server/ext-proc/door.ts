import type { Http2ServerRequest, ServerHttp2Stream } from "node:http2";
import { ERRORS, RouterError } from "../../errors.ts";
import { ExternalProcessor } from "../../gen/envoy/service/ext_proc/v3/external_processor_pb.ts";
import type { Door, Request, Response } from "../listen.ts";
import type { RpcVisit } from "../rpc.ts";
import { ERROR_HEADER, refuse, unreadable } from "../rpc-error.ts";
import { createExchange } from "./exchange.ts";
import type { Exchange, Surroundings } from "./story.ts";
import { readSettings } from "./filter.ts";
import { createRetryExchange } from "./retry.ts";
import { begin, converse } from "./talk.ts";

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
 * which is done with is no error. The stream of HTTP/2 is taken as it is, since messages are many and small.
 */
export function createExtProcDoor(house: ExtProcHouse): Door {
  return (request, response) => {
    const refused = whyRefused(request);
    if (refused) return refuse(request, response, refused);
    const { stream } = request as Http2ServerRequest;
    serve(house, request, response, stream).catch((caught: unknown) => {
      const error = RouterError.from(caught);
      if (error.code === "internal") house.fault("ext_proc door", caught);
      close(stream, response, error);
      // What still comes is for nobody.
      stream.resume();
      stream.setTimeout(REST_MS, () => stream.destroy());
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

async function serve(
  house: ExtProcHouse,
  request: Request,
  response: Response,
  stream: ServerHttp2Stream,
): Promise<void> {
  const visit = house.visit();
  const { limits } = visit.runtime;
  const over = new AbortController();
  let isGone = false;
  stream.once("close", () => {
    isGone = true;
    over.abort(OVER);
  });
  stream.setTimeout(SILENCE_MS, () => stream.destroy());
  let exchange: Exchange | undefined;
  try {
    visit.isKnown(request);
    exchange = open({ visit, peer: request, settings: readSettings(request), over });
    const isWhole = await converse(exchange, stream, { limits, most: limits.bytes + HEAD_BYTES });
    if (!isWhole) throw unreadable(undefined);
    close(stream, response);
  } catch (caught) {
    if (!isGone) throw caught;
  } finally {
    exchange?.end();
    visit.leave();
  }
}

const open = (surroundings: Surroundings): Exchange =>
  surroundings.settings.role === "upstream" ? createRetryExchange(surroundings) : createExchange(surroundings);

/** The status of a gRPC stream stands behind its messages. */
function close(stream: ServerHttp2Stream, response: Response, error?: RouterError): void {
  if (stream.destroyed || stream.writableEnded) return;
  begin(stream);
  response.addTrailers({
    "grpc-status": String(error ? ERRORS[error.code].rpc : 0),
    ...(error && { "grpc-message": encodeURIComponent(error.message), [ERROR_HEADER]: error.code }),
  });
  stream.end();
}

import { DIALECTS } from "../../dialect/index.ts";
import { applyEdits, parseBody } from "../../dialect/json.ts";
import { RouterError } from "../../errors.ts";
import { ProcessingMode_BodySendMode as BodyMode } from "../../gen/envoy/extensions/filters/http/ext_proc/v3/processing_mode_pb.ts";
import { outOfOrder, type Exchange, type Surroundings } from "./story.ts";
import { readHead, type Head } from "./head.ts";
import type { BodyPart } from "./messages.ts";
import * as replies from "./replies.ts";
import type { Reply } from "./replies.ts";
import { ANSWERED_BY } from "./response.ts";

/**
 * The exchange of a filter that stands where requests go which another server failed: the body asks for the model that
 * is there, whatever was decided, since a gateway that tries again asks nobody anew. The answer says whose it is.
 * Errors: unauthenticated; invalid_request for a model that the pool does not have; those of `parseBody` and of the
 * body's dialect.
 */
export function createRetryExchange({ visit, peer, settings }: Surroundings): Exchange {
  const { pool, routingHeader, limits } = visit.runtime;
  const model = pool.byName.get(settings.model ?? "");
  if (!model)
    throw new RouterError(
      "invalid_request",
      "The metadata x-signalbox-model of the filter names no model of the pool.",
      { param: "x-signalbox-model" },
    );
  visit.admit(peer);
  const { upstreamModel } = model.targets[0]!;
  let head: Head | undefined;
  let isDuplex = false;
  let pieces: Uint8Array[] = [];
  let size = 0;

  const change = () => ({ remove: head!.ours });

  function read({ body, endOfStream }: BodyPart): Reply[] {
    size += body.length;
    if (size > limits.bytes) throw new RouterError("body_too_large", `The body is larger than ${limits.bytes} bytes.`);
    pieces.push(body);
    if (isDuplex && !endOfStream) return [];
    const whole = rewritten();
    if (isDuplex) return [replies.requestHead(change()), ...replies.requestPieces(whole, true)];
    return [replies.requestBody({ set: { "content-length": String(whole.length) } }, whole)];
  }

  function rewritten(): Uint8Array {
    const bytes = Buffer.concat(pieces, size);
    pieces = [];
    if (!head!.api) return bytes;
    const dialect = DIALECTS[head!.api];
    // What is no body of its API has no place for a model.
    dialect.read(parseBody(bytes, limits), {});
    return applyEdits(bytes, dialect.modelEdits(bytes)(upstreamModel));
  }

  return {
    take({ part, modes }) {
      if (part?.kind === "requestHeaders" && !head) {
        head = readHead(part.headers, routingHeader);
        isDuplex = modes?.request === BodyMode.FULL_DUPLEX_STREAMED && !part.endOfStream;
        return isDuplex ? [] : [replies.requestHead(change())];
      }
      if (!head) throw outOfOrder("Another message came before request_headers: request_header_mode must be SEND.");
      switch (part?.kind) {
        case "requestBody":
          return read(part);
        case "requestTrailers": {
          if (!isDuplex) return [replies.unchangedRequestTrailers];
          const whole = rewritten();
          return [
            replies.requestHead(change()),
            ...replies.requestPieces(whole, false),
            replies.unchangedRequestTrailers,
          ];
        }
        case "responseHeaders":
          return [replies.responseHead({ set: { [ANSWERED_BY]: model.name } }, false)];
        case "responseBody":
          return [replies.unchangedResponseBody()];
        case "responseTrailers":
          return [replies.unchangedResponseTrailers()];
        default:
          throw outOfOrder("request_headers came twice, or a message says nothing of request or response.");
      }
    },
    end() {},
  };
}

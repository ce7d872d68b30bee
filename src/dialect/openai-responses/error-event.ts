import { ERRORS, type RouterError } from "../../errors.ts";
import { sseEvent } from "../sse.ts";

/**
 * An error that ends a stream which has begun. The reference has code, message and param beside the type; the API's own
 * servers send them in `error`, and that is what the official clients raise. Both are there.
 */
export function responsesErrorEvent(error: RouterError, sequence = 0): Uint8Array {
  const { code, message } = error;
  const param = error.param ?? null;
  const { type } = ERRORS[code];
  return sseEvent(
    JSON.stringify({
      type: "error",
      sequence_number: sequence,
      code,
      message,
      param,
      error: { type, code, message, param },
    }),
    "error",
  );
}

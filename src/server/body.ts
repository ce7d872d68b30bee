import { RouterError } from "../errors.ts";
import type { Request } from "./listen.ts";

/**
 * The whole body of a request, within `bytes` and `timeoutMs`.
 * Errors: body_too_large (told before reading where content-length says so), body_timeout,
 * unsupported_media_type for a compressed body, client_gone when the client leaves midway.
 */
export function readBody(request: Request, limits: { bytes: number; timeoutMs: number }): Promise<Buffer> {
  const encoding = request.headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") {
    return Promise.reject(
      new RouterError("unsupported_media_type", "Send the body uncompressed: content-encoding is not understood here."),
    );
  }
  if (Number(request.headers["content-length"] ?? 0) > limits.bytes) return Promise.reject(tooLarge(limits.bytes));

  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const deadline = setTimeout(
      () => fail(new RouterError("body_timeout", `The body did not arrive within ${limits.timeoutMs} ms.`)),
      limits.timeoutMs,
    );
    const settle = () => {
      clearTimeout(deadline);
      request.off("data", take).off("end", done).off("error", gone).off("close", gone);
    };
    const fail = (error: RouterError) => {
      settle();
      request.resume();
      reject(error);
    };
    const gone = () => fail(new RouterError("client_gone", "The client left before its body was whole."));
    const done = () => {
      settle();
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size));
    };
    const take = (chunk: Buffer) => {
      size += chunk.length;
      if (size > limits.bytes) fail(tooLarge(limits.bytes));
      else chunks.push(chunk);
    };
    request.on("data", take).on("end", done).on("error", gone).on("close", gone);
  });
}

function tooLarge(bytes: number): RouterError {
  return new RouterError("body_too_large", `The body is larger than ${bytes} bytes (server.limits.body_bytes).`);
}

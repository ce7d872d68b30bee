import type { Transform } from "node:stream";
import { constants, createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";
import { RouterError } from "../errors.ts";
import type { Request } from "./listen.ts";

/** Eight MiB, what RFC 9659 lets a sender of zstd ask for: a larger window would be held before a byte is counted. */
const ZSTD_WINDOW_LOG = 23;

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip(),
  deflate: () => createInflate(),
  br: () => createBrotliDecompress(),
  zstd: () => createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG } }),
};

/** JSON seldom shrinks to less than a twentieth; what grows more than this was made to. */
const MOST_GROWTH = 100;
/** Up to here a body may grow as it likes: short ones of one repeated word do. */
const FREE_BYTES = 1_048_576;

/**
 * The whole body of a request, decompressed, within `bytes` and `timeoutMs`. `bytes` binds what is sent and what it
 * becomes; a body that grows more than a hundredfold is refused before it has become that.
 * Errors: body_too_large (told before reading where content-length says so), body_timeout, invalid_request for what
 * cannot be decompressed, unsupported_media_type for other encodings than gzip, deflate, br and zstd, or several,
 * client_gone when the client leaves midway.
 */
export async function readBody(request: Request, limits: { bytes: number; timeoutMs: number }): Promise<Buffer> {
  const encoding = encodingOf(request);
  if (encoding !== undefined && !Object.hasOwn(DECODERS, encoding))
    throw new RouterError("unsupported_media_type", "A body may have one content-encoding: gzip, deflate, br or zstd.");
  if (Number(request.headers["content-length"] ?? 0) > limits.bytes) throw tooLarge(limits.bytes);

  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const decoder = encoding === undefined ? undefined : DECODERS[encoding]!();
  const late = (): void =>
    reject(new RouterError("body_timeout", `The body did not arrive within ${limits.timeoutMs} ms.`));
  // With a decoder it may be over for the request and still go on.
  const gone = (): void => {
    if (!request.readableEnded) reject(new RouterError("client_gone", "The client left before its body was whole."));
  };
  const broken = (): void =>
    reject(new RouterError("invalid_request", `The body is not the ${encoding} that its content-encoding says.`));
  const gauge = gaugeOf(limits.bytes, reject);
  const deadline = setTimeout(late, limits.timeoutMs);
  request.on("error", gone).on("close", gone).on("data", gauge.arrived);
  const source = decoder ? request.pipe(decoder).on("error", broken) : request;
  const done = (): void => resolve(gauge.whole());
  source.on("data", gauge.became).on("end", done);
  try {
    return await promise;
  } catch (error) {
    if (decoder) request.unpipe(decoder);
    decoder?.destroy();
    request.resume();
    throw error;
  } finally {
    clearTimeout(deadline);
    source.off("data", gauge.became).off("end", done);
    request.off("data", gauge.arrived).off("error", gone).off("close", gone);
  }
}

/** Keeps what a body became, as long as neither that nor what was sent is more than it may be. */
function gaugeOf(bytes: number, refuse: (error: RouterError) => void) {
  const chunks: Buffer[] = [];
  let sent = 0;
  let size = 0;
  return {
    arrived(chunk: Buffer): void {
      sent += chunk.length;
      if (sent > bytes) refuse(tooLarge(bytes));
    },
    became(chunk: Buffer): void {
      size += chunk.length;
      if (size > bytes) refuse(tooLarge(bytes));
      else if (size > FREE_BYTES && size > sent * MOST_GROWTH) refuse(tooDense());
      else chunks.push(chunk);
    },
    whole: (): Buffer => (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size)),
  };
}

/** The content-encoding of a request in lower case; undefined where its body is as it is. */
export function encodingOf({ headers }: Request): string | undefined {
  const encoding = headers["content-encoding"]?.trim().toLowerCase();
  return encoding === "identity" ? undefined : encoding;
}

function tooLarge(bytes: number): RouterError {
  return new RouterError("body_too_large", `The body is larger than ${bytes} bytes (server.limits.body_bytes).`);
}

function tooDense(): RouterError {
  return new RouterError("body_too_large", `The body grows more than ${MOST_GROWTH} times when it is decompressed.`);
}

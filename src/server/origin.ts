import { isIP } from "node:net";
import { RouterError } from "../errors.ts";
import type { Request } from "./listen.ts";

const OWN_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

/**
 * Where nobody must say who he is, a page in a browser of this machine could spend our keys: it can send here from its
 * own origin, or have its own name lead here (DNS rebinding), so that we become its origin. Browsers say both:
 * - Origin: must be a page of this machine, or of the host that the request came to.
 * - Host, on a port that only this machine reaches: must be this machine or an address; a name is somebody's.
 *   A gateway here that passes the client's Host on belongs under `server.auth.trusted`. HTTP/2 without TLS is no
 *   browser's, and with TLS the certificate fits no name of others, so gRPC may come under any.
 */
export function whyForeign(request: Request, onLoopback: boolean): RouterError | undefined {
  const { origin } = request.headers;
  const host = request.headers[":authority"] ?? request.headers.host;
  const isOwn = typeof host === "string" && OWN_HOST.test(host);
  if (isOwn && origin === undefined) return undefined;

  const name = typeof host === "string" ? hostnameOf(`http://${host}`) : undefined;
  if (origin !== undefined) {
    const from = hostnameOf(origin);
    if (from === undefined || (!isLocal(from) && from !== name)) {
      return new RouterError("forbidden", "A page of another origin asks: with server.auth none it may not.");
    }
  }
  if (onLoopback && request.httpVersionMajor < 2 && name !== undefined && !isLocal(name) && !isAddress(name)) {
    return new RouterError(
      "forbidden",
      "On loopback with server.auth none only localhost or an address is taken as Host. A gateway that passes another on belongs under server.auth.trusted.",
    );
  }
  return undefined;
}

/** Undefined for what no browser could have asked for. */
const hostnameOf = (url: string): string | undefined => (URL.canParse(url) ? new URL(url).hostname : undefined);

const isAddress = (name: string): boolean => isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0;
const isLocal = (name: string): boolean =>
  name === "localhost" ||
  name.endsWith(".localhost") ||
  name === "[::1]" ||
  (isIP(name) === 4 && name.startsWith("127."));

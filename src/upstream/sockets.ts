import { createHmac, randomBytes } from "node:crypto";
import { type Dispatcher, Pool, ProxyAgent } from "undici";
import type { Clock } from "../contracts.ts";
import { createKeyBook, type KeyBook } from "./keys.ts";
import type { UpstreamOptions } from "./options.ts";
import { createSeats, type Seats } from "./seats.ts";

/** No attempt to connect outlives this, whatever a tier allows: a dead address must not hold sockets of the pool. */
const CONNECT_LIMIT_MS = 10_000;
/** Shorter than the 5 s after which common model servers hang up on an idle connection. */
const IDLE_MS = 4000;
const HEADER_BYTES = 32_768;

/**
 * Keep-alive connections to one origin, and what was learned of the keys that are used there. They outlive a reload,
 * so they are made apart from the upstream.
 */
export interface Sockets {
  readonly origin: string;
  /** For `exchange` only. */
  readonly dispatcher: Dispatcher;
  /** For `exchange` only: as many as there are sockets, so that the pool never makes anybody wait unseen. */
  readonly seats: Seats;
  readonly keys: KeyBook;
  /** Lets the requests under way end, then closes. New ones, and those that wait, fail with connect_failed. */
  close(): Promise<void>;
  /** Closes at once; requests under way fail. */
  destroy(): Promise<void>;
}

/**
 * Of an upstream's options, as a checked config holds them. `connections`: most sockets open at once; further requests
 * wait for one as long as their connect timeout, then fail with no_socket.
 */
type SocketOptions = Pick<UpstreamOptions, "url" | "connections" | "ca" | "cert" | "proxy">;

export function createSockets(options: SocketOptions, clock: Clock): Sockets {
  const origin = originOf(options);
  const dispatcher = dispatcherOf(origin, options);
  return {
    origin,
    dispatcher,
    seats: createSeats(options.connections),
    keys: createKeyBook(clock),
    close: () => dispatcher.close(),
    destroy: () => dispatcher.destroy(),
  };
}

function dispatcherOf(origin: string, options: SocketOptions): Dispatcher {
  const { ca, cert } = options;
  const trust = { allowH2: false, timeout: CONNECT_LIMIT_MS, ...(ca !== undefined && { ca }) };
  const tls = { ...trust, ...(cert !== undefined && { cert, key: cert }) };
  const limits = {
    connections: options.connections,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: IDLE_MS,
    maxHeaderSize: HEADER_BYTES,
    // Each request brings its own deadlines; see exchange.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const proxy = proxyOf(options);
  if (proxy === undefined) return new Pool(origin, { ...limits, connect: tls });
  return new ProxyAgent({
    uri: proxy,
    ...limits,
    requestTls: tls,
    proxyTls: trust,
    factory: (to, how) => new Pool(to, { ...limits, ...(how as Pool.Options) }),
    // What asks the proxy for a tunnel has nobody else's deadline.
    clientFactory: (to, how) =>
      new Pool(to, {
        ...limits,
        ...(how as Pool.Options),
        headersTimeout: CONNECT_LIMIT_MS,
        bodyTimeout: CONNECT_LIMIT_MS,
      }),
  });
}

/** Unless the config was checked nobody has read the environment, so it names none. */
function proxyOf({ proxy }: SocketOptions): string | undefined {
  return proxy === "none" || proxy === "environment" ? undefined : proxy;
}

/** Where an upstream's requests go. */
export function originOf({ url }: Pick<UpstreamOptions, "url">): string {
  return new URL(url).origin;
}

const secret = randomBytes(32);

/**
 * Two configurations whose upstreams have equal keys may share the sockets. Names no secret: certificates and the
 * proxy, whose URL may hold a password, go in as a fingerprint that means nothing outside this process.
 */
export function socketsKey(options: SocketOptions): string {
  const { connections, ca, cert } = options;
  const way = JSON.stringify([ca, cert, proxyOf(options)]);
  const fingerprint = createHmac("sha256", secret).update(way).digest("base64url").slice(0, 22);
  return `${originOf(options)} x${connections} ${fingerprint}`;
}

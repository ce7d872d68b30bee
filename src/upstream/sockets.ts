import { Pool } from "undici";
import type { UpstreamOptions } from "./options.ts";
import { createSeats, type Seats } from "./seats.ts";

/** No attempt to connect outlives this, whatever a tier allows: a dead address must not hold sockets of the pool. */
const CONNECT_LIMIT_MS = 10_000;
/** Shorter than the 5 s after which common model servers hang up on an idle connection. */
const IDLE_MS = 4000;
const HEADER_BYTES = 32_768;

/** Keep-alive connections to one origin. They outlive a reload, so they are made apart from the upstream. */
export interface Sockets {
  readonly origin: string;
  /** For `exchange` only. */
  readonly pool: Pool;
  /** For `exchange` only: as many as there are sockets, so that the pool never makes anybody wait unseen. */
  readonly seats: Seats;
  /** Lets the requests under way end, then closes. New ones, and those that wait, fail with connect_failed. */
  close(): Promise<void>;
  /** Closes at once; requests under way fail. */
  destroy(): Promise<void>;
}

/**
 * @param origin such as `https://api.openai.com`
 * @param limits `connections`: most sockets open at once; further requests wait for one as long as their connect timeout, then fail with no_socket
 */
export function createSockets(origin: string, limits: { readonly connections: number }): Sockets {
  const pool = new Pool(origin, {
    connections: limits.connections,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: IDLE_MS,
    connectTimeout: CONNECT_LIMIT_MS,
    maxHeaderSize: HEADER_BYTES,
    // Each request brings its own deadlines; see exchange.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return {
    origin,
    pool,
    seats: createSeats(limits.connections),
    close: () => pool.close(),
    destroy: () => pool.destroy(),
  };
}

/** Where an upstream's requests go. */
export function originOf(options: UpstreamOptions): string {
  return new URL(options.url).origin;
}

/** Two configurations whose upstreams have equal keys may share the sockets. Names no secret. */
export function socketsKey(options: UpstreamOptions): string {
  return `${originOf(options)} x${options.connections}`;
}

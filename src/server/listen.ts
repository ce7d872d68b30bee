import { createServer as createHttp1, STATUS_CODES, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttp2, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { createServer as createTcp, type AddressInfo, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTls, type SecureContextOptions } from "node:tls";
import { asksClients, type TlsOptions } from "../config/tls.ts";
import { DIALECTS } from "../dialect/index.ts";
import { RouterError } from "../errors.ts";

export type Request = IncomingMessage | Http2ServerRequest;
export type Response = ServerResponse | Http2ServerResponse;
export type Door = (request: Request, response: Response) => void;

export interface Listener {
  /** `http://host:port`, or `https:`, with the port that the system gave when 0 was asked for. */
  readonly url: string;
  readonly port: number;
  /** Takes other certificates for connections to come. Whether clients must show theirs stays as it was. */
  secure(tls: TlsOptions): void;
  /** Stops accepting, lets requests in flight end for `graceMs`, then cuts what is left. */
  close(graceMs: number): Promise<void>;
}

/** How long a socket may stay silent before it has said which protocol it speaks. */
const HELLO_MS = 10_000;
/** How long an HTTP/2 connection may be silent; gateways open another when they need it. */
const IDLE_SESSION_MS = 600_000;
/** How long the head of an HTTP/1 request may take. */
const HEAD_MS = 20_000;
/** How long the rest of a body may come that is still under way when its answer is out. */
const REST_MS = 2000;
/** When to ask a client that has closed its sending side whether it still listens. */
const PROBES_MS = [0, 50, 500];
/** Every HTTP/2 client opens with "PRI"; no HTTP/1 method does. */
const PREFACE = Buffer.from("PRI");

/**
 * One port for HTTP/1.1 and HTTP/2. In clear the first bytes decide, for HTTP/2 comes with prior knowledge (gRPC);
 * with `tls` it is what the two sides agreed on (ALPN), and nothing comes in clear.
 */
export async function listen(
  at: { host: string; port: number },
  door: Door,
  { headMs = HEAD_MS, restMs = REST_MS, tls }: { headMs?: number; restMs?: number; tls?: TlsOptions | undefined } = {},
): Promise<Listener> {
  const under = new WeakMap<Duplex, ServerResponse>();
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    under.set(request.socket, response);
    response.once("finish", () => request.complete || boundRest(request, restMs));
    door(request, response);
  };
  const http1 = createHttp1(
    {
      requireHostHeader: false, // Node would refuse without a word of why.
      keepAliveTimeout: 65_000,
      headersTimeout: headMs,
      connectionsCheckingInterval: headMs / 4,
      maxHeaderSize: 32_768,
    },
    serve,
  );
  http1.on("checkExpectation", serve);
  http1.on("clientError", (error: NodeJS.ErrnoException, socket) => turnAway(socket, error, under.get(socket)));
  Object.assign(http1, { httpAllowHalfOpen: true });
  http1.requestTimeout = 0; // Bodies have their own deadline, told in the API's own error form.
  http1.emit("listening"); // It never listens itself, yet only then does Node watch header times and idle connections.
  const http2 = createHttp2(
    // Gateways end each gRPC stream with a reset; Node's guard against floods would drop their connection.
    { streamResetBurst: 1_000_000, streamResetRate: 1_000_000, settings: { maxConcurrentStreams: 10_000 } } as object,
    door,
  );
  const sockets = new Set<Socket>();
  const sessions = new Set<{ close(): void }>();
  http2.on("session", (session) => {
    sessions.add(session);
    session.setTimeout(IDLE_SESSION_MS, () => session.close());
    session.once("close", () => sessions.delete(session));
    session.on("error", () => session.destroy());
  });

  const welcome = (socket: Socket, agreed?: string | false): void => {
    greet(socket, (opensHttp2) => {
      const speaksHttp2 = agreed === undefined ? opensHttp2 : agreed === "h2";
      if (!speaksHttp2) {
        socket.allowHalfOpen = true;
        socket.once("end", () => askWhoClosed(socket, under.get(socket)));
      }
      (speaksHttp2 ? http2 : http1).emit("connection", socket);
    });
  };
  const secured = tls && createTls({ ...serverOf(tls), noDelay: true });
  secured?.on("secureConnection", (socket) => {
    socket.on("error", () => socket.destroy());
    welcome(socket, socket.alpnProtocol ?? false);
  });
  const tcp = secured ?? createTcp({ noDelay: true }, welcome);
  tcp.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    tcp.once("error", reject);
    tcp.listen(at.port, at.host, () => {
      tcp.off("error", reject);
      resolve();
    });
  });
  const { port, address, family } = tcp.address() as AddressInfo;

  return {
    port,
    url: `${tls ? "https" : "http"}://${family === "IPv6" ? `[${address}]` : address}:${port}`,
    secure: (next) => secured?.setSecureContext(contextOf(next)),
    async close(graceMs) {
      const closed = new Promise<void>((resolve) => tcp.close(() => resolve()));
      for (const session of sessions) session.close();
      // An idle keep-alive connection would hold the door open for its whole timeout.
      const sweep = setInterval(() => http1.closeIdleConnections(), 50);
      http1.closeIdleConnections();
      const cut = setTimeout(() => sockets.forEach((socket) => socket.destroy()), graceMs);
      await closed;
      clearInterval(sweep);
      clearTimeout(cut);
      http1.close();
    },
  };
}

function contextOf({ cert, key, ca }: TlsOptions): SecureContextOptions {
  return { cert, key, minVersion: "TLSv1.2", ...(ca !== undefined && { ca }) };
}

const serverOf = (tls: TlsOptions) => ({
  ...contextOf(tls),
  ALPNProtocols: ["h2", "http/1.1"],
  handshakeTimeout: HELLO_MS,
  requestCert: asksClients(tls),
  rejectUnauthorized: asksClients(tls),
});

/**
 * An answer that needs no more of the body is out, and the body still comes. To close at once would make the system
 * throw the answer away too, on its way to a client that is busy sending; to read on without end is what a flood wants.
 * (HTTP/2 resets the stream by itself.)
 */
function boundRest(request: IncomingMessage, restMs: number): void {
  request.resume();
  const cut = setTimeout(() => request.socket.destroy(), restMs);
  const settle = (): void => clearTimeout(cut);
  request.once("end", settle).once("close", settle);
}

/**
 * The client has sent its last: it either waits for its answer or is gone, and the two look alike until something is
 * sent to it. An interim answer asks: who is gone lets it fail, and the next one closes the socket. An answer that is
 * already coming asks by itself, but whoever turns away from one has left.
 */
function askWhoClosed(socket: Socket, response: ServerResponse | undefined): void {
  if (!response || response.writableEnded || !response.req.complete) return;
  if (response.headersSent || response.req.httpVersionMinor < 1) return void socket.destroy();
  const ask = (): void => {
    if (!response.headersSent && !socket.destroyed) response.writeContinue();
  };
  const probes = PROBES_MS.map((ms) => setTimeout(ask, ms));
  response.once("close", () => probes.forEach((probe) => clearTimeout(probe)));
}

/** Waits for the first three bytes, puts them back and says whether they open HTTP/2. */
function greet(socket: Socket, then: (speaksHttp2: boolean) => void): void {
  const silence = setTimeout(() => socket.destroy(), HELLO_MS);
  const early: Buffer[] = [];
  const look = () => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    early.push(chunk);
    const head = early.length === 1 ? chunk : Buffer.concat(early);
    if (head.length < PREFACE.length && PREFACE.subarray(0, head.length).equals(head)) return;
    clearTimeout(silence);
    socket.off("readable", look);
    socket.unshift(head);
    then(head.subarray(0, PREFACE.length).equals(PREFACE));
  };
  socket.on("readable", look);
  socket.once("close", () => clearTimeout(silence));
}

const HEAD_FAULTS: Readonly<Record<string, readonly [status: number, sentence: string]>> = {
  HPE_HEADER_OVERFLOW: [431, "The head of the request is too large."],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "The head of the request did not arrive in time."],
};

/** Answers what is no HTTP/1 request, unless an answer has begun, and closes. */
function turnAway(socket: Duplex, { code = "" }: NodeJS.ErrnoException, response: ServerResponse | undefined): void {
  const begun = response !== undefined && response.headersSent && !response.writableFinished;
  if (code === "ECONNRESET" || begun || !socket.writable) return void socket.destroy();
  const [status, sentence] = HEAD_FAULTS[code] ?? [400, "This is not an HTTP request."];
  const body = DIALECTS["openai-chat"].errorBody(
    new RouterError(status === 408 ? "body_timeout" : "invalid_request", sentence),
  );
  const head = ["connection: close", "content-type: application/json", `content-length: ${Buffer.byteLength(body)}`];
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join("\r\n")}\r\n\r\n${body}`, () =>
    socket.destroy(),
  );
}

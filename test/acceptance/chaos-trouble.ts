import type { ServerResponse } from "node:http";
import { TLSSocket } from "node:tls";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * killed              kill -9 at the beginning of the phase, back in the middle of it
 * hang                takes requests and says nothing
 * hang_after_headers  status and headers, then nothing
 * hang_mid_stream     half of the answer, then nothing
 * drip                one byte a second
 * storm               500, 502, 503, 529 in turn
 * limited             429 with Retry-After
 * reset               the connection is reset in place of an answer
 * reset_mid_stream    after half of it
 * truncated           the connection ends properly, half-way
 * malformed           what should be JSON is none, once in a stream
 * wrong_length        content-length promises more than comes, of every second answer less
 * expired             TLS with a certificate whose time is over
 * unresolvable        the config names a host that does not exist
 */
export type Trouble = RequestTrouble | "killed" | "expired" | "unresolvable";

export type RequestTrouble =
  | "hang"
  | "hang_after_headers"
  | "hang_mid_stream"
  | "drip"
  | "storm"
  | "limited"
  | "reset"
  | "reset_mid_stream"
  | "truncated"
  | "malformed"
  | "wrong_length";

/** An answer in its pieces: the events of a stream, or one text. `told` says that a piece is about to go, or went, out whole. */
export interface Spoilt {
  readonly pieces: readonly string[];
  readonly isStream: boolean;
  /** Of answers so far. */
  readonly number: number;
  readonly trouble: RequestTrouble | undefined;
  readonly telling: (piece: number) => void;
  readonly told: (piece: number) => void;
}

const STORM = [500, 502, 503, 529];
const DRIP_MS = 1000;
/** Every so many events of a stream there is a pause, so that streams are under way when something happens to them. */
const BURST = 3;
const PAUSE_MS = 20;
/** What comes before a break must have time to arrive. */
const SETTLE_MS = 5;
const WRONG_BY = 64;
const GARBAGE = 'data: {"id": nonsense\n\n';

/** Sends an answer as the trouble wants it. True when it went out whole. */
export async function sendSpoilt(response: ServerResponse, answer: Spoilt): Promise<boolean> {
  const { trouble, number } = answer;
  if (trouble === "hang") return false;
  if (trouble === "storm") return sendError(response, STORM[number % STORM.length]!);
  if (trouble === "limited") return sendError(response, 429, { "retry-after": "1" });
  if (trouble === "reset") return reset(response);
  writeHead(response, answer);
  if (trouble === "hang_after_headers") return false;
  if (trouble === "drip") return drip(response, answer.pieces.join(""));
  return sendPieces(response, answer);
}

function sendError(response: ServerResponse, status: number, headers: Readonly<Record<string, string>> = {}): false {
  const body = JSON.stringify({ error: { type: "server_error", message: "The server is in trouble.", code: null } });
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
  return false;
}

function writeHead(response: ServerResponse, { pieces, isStream, trouble, number }: Spoilt): void {
  const length = Buffer.byteLength(pieces.join(""));
  const wrong = length + (number % 2 === 0 ? WRONG_BY : -WRONG_BY);
  const counted = trouble === "wrong_length" ? wrong : isStream || trouble !== undefined ? undefined : length;
  response.writeHead(200, {
    "content-type": isStream ? "text/event-stream; charset=utf-8" : "application/json",
    ...(counted !== undefined && { "content-length": counted }),
  });
  response.flushHeaders();
}

async function drip(response: ServerResponse, text: string): Promise<false> {
  for (const byte of Buffer.from(text)) {
    if (response.destroyed) return false;
    response.write(Uint8Array.of(byte));
    await sleep(DRIP_MS);
  }
  return false;
}

async function sendPieces(response: ServerResponse, answer: Spoilt): Promise<boolean> {
  const { pieces, isStream, trouble, number } = answer;
  const breaks = trouble === "hang_mid_stream" || trouble === "reset_mid_stream" || trouble === "truncated";
  const half = Math.ceil(pieces.length / 2);
  const garbageAt = trouble === "malformed" ? number % half : -1;
  if (!isStream) await sleep(PAUSE_MS);
  for (const [index, piece] of (breaks && isStream ? pieces.slice(0, half) : pieces).entries()) {
    if (response.destroyed) return false;
    if (isStream && index % BURST === BURST - 1) await sleep(PAUSE_MS);
    const isWhole = !(breaks && !isStream) && index !== garbageAt;
    if (isWhole) answer.telling(index);
    response.write(index === garbageAt ? GARBAGE : isWhole ? piece : piece.slice(0, piece.length / 2));
    if (isWhole) answer.told(index);
  }
  return finish(response, trouble);
}

async function finish(response: ServerResponse, trouble: RequestTrouble | undefined): Promise<boolean> {
  if (trouble === "hang_mid_stream") return false;
  await sleep(SETTLE_MS);
  if (trouble === "reset_mid_stream") return reset(response);
  if (trouble === "wrong_length") response.socket?.end();
  else response.end();
  return trouble === undefined;
}

/** Under TLS there is nothing but to leave without a word. */
function reset({ socket }: ServerResponse): false {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket?.resetAndDestroy();
  return false;
}

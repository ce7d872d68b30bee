import { RouterError } from "../errors.ts";

/**
 * One block of a server-sent event stream, up to and with the blank line that ends it.
 * `raw` are its exact bytes; comments, pings and stray blank lines are blocks with empty `data`.
 */
export interface SseEvent {
  readonly event: string;
  readonly data: string;
  readonly raw: Uint8Array;
}

/** Bytes in, whole events out, wherever the bytes were cut. The `raw` of all events together are the bytes pushed. */
export interface SseReader {
  /** Throws upstream_failed when an event grows beyond the limit. */
  push(chunk: Uint8Array): SseEvent[];
  /** What is left when the stream ends without a blank line, as a last event. */
  end(): SseEvent[];
}

const LF = 0x0a;
const CR = 0x0d;
const EMPTY = new Uint8Array(0);
const BOM = "\uFEFF";

export function createSseReader({ maxEventBytes }: { maxEventBytes: number }): SseReader {
  const held = createHeldBytes();
  let lineIsEmpty = true;
  let afterCr = false;
  /** The blank line was a CR; an LF that follows still belongs to it. */
  let endsUnlessLf = false;

  function checked(length: number): number {
    if (length <= maxEventBytes) return length;
    throw new RouterError("upstream_failed", `The upstream sent a stream event of more than ${maxEventBytes} bytes.`);
  }

  /** Takes one byte; tells whether an event ends before it (0), behind it (1) or not here (-1). */
  function step(byte: number): -1 | 0 | 1 {
    if (endsUnlessLf) {
      endsUnlessLf = false;
      if (byte === LF) return 1;
      step(byte);
      return 0;
    }
    const halfOfCrLf = byte === LF && afterCr;
    afterCr = false;
    if (halfOfCrLf) return -1;
    if (byte !== CR && byte !== LF) {
      lineIsEmpty = false;
      return -1;
    }
    if (lineIsEmpty && byte === LF) return 1;
    if (lineIsEmpty) endsUnlessLf = true;
    else afterCr = byte === CR;
    lineIsEmpty = true;
    return -1;
  }

  return {
    push(chunk) {
      const events: SseEvent[] = [];
      let start = 0;
      for (let at = 0; at < chunk.length; at++) {
        const ended = step(chunk[at]!);
        if (ended < 0) continue;
        const end = at + ended;
        checked(held.length() + end - start);
        events.push(readEvent(held.take(chunk.subarray(start, end))));
        start = end;
      }
      checked(held.length() + chunk.length - start);
      held.add(chunk.subarray(start));
      return events;
    },
    end() {
      const rest = held.take(EMPTY);
      lineIsEmpty = true;
      afterCr = endsUnlessLf = false;
      return rest.length === 0 ? [] : [readEvent(rest)];
    },
  };
}

/** Bytes of an unfinished event. Grows by doubling, so that many small chunks cost no more than one large. */
function createHeldBytes() {
  let buffer = EMPTY;
  let length = 0;
  return {
    length: () => length,
    add(bytes: Uint8Array): void {
      if (bytes.length === 0) return;
      if (length + bytes.length > buffer.length) {
        const larger = new Uint8Array(Math.max(1024, 2 * (length + bytes.length)));
        larger.set(buffer.subarray(0, length));
        buffer = larger;
      }
      buffer.set(bytes, length);
      length += bytes.length;
    },
    /** Everything held and `bytes` behind it; nothing is held afterwards. Without anything held this is `bytes` itself. */
    take(bytes: Uint8Array): Uint8Array {
      if (length === 0) return bytes;
      const whole = new Uint8Array(length + bytes.length);
      whole.set(buffer.subarray(0, length));
      whole.set(bytes, length);
      length = 0;
      return whole;
    },
  };
}

function readEvent(raw: Uint8Array): SseEvent {
  const text = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString("utf8");
  let event = "";
  const data: string[] = [];
  for (const line of (text.startsWith(BOM) ? text.slice(1) : text).split(/\r\n|\r|\n/)) {
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    if (field !== "data" && field !== "event") continue;
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "data") data.push(value);
    else event = value;
  }
  return { event, data: data.join("\n"), raw };
}

/** The bytes of one event. */
export function sseEvent(data: string, event?: string): Uint8Array {
  const name = event === undefined ? "" : `event: ${event}\n`;
  return Buffer.from(
    `${name}${data
      .split(/\r\n|\r|\n/)
      .map((line) => `data: ${line}\n`)
      .join("")}\n`,
  );
}

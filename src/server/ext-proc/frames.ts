import { RouterError } from "../../errors.ts";
import { unreadable } from "../rpc-error.ts";

/** The messages of a gRPC body, wherever its bytes were cut. */
export interface FrameReader {
  /** Errors: body_too_large, before a byte of the message is kept; unsupported_media_type; invalid_request. */
  push(chunk: Uint8Array): Uint8Array[];
  /** True where a message has begun and is not whole. */
  readonly isWithin: boolean;
}

/** A byte of flags and four of length stand before each message. */
const HEAD = 5;
const COMPRESSED = 1;

export function createFrameReader(maxBytes: number): FrameReader {
  let pieces: Uint8Array[] = [];
  let size = 0;
  /** Of the message that has begun, its head included; 0 while that is not known. */
  let wanted = 0;

  /** All that is kept, as one piece. */
  function join(): Uint8Array {
    if (pieces.length > 1) pieces = [Buffer.concat(pieces, size)];
    return pieces[0]!;
  }

  return {
    push(chunk) {
      const frames: Uint8Array[] = [];
      pieces.push(chunk);
      size += chunk.length;
      while (size >= (wanted || HEAD)) {
        const bytes = join();
        wanted ||= HEAD + lengthIn(bytes, maxBytes);
        if (size < wanted) break;
        frames.push(bytes.subarray(HEAD, wanted));
        pieces = [bytes.subarray(wanted)];
        size -= wanted;
        wanted = 0;
      }
      return frames;
    },
    get isWithin() {
      return size > 0;
    },
  };
}

function lengthIn(head: Uint8Array, maxBytes: number): number {
  const flags = head[0]!;
  if (flags === COMPRESSED)
    throw new RouterError("unsupported_media_type", "Send messages uncompressed: no compression is taken here.");
  if (flags !== 0) throw unreadable(undefined);
  const length = new DataView(head.buffer, head.byteOffset).getUint32(1);
  if (length > maxBytes) throw new RouterError("body_too_large", `A message has more than ${maxBytes} bytes.`);
  return length;
}

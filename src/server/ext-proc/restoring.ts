import type { Placeholders } from "../../contracts.ts";
import type { ClientApi } from "../../dialect/speech.ts";
import { restoreWhole } from "../../rewrite/pii/restore.ts";
import { createRestorer } from "../../rewrite/pii/stream.ts";

/** Puts the client's own values back into an answer on its way. */
export interface Restoring {
  /** What goes on for the bytes that came; the rest waits for more. */
  push(bytes: Uint8Array, isLast: boolean): Uint8Array;
}

/** As in the answering path: the last event of an API may repeat the whole answer. */
const MOST_BYTES = 64 * 1024 * 1024;
const NOTHING = new Uint8Array(0);

/** Undefined where there is nothing to put back, or an answer that is coded so that nobody can read it. */
export function restoringOf(
  api: ClientApi,
  placeholders: Placeholders | undefined,
  { isStream, isCoded }: { readonly isStream: boolean; readonly isCoded: boolean },
): Restoring | undefined {
  if (!placeholders || placeholders.size === 0 || isCoded) return undefined;
  return isStream ? inStream(api, placeholders) : inWhole(placeholders);
}

function inStream(api: ClientApi, placeholders: Placeholders): Restoring {
  const restorer = createRestorer(api, placeholders, { maxEventBytes: MOST_BYTES });
  return {
    push(bytes, isLast) {
      const pushed = restorer.push(bytes);
      return isLast ? Buffer.concat([pushed, restorer.end()]) : pushed;
    },
  };
}

/** A whole answer is one text of JSON: none of it goes on before all is there, unless it is longer than any answer. */
function inWhole(placeholders: Placeholders): Restoring {
  let pieces: Uint8Array[] = [];
  let size = 0;
  let isTooLong = false;
  return {
    push(bytes, isLast) {
      if (isTooLong) return bytes;
      pieces.push(bytes);
      size += bytes.length;
      isTooLong = size > MOST_BYTES;
      if (!isLast && !isTooLong) return NOTHING;
      const whole = Buffer.concat(pieces);
      pieces = [];
      return isTooLong ? whole : restoreWhole(whole, placeholders);
    },
  };
}

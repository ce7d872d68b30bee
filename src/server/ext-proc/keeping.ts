import type { CacheTicket } from "../../contracts.ts";
import { createCollector } from "../../dialect/collect.ts";
import type { ClientApi } from "../../dialect/speech.ts";
import { keepAnswer, MAX_EVENT_BYTES, MAX_KEPT_BYTES } from "../../route/keep.ts";
import type { Runtime } from "../../runtime.ts";

/** Collects an answer on its way, as its model server said it. */
export interface Keeping {
  push(bytes: Uint8Array): void;
  /** It came to its own end: kept, where it is one that may be given again. */
  keep(runtime: Runtime, ticket: CacheTicket, model: string): void;
}

export const keepingOf = (api: ClientApi, isStream: boolean): Keeping => (isStream ? ofStream(api) : ofWhole());

function ofStream(api: ClientApi): Keeping {
  const collector = createCollector(api, { maxBytes: MAX_KEPT_BYTES, maxEventBytes: MAX_EVENT_BYTES });
  return {
    push: (bytes) => collector.push(bytes),
    keep(runtime, ticket, model) {
      const body = collector.whole();
      if (body) keepAnswer(runtime, ticket, { model, body, stream: false });
    },
  };
}

function ofWhole(): Keeping {
  let pieces: Uint8Array[] = [];
  let size = 0;
  return {
    push(bytes) {
      size += bytes.length;
      if (size > MAX_KEPT_BYTES) pieces = [];
      else pieces.push(bytes);
    },
    keep(runtime, ticket, model) {
      if (size <= MAX_KEPT_BYTES)
        keepAnswer(runtime, ticket, { model, body: Buffer.concat(pieces, size), stream: false });
    },
  };
}

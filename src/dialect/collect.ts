import { RouterError } from "../errors.ts";
import { gatherMessage } from "./anthropic/gather.ts";
import { gatherChat } from "./openai-chat/gather.ts";
import { gatherResponse } from "./openai-responses/gather.ts";
import type { ClientApi } from "./speech.ts";
import { createSseReader, type SseEvent } from "./sse.ts";

/** Follows a streamed answer and puts it together as it would have been given whole. */
export interface Collector {
  /** Bytes as the client is told them, wherever they are cut. Throws nothing. */
  push(bytes: Uint8Array): void;
  /**
   * The whole JSON body, after the stream's end. Undefined where it was cut off, held an error, is too large, or holds
   * what cannot be put into a whole body here: calls of tools, several choices, probabilities, members that are unknown.
   */
  whole(): Uint8Array | undefined;
}

/** UTF-16 units of the whole body that are held because of an event; "lost" where such a body could not tell it. */
export type Held = number | "lost";

/** Puts the events of one API together. */
export interface Gatherer {
  hear(event: SseEvent): Held;
  /** Undefined until the API's last event has come. */
  whole(): Uint8Array | undefined;
}

const GATHERERS: Readonly<Record<ClientApi, () => Gatherer>> = {
  "openai-chat": gatherChat,
  "openai-responses": gatherResponse,
  "anthropic-messages": gatherMessage,
};

/** @param limits bytes of the whole body, and of one event of the stream */
export function createCollector(
  api: ClientApi,
  limits: { readonly maxBytes: number; readonly maxEventBytes: number },
): Collector {
  const events = createSseReader(limits);
  let gatherer: Gatherer | undefined = GATHERERS[api]();
  let held = 0;

  function hear(arrived: readonly SseEvent[]): void {
    for (const event of arrived) {
      const more = event.data === "" ? 0 : (gatherer?.hear(event) ?? 0);
      if (more !== "lost") held += more;
      // A unit takes a byte at least. What is lost is not held on to.
      if (more === "lost" || held > limits.maxBytes) gatherer = undefined;
    }
  }

  /** What breaks a limit, of an event or of nesting, is lost. */
  function guarded<T>(take: (gatherer: Gatherer) => T): T | undefined {
    try {
      return gatherer && take(gatherer);
    } catch (caught) {
      if (!(caught instanceof RouterError || caught instanceof RangeError)) throw caught;
      gatherer = undefined;
      return undefined;
    }
  }

  return {
    push: (bytes) => guarded(() => hear(events.push(bytes))),
    whole() {
      guarded(() => hear(events.end()));
      const bytes = guarded((each) => each.whole());
      return bytes && bytes.length <= limits.maxBytes ? bytes : undefined;
    },
  };
}

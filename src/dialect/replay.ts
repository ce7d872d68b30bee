import { replayMessage } from "./anthropic/replay.ts";
import { createCollector } from "./collect.ts";
import { parseFields, textOf } from "./event-json.ts";
import { mayBeKept, usageIn } from "./kept.ts";
import { replayChat } from "./openai-chat/replay.ts";
import { replayResponse } from "./openai-responses/replay.ts";
import type { Fields } from "./shape.ts";
import type { ClientApi } from "./speech.ts";
import { toldAsCached } from "./told-cached.ts";

export { createCollector, mayBeKept, toldAsCached, usageIn };

export interface ReplayOptions {
  /** The client asked for usage in its stream; only OpenAI chat lets it choose. */
  readonly usage: boolean;
  /** Unix seconds, told instead of the answer's own, in the APIs that say when an answer was made. */
  readonly created?: number;
}

const REPLAYS: Readonly<Record<ClientApi, (body: Fields, options: ReplayOptions) => Iterable<Uint8Array>>> = {
  "openai-chat": replayChat,
  "openai-responses": replayResponse,
  "anthropic-messages": replayMessage,
};

/**
 * A whole answer as the stream that its API would have sent: whole events, one after the other, written as they are
 * taken. Throws a RangeError where it is no JSON object.
 * @param whole a body that may be kept
 */
export function replayed(api: ClientApi, whole: Uint8Array, options: ReplayOptions): Iterable<Uint8Array> {
  const body = parseFields(textOf(whole));
  if (!body) throw new RangeError("Only a whole answer can be told again");
  return REPLAYS[api](body, options);
}

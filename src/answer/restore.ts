import type { Placeholders } from "../contracts.ts";
import type { ClientApi } from "../dialect/speech.ts";
import { restoreWhole } from "../rewrite/pii/restore.ts";
import { createRestorer } from "../rewrite/pii/stream.ts";
import type { Given } from "./given.ts";

/** The last event of an API may repeat the whole answer. */
const MAX_EVENT_BYTES = 64 * 1024 * 1024;

/** The answer with the client's own values where the model was shown placeholders. */
export function restored(api: ClientApi, answer: Given, placeholders: Placeholders): Given {
  if (placeholders.size === 0) return answer;
  const { body } = answer;
  if (body instanceof Uint8Array) return { ...answer, body: restoreWhole(body, placeholders) };
  return { ...answer, body: stream(api, body, placeholders) };
}

async function* stream(
  api: ClientApi,
  chunks: AsyncIterable<Uint8Array>,
  placeholders: Placeholders,
): AsyncGenerator<Uint8Array, void, void> {
  const restorer = createRestorer(api, placeholders, { maxEventBytes: MAX_EVENT_BYTES });
  for await (const chunk of chunks) {
    const bytes = restorer.push(chunk);
    if (bytes.length > 0) yield bytes;
  }
  const rest = restorer.end();
  if (rest.length > 0) yield rest;
}

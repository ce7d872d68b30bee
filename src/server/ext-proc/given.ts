import type { CacheHit, Plan } from "../../contracts.ts";
import { usageEdits } from "../../dialect/openai-chat/answer.ts";
import { replayed } from "../../dialect/replay.ts";
import type { ClientApi } from "../../dialect/speech.ts";
import { restoreWhole } from "../../rewrite/pii/restore.ts";
import type { Runtime } from "../../runtime.ts";
import { cacheHeaders, planHeaders } from "../answering.ts";
import type { OwnAnswer } from "./replies.ts";

/** A request whose answer was kept. */
export interface AskedAgain {
  readonly api: ClientApi;
  readonly stream: boolean;
  /** The client's body, and what it says. */
  readonly bytes: Uint8Array;
  readonly body: unknown;
}

/** The answer that was kept, as this client wants it: whole or as a stream, with the client's own values. */
export function givenAgain(
  { responseHeaders, pool }: Runtime,
  plan: Plan,
  { answer, model }: CacheHit,
  { api, stream, bytes, body }: AskedAgain,
): OwnAnswer {
  const placeholders = plan.redaction?.placeholders;
  const whole = placeholders ? restoreWhole(answer, placeholders) : answer;
  const usage = usageEdits(bytes, body).length === 0;
  const own = {
    ...planHeaders(plan),
    "x-signalbox-model": model,
    "x-signalbox-tier": pool.byName.get(model)?.tier.name ?? "",
    ...cacheHeaders(plan),
  };
  return {
    status: 200,
    headers: {
      "content-type": stream ? "text/event-stream; charset=utf-8" : "application/json",
      ...(responseHeaders && own),
    },
    body: stream ? Buffer.concat([...replayed(api, whole, { usage })]) : whole,
  };
}

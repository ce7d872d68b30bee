import { createAsk } from "../answer/ask.ts";
import type { Ask, Caller } from "../contracts.ts";
import type { Visit } from "./record.ts";

/** How models are asked for a request of this caller: not at all once his budget is spent. */
export function askFor({ runtime, guard }: Visit, { tenant }: Caller, abort: AbortSignal): Ask {
  const ask = createAsk(runtime, tenant, abort);
  return async (question) => (guard.admit(tenant) ? {} : ask(question));
}

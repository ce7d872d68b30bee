import type { Attempt, CacheTicket } from "../contracts.ts";
import { createCollector } from "../dialect/collect.ts";
import { withUsage } from "../dialect/kept.ts";
import { keepAnswer, MAX_EVENT_BYTES, MAX_KEPT_BYTES } from "../route/keep.ts";
import type { Runtime } from "../runtime.ts";
import type { Call } from "./attempt.ts";
import type { Given } from "./given.ts";

/** The same answer; it is kept when it has come to its own end. */
export function kept(
  runtime: Runtime,
  ticket: CacheTicket,
  { api }: Call,
  attempts: readonly Attempt[],
  given: Given,
): Given {
  const { status, body, model } = given;
  if (status !== 200) return given;
  const keep = (whole: Uint8Array) => keepAnswer(runtime, ticket, { model, body: whole, stream: false });
  const paid = () => attempts.findLast(({ result, discarded }) => result === "ok" && !discarded)?.usage;
  const keepStream = (whole: Uint8Array) => keep(withUsage(api, whole, paid()));
  if (!(body instanceof Uint8Array)) return { ...given, body: collected(api, body, keepStream) };
  keep(body);
  return given;
}

async function* collected(
  api: Call["api"],
  chunks: AsyncIterable<Uint8Array>,
  keep: (whole: Uint8Array) => void,
): AsyncGenerator<Uint8Array, void, void> {
  const collector = createCollector(api, { maxBytes: MAX_KEPT_BYTES, maxEventBytes: MAX_EVENT_BYTES });
  for await (const chunk of chunks) {
    collector.push(chunk);
    yield chunk;
  }
  const whole = collector.whole();
  if (whole) keep(whole);
}

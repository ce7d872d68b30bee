import { write } from "../cache/written.ts";
import { refuses } from "../cascade/heuristics.ts";
import type { CacheTicket, Caller, Plan } from "../contracts.ts";
import { createCollector } from "../dialect/collect.ts";
import { mayBeKept } from "../dialect/kept.ts";
import { saidIn } from "../dialect/said.ts";
import type { ClientApi } from "../dialect/speech.ts";
import { RouterError } from "../errors.ts";
import type { Runtime } from "../runtime.ts";
import { isBelieved } from "./believed.ts";

/** A whole body, or the bytes of a stream that came to its end, as the client was told them. */
export interface Given {
  readonly model: string;
  readonly body: Uint8Array;
  readonly stream: boolean;
}

/** Noted beside the targets of a decision: its answer was brought. */
const KEPT = "answer";
/** No event of an answer that is kept is larger. */
export const MAX_EVENT_BYTES = 4 * 1024 * 1024;
/** Nor the answer itself, whatever the store would take. */
export const MAX_KEPT_BYTES = 16 * 1024 * 1024;

/**
 * Keeps an answer that may be given again: plain text that came to its own end and is no refusal. True where it is taken
 * to be stored.
 * @param isWanted asked last of all
 */
export function keepAnswer(
  { cache }: Pick<Runtime, "cache">,
  ticket: CacheTicket,
  given: Given,
  isWanted: () => boolean = () => true,
): boolean {
  const api = ticket.api as ClientApi;
  const body = given.stream ? wholeOf(api, given.body) : given.body;
  if (!cache || !body || body.length > MAX_KEPT_BYTES || !mayBeKept(api, body)) return false;
  if (refuses(saidIn(api, body).text) || !isWanted()) return false;
  const { key, tenant, route, ttlMs } = ticket;
  const like = isSigned(body) ? undefined : ticket.like;
  const storedAt = Date.now();
  return cache.store.put({
    key,
    // Nobody searches there.
    partition: like?.partition ?? key,
    tenant,
    route,
    question: like?.question ?? "",
    ...(like && { vector: like.vector }),
    api,
    answer: write({ model: given.model, body }),
    storedAt,
    expiresAt: storedAt + ttlMs,
  });
}

/** Thoughts are signed for the conversation that they were had in: they are given again to the same request alone. */
function isSigned(body: Uint8Array): boolean {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return SIGNED.some((mark) => bytes.includes(mark));
}
/** In the text of an answer the quotation marks would be escaped. */
const SIGNED = ['"signature"', '"redacted_thinking"', '"encrypted_content"'];

function wholeOf(api: ClientApi, bytes: Uint8Array): Uint8Array | undefined {
  const collector = createCollector(api, { maxBytes: MAX_KEPT_BYTES, maxEventBytes: MAX_EVENT_BYTES });
  collector.push(bytes);
  return collector.whole();
}

/**
 * Whether a gateway may bring the answer of a plan: not where it knows personal data that the model did not see, for
 * then nobody here could tell whether the answer still holds placeholders.
 */
export const mayBeBrought = ({ keep, redaction }: Pick<Plan, "keep" | "redaction">): boolean =>
  keep !== undefined && (redaction?.placeholders.size ?? 0) === 0;

/**
 * Keeps what a gateway that is believed says was answered; of one decision one answer.
 * Errors: unknown_decision (never made, forgotten after an hour, somebody else's, or none whose answer is kept); forbidden.
 */
export function keepReported(
  runtime: Runtime,
  caller: Caller,
  { decisionId, body, stream }: { readonly decisionId: string; readonly body: Uint8Array; readonly stream: boolean },
): boolean {
  if (!isBelieved(runtime, caller))
    throw new RouterError("forbidden", "Answers are taken from trusted gateways alone: see server.auth.trusted.");
  const ticket = runtime.cache?.tickets.recall(decisionId);
  const decision = runtime.decisions.recall(decisionId);
  if (!ticket || !decision || ticket.tenant !== caller.tenant)
    throw new RouterError("unknown_decision", "No such decision is remembered.", { param: "decision_id" });
  const given = { model: decision.targets[0]!.model, body, stream };
  return keepAnswer(runtime, ticket, given, () => runtime.decisions.note(decisionId, KEPT));
}

import { DIALECTS } from "../../dialect/index.ts";
import { RouterError } from "../../errors.ts";
import { ProcessingMode_BodySendMode as BodyMode } from "../../gen/envoy/extensions/filters/http/ext_proc/v3/processing_mode_pb.ts";
import { planHeaders } from "../answering.ts";
import { retryAfter } from "../rpc-error.ts";
import { decide, inTime, type Verdict } from "./decide.ts";
import { outOfOrder, type Story, type Surroundings } from "./story.ts";
import { admitCaller, readHead, refuseUnreadable, type Head } from "./head.ts";
import type { BodyPart, HeadPart, Message, Modes } from "./messages.ts";
import { chosen } from "./metadata.ts";
import * as replies from "./replies.ts";
import type { Reply } from "./replies.ts";

/**
 * `reading`: a body comes that is to be decided on. `passing`: one that is none of ours. `over`: it was all there.
 * `answered`: the client has its answer from us; what still comes of the request is for nobody.
 */
type Stage = "waiting" | "reading" | "passing" | "over" | "answered";

const EMPTY = new Uint8Array(0);
/** An answer that its server compressed could not be read as it passes. */
const UNREADABLE = "accept-encoding";

/** What the gateway sends of the client's request, and what it is told to make of it. */
export function createRequestSide(surroundings: Surroundings, story: Story, record: () => unknown) {
  const { visit, peer, settings, over } = surroundings;
  const { limits, routingHeader } = visit.runtime;
  let stage: Stage = "waiting";
  let modes = UNTOLD;
  let head: Head;
  let pieces: Uint8Array[] = [];
  let size = 0;
  let arrived = 0;

  const isDuplex = (): boolean => modes.request === BodyMode.FULL_DUPLEX_STREAMED;

  function begin(message: Message, { headers, endOfStream }: HeadPart): Promise<Reply[]> | Reply[] {
    if (stage !== "waiting") throw outOfOrder("request_headers came twice.");
    modes = message.modes ?? UNTOLD;
    head = readHead(headers, routingHeader);
    arrived = visit.elapsed();
    const cleaned = { remove: head.ours, reroute: head.ours.length > 0 };
    if (!head.api || modes.request === BodyMode.NONE) {
      stage = endOfStream ? "over" : "passing";
      if (head.api) return [replies.requestHead({ ...cleaned, metadata: { passed: "unread" } })];
      const isHeld = !endOfStream && modes.request === BodyMode.BUFFERED;
      return [isHeld ? replies.nothingMore(cleaned) : replies.requestHead(cleaned)];
    }
    story.api = head.api;
    try {
      refuseMode(modes.request);
      story.caller = admitCaller(visit, peer, message, head);
      const overBudget = visit.guard.admit(story.caller.tenant);
      if (overBudget) throw overBudget;
      refuseUnreadable(head);
    } catch (caught) {
      return refuse(RouterError.from(caught));
    }
    if (endOfStream) return judge(EMPTY, "head");
    stage = "reading";
    return isDuplex() ? [] : [replies.requestHead({ ...cleaned, remove: [...head.ours, UNREADABLE] })];
  }

  function read({ body, endOfStream }: BodyPart): Promise<Reply[]> | Reply[] {
    if (stage === "answered") return [];
    if (stage === "passing") {
      if (!isDuplex()) return [replies.unchangedRequestBody];
      if (endOfStream) stage = "over";
      return replies.requestPieces(body, endOfStream);
    }
    if (stage !== "reading") throw outOfOrder("request_body came after the end of the request.");
    size += body.length;
    if (size > limits.bytes) return refuse(tooLarge(limits.bytes));
    pieces.push(body);
    // A body that is sent whole is whole, whatever it says of an end: trailers may follow it.
    return isDuplex() && !endOfStream ? [] : judge(gathered(), isDuplex() ? "stream" : "body");
  }

  function trailers(): Promise<Reply[]> | Reply[] {
    if (stage === "answered") return [];
    if (stage === "reading" && isDuplex()) return judge(gathered(), "trailers");
    if (stage === "reading") throw outOfOrder("request_trailers came before request_body.");
    stage = "over";
    return [replies.unchangedRequestTrailers];
  }

  function gathered(): Uint8Array {
    const bytes = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, size);
    pieces = [];
    return bytes;
  }

  /** @param last the part of the request that came last, which the verdict answers */
  async function judge(bytes: Uint8Array, last: "head" | "body" | "stream" | "trailers"): Promise<Reply[]> {
    stage = "over";
    story.uploadMs = visit.elapsed() - arrived;
    const asked = { api: story.api!, headers: head.headers, caller: story.caller!, bytes };
    const deciding = (abort: AbortSignal) => decide(visit, asked, story, abort);
    const verdict = await inTime(deciding, settings, (error) => visit.fault("ext_proc door", error), over);
    if (verdict.kind === "refuse") return refuse(verdict.error, verdict);
    if (verdict.kind === "answer") return give(verdict);
    if (verdict.kind === "pass") story.error = passedOn(verdict.why);
    story.sentAt = visit.elapsed();
    const body = verdict.kind === "forward" ? verdict.body : bytes;
    const change = changeOf(verdict, head);
    if (last === "head") return [replies.requestHead(change)];
    if (last === "body") {
      if (body === bytes) return [replies.requestBody(change)];
      const set = { ...change.set, "content-length": String(body.length) };
      return [replies.requestBody({ ...change, set }, body)];
    }
    const whole = [replies.requestHead(change), ...replies.requestPieces(body, last === "stream")];
    return last === "trailers" ? [...whole, replies.unchangedRequestTrailers] : whole;
  }

  function give({ plan, hit, answer }: Given): Reply[] {
    stage = "answered";
    story.status = answer.status;
    record();
    return [replies.immediate(answer, `signalbox_cache_${hit.kind}`, chosen(plan))];
  }

  function refuse(error: RouterError, { status = error.status, plan }: Partial<Refusal> = {}): Reply[] {
    stage = "answered";
    story.error = error;
    story.status = status;
    record();
    const headers = {
      ...(plan && visit.runtime.responseHeaders && planHeaders(plan)),
      ...(error.retryAfterMs !== undefined && { "retry-after": retryAfter(error.retryAfterMs) }),
    };
    const body = DIALECTS[story.api!].errorBody(error);
    return [replies.immediate({ status, headers, body }, `signalbox_${error.code}`)];
  }

  return {
    head: begin,
    body: read,
    trailers,
    get begun() {
      return stage !== "waiting";
    },
    get modes() {
      return modes;
    },
  };
}

type Given = Extract<Verdict, { kind: "answer" }>;
type Refusal = Extract<Verdict, { kind: "refuse" }>;

/** Without an announcement, as older gateways have it, bodies come whole. */
const UNTOLD: Modes = { request: BodyMode.BUFFERED, response: BodyMode.NONE };

/** In every other mode the head is gone before the body is there, or the body may lack its end. */
function refuseMode(mode: BodyMode): void {
  if (mode === BodyMode.BUFFERED || mode === BodyMode.FULL_DUPLEX_STREAMED) return;
  throw new RouterError(
    "config_invalid",
    "The gateway sends bodies in a mode that nothing can be decided in: its request_body_mode must be BUFFERED or FULL_DUPLEX_STREAMED.",
  );
}

/** The route is chosen anew even where nothing was decided: the client's own word may have chosen it. */
function changeOf(verdict: Exclude<Verdict, Refusal | Given>, { ours }: Head) {
  const remove = [...ours, UNREADABLE];
  if (verdict.kind === "pass") return { remove, reroute: true, metadata: { passed: verdict.why } };
  const { plan } = verdict;
  const set = Object.fromEntries(plan.setHeaders.map(({ name, value }) => [name, value]));
  return { set, remove, reroute: true, metadata: chosen(plan) };
}

const passedOn = (why: "slow" | "fault"): RouterError =>
  why === "slow"
    ? new RouterError("unavailable", "No decision came in time, and the request passed as it was.")
    : new RouterError("internal", "Signalbox failed on this request, and it passed as it was.");

const tooLarge = (bytes: number): RouterError =>
  new RouterError("body_too_large", `The body is larger than ${bytes} bytes (server.limits.body_bytes).`);

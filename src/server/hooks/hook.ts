import type { Caller, Plan, Prompt } from "../../contracts.ts";
import { parseBody } from "../../dialect/json.ts";
import { type Fields, readBody as fieldsOf } from "../../dialect/shape.ts";
import { RouterError } from "../../errors.ts";
import { route } from "../../route/index.ts";
import type { RouteInput } from "../../route/input.ts";
import type { Runtime } from "../../runtime.ts";
import { askFor } from "../asking.ts";
import { readBody } from "../body.ts";
import type { Request, Response } from "../listen.ts";
import { recordOf, type Visit } from "../record.ts";
import { send } from "../reply.ts";

/** What a hook of a gateway wants decided. */
export type Question = Omit<RouteInput, "caller" | "ask">;

/** A call whose body is in. */
export interface HookCall {
  readonly runtime: Runtime;
  readonly bytes: Buffer;
  readonly body: Fields;
  /** Errors: blocked, and those of the first act. */
  decide(question: Question): Promise<Plan>;
}

/** How a gateway is answered. */
export interface Hook {
  reply(call: HookCall): Promise<object>;
  /**
   * The answer for a request that may go nowhere: blocked, or refused as RouteRequest refuses it, be it that it cannot
   * be read. Told as an error it would pass wherever errors do. Absent where the gateway knows no such answer.
   */
  refusal?(error: RouterError): object;
}

/** A hook's body quotes the client's beside what it knows of it, or tells its texts twice. */
const ENVELOPE_FACTOR = 2;

/** What every hook lives through: admit, read, decide, reply, record. */
export async function serveHook(
  { reply, refusal }: Hook,
  visit: Visit,
  request: Request,
  response: Response,
): Promise<void> {
  const { runtime } = visit;
  const seen: { caller?: Caller; prompt?: Prompt; plan?: Plan; error?: RouterError } = {};
  try {
    const caller = (seen.caller = visit.admit(request));
    const limits = { ...runtime.limits, bytes: runtime.limits.bytes * ENVELOPE_FACTOR };
    const bytes = await readBody(request, limits);
    const body = fieldsOf(parseBody(bytes, limits));
    const decide = async (question: Question): Promise<Plan> => {
      seen.prompt = question.prompt;
      // A question is short, and what it was asked for is done all the same where the caller has left.
      const ask = askFor(visit, caller, new AbortController().signal);
      const plan = (seen.plan = await route(runtime, { ...question, caller, ask }));
      if (plan.blocked) throw new RouterError("blocked", plan.blocked.message);
      return plan;
    };
    sendAnswer(response, await reply({ runtime, bytes, body, decide }));
  } catch (caught) {
    const error = (seen.error = RouterError.from(caught));
    if (!refusal || !seen.caller || !isOfRequest(error)) throw caught;
    sendAnswer(response, refusal(error), error.code === "body_too_large");
  } finally {
    const { plan, error } = seen;
    if (error || (plan && !plan.preview))
      visit.publish(recordOf(visit, { door: "hook", attempts: [], status: error?.status ?? 200, ...seen }));
  }
}

/** True for what the same request would meet again; late and broken ones may be sent once more. */
const isOfRequest = ({ status, code }: RouterError): boolean =>
  status < 500 && code !== "client_gone" && code !== "body_timeout";

/** `unread`: the rest of a body that was not read would be taken for the next request. */
function sendAnswer(response: Response, body: object, unread = false): void {
  const headers = { "content-type": "application/json", ...(unread && { connection: "close" }) };
  send(response, 200, headers, JSON.stringify(body));
}

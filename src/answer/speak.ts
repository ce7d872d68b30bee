import type { PlannedTarget } from "../contracts.ts";
import { applyEdits, joinEdits } from "../dialect/json.ts";
import { unsupported } from "../dialect/shape.ts";
import { pass, passInputs, translate, type AnswerOptions, type Speech } from "../dialect/speech.ts";
import { RouterError } from "../errors.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { Call } from "./attempt.ts";

const MAX_EVENT_BYTES = 4 * 1024 * 1024;

type Spoken =
  | (Speech & { readonly passes: boolean; readonly headers: Readonly<Record<string, string>> })
  | { readonly error: RouterError };

/** What is sent to this target: the client's bytes where it speaks the client's API and can read them all, else a translation. */
export function speak(upstream: Upstream, planned: PlannedTarget, call: Call): Spoken {
  const options: AnswerOptions = {
    model: planned.model,
    usage: call.usage,
    maxEventBytes: MAX_EVENT_BYTES,
    created: Math.floor(Date.now() / 1000),
  };
  const isReadable = call.foreign === "none" || (call.foreign === "thoughts" && upstream.takesThoughts);
  if (upstream.speaks.includes(call.api) && isReadable) {
    const body = applyEdits(call.body, joinEdits(planned.edits, call.edits));
    const speech = call.path === undefined ? pass(call.api, body, options) : passInputs(call.path, body, options);
    return { ...speech, passes: true, headers: call.headers };
  }
  try {
    if (call.path !== undefined) unsupported("model", `its model server has no ${call.path}`);
    const body = applyEdits(call.body, planned.edits);
    const speech = translate(call.api, body, upstream, planned.target.upstreamModel, options);
    return { ...speech, passes: false, headers: {} };
  } catch (caught) {
    if (caught instanceof RouterError && caught.code !== "internal") return { error: caught };
    throw caught;
  }
}

import type { PlannedTarget } from "../contracts.ts";
import { applyEdits, joinEdits } from "../dialect/json.ts";
import { resume } from "../dialect/resume.ts";
import { unsupported } from "../dialect/shape.ts";
import { pass, passInputs, translate, type AnswerOptions, type Speech } from "../dialect/speech.ts";
import { RouterError } from "../errors.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { Call } from "./attempt.ts";

const MAX_EVENT_BYTES = 4 * 1024 * 1024;

type Spoken = Speech & { readonly passes: boolean; readonly headers: Readonly<Record<string, string>> };

/**
 * What is sent to this target: the client's bytes where it speaks the client's API and can read them all, else a
 * translation; with the words so far where it is to go on with an answer that broke off.
 */
export function speak(
  upstream: Upstream,
  planned: PlannedTarget,
  call: Call,
): Spoken | { readonly error: RouterError } {
  try {
    return call.broken ? speakOn(upstream, planned, call, call.broken) : speakTo(upstream, planned, call);
  } catch (caught) {
    if (caught instanceof RouterError && caught.code !== "internal") return { error: caught };
    throw caught;
  }
}

export function answerOptions(planned: PlannedTarget, call: Call): AnswerOptions {
  return {
    model: planned.model,
    usage: call.usage,
    maxEventBytes: MAX_EVENT_BYTES,
    created: Math.floor(Date.now() / 1000),
  };
}

function speakTo(
  { speaks, takesThoughts }: Pick<Upstream, "speaks" | "takesThoughts">,
  planned: PlannedTarget,
  call: Call,
): Spoken {
  const options = answerOptions(planned, call);
  const isReadable = call.foreign === "none" || (call.foreign === "thoughts" && takesThoughts);
  if (speaks.includes(call.api) && isReadable) {
    const body = applyEdits(call.body, joinEdits(planned.edits, call.edits));
    const speech = call.path === undefined ? pass(call.api, body, options) : passInputs(call.path, body, options);
    return { ...speech, passes: true, headers: call.headers };
  }
  if (call.path !== undefined) unsupported("model", `its model server has no ${call.path}`);
  const body = applyEdits(call.body, planned.edits);
  const speech = translate(
    call.api,
    body,
    { speaks, takesThoughts, ...planned.thinks },
    planned.target.upstreamModel,
    options,
  );
  return { ...speech, passes: false, headers: {} };
}

function speakOn(
  { resumes, takesThoughts }: Upstream,
  planned: PlannedTarget,
  call: Call,
  broken: NonNullable<Call["broken"]>,
): Spoken {
  if (!resumes) return unsupported("model", "its model server cannot go on with an answer");
  const spoken = speakTo({ speaks: [resumes], takesThoughts }, planned, call);
  return { ...spoken, ...resume(call.api, resumes, spoken, broken, answerOptions(planned, call)), passes: false };
}

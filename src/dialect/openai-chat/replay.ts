import type { ReplayOptions } from "../replay.ts";
import { piecesOf } from "../pieces.ts";
import { isFields, listOf, stringOf, type Fields } from "../shape.ts";
import { saysNothing } from "../silence.ts";
import { sseEvent } from "../sse.ts";
import { TEXTS } from "./plain.ts";

/** A whole answer as chunks: role, thoughts, text, finish, usage where it is wanted and told, `[DONE]`. */
export function* replayChat(body: Fields, options: ReplayOptions): Generator<Uint8Array, void, void> {
  const { id, created, model, system_fingerprint, service_tier, choices, usage, object: _, ...rest } = body;
  const { index: __, message, logprobs: ___, finish_reason: finish, ...ending } = firstOf(choices);
  const said = isFields(message) ? message : {};
  // Undefined members are not written.
  const head = {
    id,
    object: "chat.completion.chunk",
    created: options.created ?? created,
    model,
    service_tier,
    system_fingerprint,
  };
  const counted = isFields(usage) ? usage : undefined;
  const chunk = (chosen: readonly Fields[], tokens: Fields | null = null, more?: Fields) =>
    sseEvent(JSON.stringify({ ...head, choices: chosen, ...(options.usage && { usage: tokens }), ...more }));
  const delta = (spoken: Fields) => chunk([{ index: 0, delta: spoken, logprobs: null, finish_reason: null }]);

  const first = { index: 0, delta: { role: "assistant", content: "", refusal: null }, logprobs: null };
  yield chunk([{ ...first, finish_reason: null }], null, tellingOf(rest));
  yield* together(
    TEXTS.filter((name) => name !== "content"),
    said,
    delta,
  );
  yield* together(["content"], said, delta);
  yield chunk([{ index: 0, delta: {}, logprobs: null, finish_reason: finish, ...tellingOf(ending) }]);
  if (options.usage && counted) yield chunk([], counted);
  yield sseEvent("[DONE]");
}

/** The members that tell something. */
function tellingOf(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !saysNothing(value)));
}

function firstOf(choices: unknown): Fields {
  const [choice] = listOf(choices);
  return isFields(choice) ? choice : {};
}

/** Pieces of texts that are told side by side: whoever reads one of two names hears each piece once. */
function* together(
  names: readonly string[],
  said: Fields,
  delta: (spoken: Fields) => Uint8Array,
): Generator<Uint8Array, void, void> {
  const running = names.map((name) => ({ name, pieces: piecesOf(stringOf(said[name])) }));
  for (;;) {
    const spoken: Record<string, string> = {};
    for (const { name, pieces } of running) {
      const next = pieces.next();
      if (!next.done) spoken[name] = next.value;
    }
    if (Object.keys(spoken).length === 0) return;
    yield delta(spoken);
  }
}

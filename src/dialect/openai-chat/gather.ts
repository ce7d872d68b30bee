import type { Gatherer, Held } from "../collect.ts";
import { parseFields } from "../event-json.ts";
import { isFields, listOf, stringOf, type Fields } from "../shape.ts";
import { holdsOnly, saysNothing } from "../silence.ts";
import type { SseEvent } from "../sse.ts";
import { BESIDE, BESIDE_CHOICE, isFiltered, namesNobody, TEXTS, WHOLE } from "./plain.ts";
import { errorIn } from "./said.ts";

const HEAD = new Set(["id", "created", "model", ...BESIDE]);
/** `obfuscation` is there to hide the length of what is said. */
const CHUNK = new Set([...HEAD, "object", "choices", "usage", "obfuscation"]);
const CHOICE = new Set([...BESIDE_CHOICE, "index", "delta", "finish_reason", "content_filter_offsets"]);
const DELTA = new Set<string>(["role", ...TEXTS]);

/** Puts chunks together: of what each repeats the newest that says something. */
export function gatherChat(): Gatherer {
  const head: Record<string, unknown> = {};
  const beside: Record<string, unknown> = {};
  const texts = new Map<string, string>();
  let usage: Fields | undefined;
  let finish: string | undefined;
  let done = false;

  function speak(delta: Fields): Held {
    if ((stringOf(delta["role"]) || "assistant") !== "assistant" || !holdsOnly(delta, DELTA)) return "lost";
    let length = 0;
    for (const name of TEXTS) {
      const piece = delta[name] ?? "";
      if (typeof piece !== "string") return "lost";
      if (piece !== "") texts.set(name, (texts.get(name) ?? "") + piece);
      length += piece.length;
    }
    return length;
  }

  function choose(choice: unknown): Held {
    if (!isFields(choice) || (choice["index"] ?? 0) !== 0 || !holdsOnly(choice, CHOICE)) return "lost";
    if (isFiltered(choice["content_filter_results"])) return "lost";
    copy(choice, BESIDE_CHOICE, beside);
    if (typeof choice["finish_reason"] === "string") finish = choice["finish_reason"];
    const delta = choice["delta"] ?? {};
    return isFields(delta) ? speak(delta) : "lost";
  }

  function hear({ event, data }: SseEvent): Held {
    if (done) return "lost";
    if (data.trim() === "[DONE]") {
      done = true;
      return 0;
    }
    const chunk = parseFields(data);
    if (!chunk || event === "error" || errorIn(chunk) !== undefined || !holdsOnly(chunk, CHUNK)) return "lost";
    if (!namesNobody(chunk["metadata"])) return "lost";
    copy(chunk, HEAD, head);
    if (isFields(chunk["usage"])) usage = chunk["usage"];
    const [choice, ...others] = listOf(chunk["choices"]);
    if (others.length > 0) return "lost";
    return choice === undefined ? 0 : choose(choice);
  }

  return {
    hear,
    whole() {
      if (!done || finish === undefined) return undefined;
      const message = { role: "assistant", content: "", refusal: null, ...Object.fromEntries(texts) };
      const choice = { index: 0, message, logprobs: null, finish_reason: finish, ...beside };
      const { id, created, model, ...rest } = head;
      const body = { id, object: WHOLE, created, model, choices: [choice], ...(usage && { usage }), ...rest };
      return Buffer.from(JSON.stringify(body));
    },
  };
}

/** Azure's first chunk has an empty id and model, and the time 0. */
function copy(from: Fields, names: ReadonlySet<string>, to: Record<string, unknown>): void {
  for (const name in from) if (names.has(name) && !saysNothing(from[name]) && from[name] !== 0) to[name] = from[name];
}

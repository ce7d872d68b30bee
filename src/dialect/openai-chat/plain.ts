import { isFields, listOf, stringOf, type Fields } from "../shape.ts";
import { holdsOnly, saysNothing } from "../silence.ts";
import { errorIn } from "./said.ts";

/** What some servers tell beside an answer: how it was made, and what their filters found. */
export const BESIDE = new Set([
  "system_fingerprint",
  "service_tier",
  "provider",
  "metadata",
  "usage_breakdown",
  "x_groq",
  "timings",
  "time_info",
  "prompt_filter_results",
]);
/** The same of a choice: vLLM, SGLang, OpenRouter, Together, Azure. */
export const BESIDE_CHOICE = new Set([
  "stop_reason",
  "matched_stop",
  "native_finish_reason",
  "seed",
  "content_filter_results",
]);
/** Thoughts have two names, and some servers say the same in both. */
export const TEXTS = ["reasoning_content", "reasoning", "content"] as const;

const BODY = new Set(["id", "object", "created", "model", "choices", "usage", ...BESIDE]);
const CHOICE = new Set(["index", "message", "finish_reason", ...BESIDE_CHOICE]);
const MESSAGE = new Set<string>(["role", ...TEXTS]);

/** Whether a body is a finished answer in one text, and nothing that is not understood. */
export function isPlainCompletion(body: Fields): boolean {
  const { object, choices } = body;
  const [choice, ...others] = listOf(choices);
  if (!isFields(choice) || others.length > 0 || (choice["index"] ?? 0) !== 0) return false;
  if (errorIn(body) !== undefined || (object ?? WHOLE) !== WHOLE || !holdsOnly(body, BODY)) return false;
  if (!namesNobody(body["metadata"])) return false;
  const { message, finish_reason: finish, content_filter_results: found } = choice;
  if (finish !== "stop" || isFiltered(found) || !holdsOnly(choice, CHOICE) || !isFields(message)) return false;
  const isText = TEXTS.every((name) => typeof (message[name] ?? "") === "string");
  return (
    (message["role"] ?? "assistant") === "assistant" &&
    isText &&
    stringOf(message["content"]).trim() !== "" &&
    holdsOnly(message, MESSAGE)
  );
}

export const WHOLE = "chat.completion";

const WEIGHTS = new Set(["weight_version"]);

/** SGLang tells the version of its weights where others may repeat what a client wrote of itself. */
export function namesNobody(metadata: unknown): boolean {
  return saysNothing(metadata) || (isFields(metadata) && holdsOnly(metadata, WEIGHTS));
}

/** Whether a filter of Azure's took something out. */
export function isFiltered(found: unknown): boolean {
  if (!isFields(found)) return !saysNothing(found);
  return Object.values(found).some((each) => isFields(each) && each["filtered"] === true);
}

/** What a status says: the request was answered, another target may do better, or this target is no use to anybody now. */
export type Verdict = "answered" | "elsewhere" | "down";

/** Its key, its load: whatever is asked of it next would fare the same. */
const DOWN = new Set([401, 408, 425, 429]);
/** A model, path or file that it does not have. A client can bring these about, so no breaker may count them. */
const ELSEWHERE = new Set([403, 404, 405, 409]);

/** 0 stands for no answer at all. */
export function verdictOn(status: number): Verdict {
  if (status < 200 || status >= 500 || (status >= 300 && status < 400) || DOWN.has(status)) return "down";
  return ELSEWHERE.has(status) ? "elsewhere" : "answered";
}

/**
 * What a model server refused a request for: the prompt is too long for the model, its content, something that the
 * model or server cannot do, too many requests, money that has run out, or anything else.
 */
export type Refusal = "context_length" | "content_filter" | "unsupported" | "rate" | "quota" | "other";

/** Longer bodies are not read: errors are short. */
const READ_BYTES = 65_536;
const READ_CHARS = 4096;

/** Codes, types and statuses of errors as OpenAI, Azure, vLLM, Anthropic, Gemini and llama.cpp write them, in lower case. */
const CODES: Readonly<Record<string, Refusal>> = {
  context_length_exceeded: "context_length",
  exceed_context_size_error: "context_length",
  request_too_large: "context_length",
  content_filter: "content_filter",
  content_policy_violation: "content_filter",
  responsibleaipolicyviolation: "content_filter",
  invalid_prompt: "content_filter",
  unsupported_parameter: "unsupported",
  unsupported_value: "unsupported",
  unimplemented: "unsupported",
  insufficient_quota: "quota",
  billing_hard_limit_reached: "quota",
  billing_not_active: "quota",
  billing_error: "quota",
  rate_limit_exceeded: "rate",
  rate_limit_error: "rate",
  resource_exhausted: "rate",
};

/** Sentences of servers whose codes do not tell. */
const SENTENCES: readonly (readonly [RegExp, Refusal])[] = [
  [/credit balance is too low/u, "quota"],
  [/blocked by content filtering|violating our usage policy/u, "content_filter"],
  [
    /prompt is too long|maximum (?:context|model) length|exceed(?:s|ed)? (?:the )?(?:available )?context (?:limit|size|window|length)|exceeds the maximum number of (?:input )?tokens|input is too long for/u,
    "context_length",
  ],
  [/\b(?:is|are) not supported\b|\bdoes not support\b|\bunsupported\b/u, "unsupported"],
];

const STATUSES: Readonly<Record<number, Refusal>> = { 402: "quota", 413: "context_length", 429: "rate" };

/** @param body of an answer with status 4xx, whatever it holds. Never throws */
export function kindOfRefusal(status: number, body: Uint8Array): Refusal {
  const { names, message } = readError(body);
  const named = names.map((name) => (Object.hasOwn(CODES, name) ? CODES[name] : undefined));
  // One that names a limit of the request before one that only says that it was too much.
  const byName =
    named.find((kind) => kind !== undefined && kind !== "rate") ?? named.find((kind) => kind !== undefined);
  const bySentence = () => SENTENCES.find(([pattern]) => pattern.test(message))?.[1];
  return byName ?? STATUSES[status] ?? bySentence() ?? "other";
}

/** As vLLM says it; further on in the sentence stands the name that was asked for. */
const NO_MODEL = /^the model\b.*\bdoes not exist\b/u;

/** Whether an answer with status 404 says that the server has no model, or adapter, of that name. Never throws. */
export function lacksModel(body: Uint8Array): boolean {
  const { names, message } = readError(body);
  return names.includes("model_not_found") || NO_MODEL.test(message);
}

const KEY_NAMES = new Set(["invalid_api_key", "api_key_invalid", "account_deactivated"]);
/** At the beginning only: further on there may be words of a client. */
const KEY_SENTENCE = /^(?:your |the |this )?api key\b.{0,40}\b(?:not valid|invalid|leaked|expired|disabled|revoked)\b/u;

/** Whether an answer says that the key itself is no good, whatever it is used for. Never throws. */
export function refusesKey(status: number, body: Uint8Array): boolean {
  if (status === 401) return true;
  if (status !== 400 && status !== 403) return false;
  const { names, message } = readError(body);
  return names.some((name) => KEY_NAMES.has(name)) || (status === 403 && KEY_SENTENCE.test(message));
}

/** Everything that an error calls itself, and its sentence, in lower case; nothing where it is none. */
function readError(body: Uint8Array): { readonly names: readonly string[]; readonly message: string } {
  const parsed = body.byteLength > READ_BYTES ? undefined : parse(body);
  const whole = Array.isArray(parsed) ? fieldsOf(parsed[0]) : fieldsOf(parsed);
  const error = typeof whole["error"] === "object" ? fieldsOf(whole["error"]) : whole;
  const inner = fieldsOf(error["innererror"]);
  const details: unknown[] = Array.isArray(error["details"]) ? error["details"].slice(0, 16) : [];
  const names = [
    error["code"],
    error["type"],
    error["status"],
    inner["code"],
    ...details.map((one) => fieldsOf(one)["reason"]),
  ];
  const message = [error["message"], whole["error"], whole["message"]].find((text) => typeof text === "string") ?? "";
  return {
    names: names.flatMap((name) => (typeof name === "string" ? [name.toLowerCase()] : [])),
    message: message.slice(0, READ_CHARS).toLowerCase(),
  };
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8"));
  } catch {
    return undefined;
  }
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

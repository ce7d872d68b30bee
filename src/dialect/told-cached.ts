import { parseFields, textOf } from "./event-json.ts";
import { applyEdits, findSpans, joinEdits, replaceSpans } from "./json.ts";
import { isFields, type Fields } from "./shape.ts";
import { saysNothing } from "./silence.ts";
import type { ClientApi } from "./speech.ts";

const USAGES: Readonly<Record<ClientApi, (usage: Fields) => Fields>> = {
  "openai-chat": (usage) => ({
    ...openaiUsage(usage, "prompt_tokens"),
    // DeepSeek's names.
    ...has(usage, "prompt_cache_hit_tokens", usage["prompt_tokens"]),
    ...has(usage, "prompt_cache_miss_tokens", 0),
  }),
  "openai-responses": (usage) => openaiUsage(usage, "input_tokens"),
  "anthropic-messages": messagesUsage,
};

/** Members in which a body repeats who asked, and what they are where nobody says so. */
const ASKERS: Readonly<Record<ClientApi, Fields>> = {
  "openai-chat": {},
  "openai-responses": { metadata: {}, user: null, safety_identifier: null, prompt_cache_key: null },
  "anthropic-messages": {},
};

/** Members that an answer may repeat, or wait for, and that are no part of what it is the answer to. */
const STANDING: Readonly<Record<ClientApi, readonly string[]>> = {
  "openai-chat": ["metadata", "service_tier"],
  "openai-responses": [...Object.keys(ASKERS["openai-responses"]), "service_tier"],
  "anthropic-messages": ["service_tier"],
};

/** Equal for requests of the same words whose answers, as they come, may be given to either. */
export function standingOf(api: ClientApi, body: unknown): string {
  const fields = isFields(body) ? body : {};
  return JSON.stringify(STANDING[api].map((name) => fields[name] ?? null));
}

/**
 * A whole answer as it is told to who gets it from the cache: all of its input was cached, where it tells its usage,
 * and what it repeats of who asked first is blank. No other byte changes.
 */
export function toldAsCached(api: ClientApi, whole: Uint8Array): Uint8Array {
  const body = parseFields(textOf(whole)) ?? {};
  const { usage } = body;
  const told: Fields = isFields(usage) ? { usage: USAGES[api](usage) } : {};
  const blank = Object.entries(ASKERS[api]).filter(([name]) => !saysNothing(body[name]));
  const edits = [...Object.entries(told), ...blank].map(([name, value]) =>
    replaceSpans(findSpans(whole, [name]), JSON.stringify(value)),
  );
  return applyEdits(whole, joinEdits(...edits));
}

function openaiUsage(usage: Fields, input: string): Fields {
  const count = usage[input];
  if (typeof count !== "number") return usage;
  const details = isFields(usage[`${input}_details`]) ? (usage[`${input}_details`] as Fields) : {};
  return {
    ...usage,
    [`${input}_details`]: { ...details, cached_tokens: count, ...has(details, "cache_write_tokens", 0) },
  };
}

/** The API counts by itself what was read from a cache, what was written to one, and the rest. */
function messagesUsage(usage: Fields): Fields {
  const counts = ["input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"].map((name) => usage[name]);
  if (typeof counts[0] !== "number") return usage;
  return {
    ...usage,
    input_tokens: 0,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: counts.reduce<number>((sum, count) => sum + (typeof count === "number" ? count : 0), 0),
    ...(isFields(usage["cache_creation"]) && { cache_creation: zeros(usage["cache_creation"]) }),
  };
}

function zeros(counts: Fields): Fields {
  return Object.fromEntries(
    Object.entries(counts).map(([name, value]) => [name, typeof value === "number" ? 0 : value]),
  );
}

/** Another value for a member that is there. */
function has(fields: Fields, name: string, value: unknown): Fields {
  return typeof fields[name] === "number" ? { [name]: value } : {};
}

import type { Effort, Format, Hints, Inquiry, Reasoning, Sampling } from "../form.ts";
import { names } from "../names.ts";
import { countOf, fieldsAt, isFields, metadataOf, refuse, stringAt, unsupported, type Fields } from "../shape.ts";
import { asksNothing, refuseRest } from "./foreign.ts";
import { requiredString } from "./read-content.ts";
import { readConversation } from "./read-input.ts";
import { booleanAt, readToolChoice, readTools } from "./read-tools.ts";

/** Fields that are read below, and those that say how a server keeps its caches and which session of Codex asks. */
const READ = names(`
  model input instructions tools tool_choice parallel_tool_calls max_output_tokens temperature top_p text reasoning
  include stream stream_options metadata user safety_identifier prompt_cache_key prompt_cache_options
  prompt_cache_retention service_tier client_metadata
`);

/** Fields with a meaning on OpenAI's servers alone: the value that asks for nothing, and why any other is refused. */
const OWN: Readonly<Record<string, { readonly idle?: unknown; readonly why: string }>> = {
  store: { idle: false, why: "a translated answer is not stored" },
  background: { idle: false, why: "its API answers while the client waits" },
  truncation: { idle: "disabled", why: "its API does not shorten conversations" },
  top_logprobs: { idle: 0, why: "its answers are translated without log probabilities" },
  previous_response_id: { why: "the answer that it names is kept by another server" },
  conversation: { why: "the conversation that it names is kept by another server" },
  prompt: { why: "the prompt that it names is kept by another server" },
  max_tool_calls: { why: "its API does not count calls" },
  context_management: { why: "its API does not shorten conversations" },
  moderation: { why: "its API does not moderate" },
};

/**
 * What a body of `POST /v1/responses` asks. Errors: unsupported_feature, with the field as `param`, for what only a
 * server of this API could do; invalid_request for what it would refuse.
 */
export function readResponsesRequest(body: Fields): Inquiry {
  refuseOwn(body);
  refuseIncludes(body["include"]);
  refuseStreamOptions(body["stream_options"]);
  const toolChoice = readToolChoice(body["tool_choice"]);
  const format = readFormat(body["text"]);
  const reasoning = readReasoning(body["reasoning"]);
  const maxOutputTokens = maxTokensOf(body["max_output_tokens"]);
  return {
    model: stringAt(body["model"], "model") ?? "",
    stream: booleanAt(body["stream"], "stream") ?? false,
    ...readConversation(body),
    tools: readTools(body["tools"]),
    ...(toolChoice !== undefined && { toolChoice }),
    ...(booleanAt(body["parallel_tool_calls"], "parallel_tool_calls") === false && { parallelTools: false }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    sampling: readSampling(body),
    ...(format && { format }),
    ...(reasoning && { reasoning }),
    hints: readHints(body),
  };
}

function refuseOwn(body: Fields): void {
  for (const [name, { idle, why }] of Object.entries(OWN)) {
    const value = body[name];
    if (!asksNothing(value) && value !== idle) unsupported(name, why);
  }
  refuseRest(body, "", { has: (name) => READ.has(name) || Object.hasOwn(OWN, name), alike: READ.alike });
}

/** A translated answer holds what its server wants back in any case; the other entries add what only OpenAI has. */
function refuseIncludes(include: unknown): void {
  if (asksNothing(include)) return;
  if (!Array.isArray(include)) return refuse("include", "an array");
  const foreign = include.findIndex((entry) => entry !== "reasoning.encrypted_content");
  if (foreign >= 0) unsupported(`include.${foreign}`, "its answers have no such part");
}

const STREAM_OPTIONS = names("include_obfuscation");

function refuseStreamOptions(value: unknown): void {
  if (asksNothing(value)) return;
  const options = fieldsAt(value, "stream_options");
  refuseRest(options, "stream_options", STREAM_OPTIONS);
  if (booleanAt(options["include_obfuscation"], "stream_options.include_obfuscation")) {
    unsupported("stream_options.include_obfuscation", "translated streams are not padded");
  }
}

function maxTokensOf(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  return countOf(value) ?? refuse("max_output_tokens", "a whole number above 0");
}

function readSampling(body: Fields): Sampling {
  const temperature = numberAt(body["temperature"], "temperature", 2);
  const topP = numberAt(body["top_p"], "top_p", 1);
  return { ...(temperature !== undefined && { temperature }), ...(topP !== undefined && { topP }) };
}

function numberAt(value: unknown, path: string, highest: number): number | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "number" && value >= 0 && value <= highest
    ? value
    : refuse(path, `a number from 0 to ${highest}`);
}

const TEXT = names("format verbosity");

function readFormat(value: unknown): Format | undefined {
  if (value === undefined || value === null) return undefined;
  const text = fieldsAt(value, "text");
  refuseRest(text, "text", TEXT);
  const verbosity = text["verbosity"] ?? "medium";
  if (verbosity !== "medium") unsupported("text.verbosity", "its API has no such setting");
  const { format } = text;
  if (format === undefined || format === null) return undefined;
  if (!isFields(format)) return refuse("text.format", "an object");
  if (format["type"] === "text") return undefined;
  if (format["type"] === "json_object") return { kind: "json" };
  return format["type"] === "json_schema" ? readSchema(format) : unsupported("text.format", "its type is unknown here");
}

const SCHEMA = names("type name schema strict description");

function readSchema(format: Fields): Format {
  refuseRest(format, "text.format", SCHEMA);
  const strict = booleanAt(format["strict"], "text.format.strict");
  const description = stringAt(format["description"], "text.format.description");
  return {
    kind: "schema",
    name: requiredString(format["name"], "text.format.name"),
    schema: fieldsAt(format["schema"], "text.format.schema"),
    ...(strict !== undefined && { strict }),
    ...(description && { description }),
  };
}

const REASONING = names("effort summary generate_summary context mode");
const EFFORTS: ReadonlySet<unknown> = new Set<Effort>(["none", "minimal", "low", "medium", "high", "xhigh"]);

function readReasoning(value: unknown): Reasoning | undefined {
  if (value === undefined || value === null) return undefined;
  const reasoning = fieldsAt(value, "reasoning");
  refuseRest(reasoning, "reasoning", REASONING);
  if ((reasoning["context"] ?? "auto") !== "auto") unsupported("reasoning.context", "its API has no such setting");
  if ((reasoning["mode"] ?? "standard") !== "standard") unsupported("reasoning.mode", "its API has no such setting");
  const effort = stringAt(reasoning["effort"], "reasoning.effort");
  if (effort !== undefined && !EFFORTS.has(effort)) unsupported("reasoning.effort", "its API has no such effort");
  const show =
    stringAt(reasoning["summary"], "reasoning.summary") ??
    stringAt(reasoning["generate_summary"], "reasoning.generate_summary");
  if (effort === undefined && show === undefined) return undefined;
  return { ...(effort !== undefined && { effort: effort as Effort }), ...(show !== undefined && { show: true }) };
}

function readHints(body: Fields): Hints {
  const user = stringAt(body["user"], "user") ?? stringAt(body["safety_identifier"], "safety_identifier");
  const cacheKey = stringAt(body["prompt_cache_key"], "prompt_cache_key");
  const serviceTier = stringAt(body["service_tier"], "service_tier");
  const metadata = metadataOf(body["metadata"]);
  return {
    ...(user && { user }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(cacheKey && { cacheKey }),
    ...(serviceTier && { serviceTier }),
  };
}

import type { Effort, Format, Hints, Inquiry, Reasoning, Sampling, Tool, ToolChoice } from "../form.ts";
import { names } from "../names.ts";
import {
  countOf,
  fieldsAt,
  isFields,
  metadataOf,
  oneOf,
  refuse,
  stringAt,
  stringOf,
  unsupported,
  type Fields,
} from "../shape.ts";
import { readMessages, refuseRest } from "./read-messages.ts";

/** What is read, and hints that may stay behind. */
const BODY = names(`
  model messages stream stream_options tools tool_choice parallel_tool_calls max_tokens max_completion_tokens
  temperature top_p top_k frequency_penalty presence_penalty seed stop response_format reasoning_effort
  chat_template_kwargs user safety_identifier metadata prompt_cache_key prompt_cache_retention prompt_cache_options
  service_tier
`);

/** Values, as JSON, with which a field that no other API has asks for nothing. Empty lists and null never do. */
const IDLE: Readonly<Record<string, readonly string[]>> = {
  n: ["1"],
  logprobs: ["false"],
  top_logprobs: ["0"],
  logit_bias: ["{}"],
  modalities: ['["text"]'],
  store: ["false"],
  verbosity: ['"medium"'],
  function_call: ['"auto"', '"none"'],
  min_p: ["0"],
  repetition_penalty: ["1"],
};

/** A body of `POST /v1/chat/completions` as what it asks. */
export function readChatRequest(body: Fields): Inquiry {
  refuseRest(working(body), BODY);
  const stream = flagAt(body["stream"], "stream") ?? false;
  readStreamOptions(body["stream_options"]);
  const toolChoice = readToolChoice(body["tool_choice"]);
  const maxOutputTokens = readLimit(body);
  const format = readFormat(body["response_format"]);
  const reasoning = readReasoning(body);
  return {
    model: stringAt(body["model"], "model") ?? "",
    stream,
    ...readMessages(body["messages"]),
    tools: listAt(body["tools"], "tools").map((tool, index) => readTool(tool, `tools.${index}`)),
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...(flagAt(body["parallel_tool_calls"], "parallel_tool_calls") === false ? { parallelTools: false } : {}),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    sampling: readSampling(body),
    ...(format === undefined ? {} : { format }),
    ...(reasoning === undefined ? {} : { reasoning }),
    hints: readHints(body),
  };
}

/** The body without what asks for nothing. */
function working(body: Fields): Fields {
  const isIdle = ([name, value]: [string, unknown]) =>
    Object.hasOwn(IDLE, name) && IDLE[name]!.includes(JSON.stringify(value));
  return Object.fromEntries(Object.entries(body).filter((member) => !isIdle(member)));
}

function flagAt(value: unknown, path: string): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "boolean" ? value : refuse(path, "true or false");
}

function numberAt(value: unknown, path: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "number" ? value : refuse(path, "a number");
}

function listAt(value: unknown, path: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : refuse(path, "an array");
}

/** `include_usage` is for whoever writes the stream; the others are promises about its form. */
function readStreamOptions(value: unknown): void {
  if (value === undefined || value === null) return;
  const options = fieldsAt(value, "stream_options");
  flagAt(options["include_usage"], "stream_options.include_usage");
  const others = Object.entries(options).filter(([name, set]) => name !== "include_usage" && set !== false);
  refuseRest(Object.fromEntries(others), names(""), "stream_options");
}

function readLimit(body: Fields): number | undefined {
  for (const name of ["max_completion_tokens", "max_tokens"]) {
    const limit = body[name];
    if (limit !== undefined && limit !== null) return countOf(limit) ?? refuse(name, "a whole number above zero");
  }
  return undefined;
}

const TOOL = names("type function cache_control");
const FUNCTION = names("name description parameters strict");

function readTool(value: unknown, path: string): Tool {
  const tool = fieldsAt(value, path);
  if ((tool["type"] ?? "function") !== "function") unsupported(`${path}.type`, "only functions can be called");
  refuseRest(tool, TOOL, path);
  const at = `${path}.function`;
  const definition = fieldsAt(tool["function"], at);
  refuseRest(definition, FUNCTION, at);
  const description = stringAt(definition["description"], `${at}.description`);
  const schema = definition["parameters"] ?? undefined;
  const strict = flagAt(definition["strict"], `${at}.strict`);
  return {
    name: stringAt(definition["name"], `${at}.name`) || refuse(`${at}.name`, "the name of a function"),
    ...(description === undefined ? {} : { description }),
    ...(schema === undefined ? {} : { schema: fieldsAt(schema, `${at}.parameters`) }),
    ...(strict === undefined ? {} : { strict }),
  };
}

function readToolChoice(value: unknown): ToolChoice | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === "auto" || value === "none" || value === "required") return value;
  const choice = isFields(value) ? value : refuse("tool_choice", "auto, none, required or a function");
  if (choice["type"] !== "function") unsupported("tool_choice.type", "only one function, or any, can be asked for");
  const name = stringOf(fieldsAt(choice["function"], "tool_choice.function")["name"]);
  return name === "" ? refuse("tool_choice.function.name", "the name of a function") : { name };
}

function readSampling(body: Fields): Sampling {
  const stop = readStop(body["stop"]);
  // Numbers that change nothing are no wish: other APIs refuse some of them beside others.
  const numbers: readonly (readonly [keyof Sampling, string, readonly number[]])[] = [
    ["temperature", "temperature", []],
    ["topP", "top_p", [1]],
    ["topK", "top_k", [-1, 0]],
    ["frequencyPenalty", "frequency_penalty", [0]],
    ["presencePenalty", "presence_penalty", [0]],
    ["seed", "seed", []],
  ];
  const set = numbers.flatMap(([field, name, idle]) => {
    const value = numberAt(body[name], name);
    return value === undefined || idle.includes(value) ? [] : [[field, value] as const];
  });
  return { ...Object.fromEntries(set), ...(stop.length === 0 ? {} : { stop }) };
}

function readStop(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return listAt(value, "stop").map((stop, index) => stringAt(stop, `stop.${index}`) ?? refuse("stop", "strings"));
}

const FORMAT = names("type json_schema");
const KINDS = new Set(["text", "json_object", "json_schema"]);
const SCHEMA = names("name description schema strict");

function readFormat(value: unknown): Format | undefined {
  if (value === undefined || value === null) return undefined;
  const format = fieldsAt(value, "response_format");
  if (!KINDS.has(stringOf(format["type"])))
    unsupported("response_format.type", "only text, JSON or a schema can be asked");
  refuseRest(format, FORMAT, "response_format");
  if (format["type"] === "text") return undefined;
  if (format["type"] === "json_object") return { kind: "json" };
  const path = "response_format.json_schema";
  const asked = fieldsAt(format["json_schema"], path);
  refuseRest(asked, SCHEMA, path);
  const description = stringAt(asked["description"], `${path}.description`);
  const strict = flagAt(asked["strict"], `${path}.strict`);
  return {
    kind: "schema",
    name: stringAt(asked["name"], `${path}.name`) || refuse(`${path}.name`, "a name"),
    schema: fieldsAt(asked["schema"] ?? {}, `${path}.schema`),
    ...(description === undefined ? {} : { description }),
    ...(strict === undefined ? {} : { strict }),
  };
}

const EFFORTS: readonly string[] = ["none", "minimal", "low", "medium", "high", "xhigh"] satisfies Effort[];

/** The effort, and the switches by which the chat templates of Qwen and of DeepSeek let a model think or not. */
function readReasoning(body: Fields): Reasoning | undefined {
  const effort = readEffort(body["reasoning_effort"]);
  const thinks = readSwitch(body["chat_template_kwargs"]);
  if (thinks === false) return { effort: "none" };
  if (thinks === undefined) return effort && { effort };
  return { ...(effort ? { effort } : {}), budget: "dynamic" };
}

function readEffort(value: unknown): Effort | undefined {
  const effort = stringAt(value, "reasoning_effort");
  if (effort === undefined) return undefined;
  if (effort === "max") unsupported("reasoning_effort", "the API of its server has no effort above xhigh");
  return EFFORTS.includes(effort) ? (effort as Effort) : refuse("reasoning_effort", EFFORTS.join(", "));
}

const SWITCHES = names("enable_thinking thinking");

function readSwitch(value: unknown): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  const kwargs = fieldsAt(value, "chat_template_kwargs");
  refuseRest(kwargs, SWITCHES, "chat_template_kwargs");
  const [qwen, deepseek] = ["enable_thinking", "thinking"].map((name) =>
    flagAt(kwargs[name], `chat_template_kwargs.${name}`),
  );
  return qwen ?? deepseek;
}

function readHints(body: Fields): Hints {
  const user = stringAt(oneOf(body, "safety_identifier", "user"), "user");
  const metadata = metadataOf(body["metadata"]);
  const cacheKey = stringAt(body["prompt_cache_key"], "prompt_cache_key");
  const serviceTier = stringAt(body["service_tier"], "service_tier");
  return {
    ...(user ? { user } : {}),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    ...(cacheKey ? { cacheKey } : {}),
    ...(serviceTier && serviceTier !== "auto" ? { serviceTier } : {}),
  };
}

import {
  type Check,
  type Fields,
  all,
  at,
  base64,
  broken,
  filled,
  flag,
  imageUrl,
  integer,
  isFields,
  listOf,
  mapOf,
  matching,
  number,
  object,
  oneOf,
  orNull,
  record,
  strictSchema,
  tagged,
  text,
  textOr,
  upTo,
} from "./rules.ts";

export const functionName = matching(/^[a-zA-Z0-9_-]{1,64}$/u);
const CACHE = { prompt_cache_breakpoint: object({ mode: oneOf("explicit") }) };

const textPart = object({ type: text, text }, CACHE);
const refusalPart = object({ type: text, refusal: text });
const userParts = tagged("type", {
  text: textPart,
  image_url: object(
    { type: text, image_url: object({ url: imageUrl }, { detail: oneOf("auto", "low", "high") }) },
    CACHE,
  ),
  input_audio: object({ type: text, input_audio: object({ data: base64, format: oneOf("wav", "mp3") }) }, CACHE),
  file: object({ type: text, file: object({}, { file_data: text, file_id: text, filename: text }) }, CACHE),
});
const textOnly = textOr(text, listOf(tagged("type", { text: textPart }), 1));

const call = tagged("type", {
  // The reference names no limit; the server has one of 40 characters.
  function: object({ id: upTo(40), type: text, function: object({ name: functionName, arguments: text }) }),
  custom: object({ id: upTo(40), type: text, custom: object({ name: functionName, input: text }) }),
});

const answerable: Check = (value, path) => {
  const { content, tool_calls: calls, refusal, audio } = value as Fields;
  if ([content, calls, refusal, audio].every((each) => each === undefined || each === null))
    broken(at(path, "content"), "is required unless tool_calls stand", "missing");
};

/** @param more fields of what assistants said */
const messageOf = (more: Readonly<Record<string, Check>>): Check =>
  tagged("role", {
    system: object({ role: text, content: textOnly }, { name: text }),
    developer: object({ role: text, content: textOnly }, { name: text }),
    user: object({ role: text, content: textOr(text, listOf(userParts, 1)) }, { name: text }),
    assistant: all(
      object(
        { role: text },
        {
          content: orNull(textOr(text, listOf(tagged("type", { text: textPart, refusal: refusalPart }), 1))),
          refusal: orNull(text),
          name: text,
          audio: orNull(object({ id: text })),
          tool_calls: listOf(call, 1),
          // Not in the reference, but clients send back what they were given, as its examples do.
          annotations: orNull(listOf(record)),
          ...more,
        },
      ),
      answerable,
    ),
    tool: object({ role: text, tool_call_id: filled, content: textOnly }),
  });

/** Calls are answered by tool messages, all of them, before anything else is said. */
const answered: Check = (value, path) => {
  let open = new Set<unknown>();
  for (const [index, each] of (value as readonly Fields[]).entries()) {
    const here = at(path, index);
    if (each.role === "tool") {
      if (!open.delete(each.tool_call_id)) broken(at(here, "tool_call_id"), "answers no preceding tool call");
      continue;
    }
    if (open.size > 0) broken(here, `tool calls without an answer: ${[...open].join(", ")}`);
    const calls = (each.tool_calls ?? []) as readonly Fields[];
    open = new Set(calls.map(({ id }) => id));
    if (open.size < calls.length) broken(at(here, "tool_calls"), "ids must differ");
  }
  if (open.size > 0) broken(path, `tool calls without an answer: ${[...open].join(", ")}`);
};

const definition: Check = (value, path) => {
  object({ name: functionName }, { description: text, parameters: record, strict: orNull(flag) })(value, path);
  const { strict, parameters } = value as Fields;
  if (strict === true) strictSchema(parameters, at(path, "parameters"));
};

const schemaFormat: Check = (value, path) => {
  object({ name: functionName }, { description: text, schema: record, strict: orNull(flag) })(value, path);
  const { strict, schema } = value as Fields;
  if (strict === true) strictSchema(schema, at(path, "schema"));
};

const LOCATION = { city: text, country: text, region: text, timezone: text };

const fieldsOf = (message: Check): Check =>
  object(
    { model: filled, messages: all(listOf(message, 1), answered) },
    {
      audio: orNull(record),
      frequency_penalty: orNull(number(-2, 2)),
      logit_bias: orNull(mapOf(number(-100, 100), 1024)),
      logprobs: orNull(flag),
      max_completion_tokens: orNull(integer(1)),
      max_tokens: orNull(integer(1)),
      metadata: orNull(mapOf(text, 16)),
      modalities: orNull(listOf(oneOf("text", "audio"), 1)),
      moderation: orNull(record),
      n: orNull(integer(1, 128)),
      parallel_tool_calls: flag,
      prediction: orNull(object({ type: oneOf("content"), content: textOnly })),
      presence_penalty: orNull(number(-2, 2)),
      prompt_cache_key: orNull(text),
      prompt_cache_options: record,
      prompt_cache_retention: orNull(oneOf("in_memory", "24h")),
      reasoning_effort: orNull(oneOf("none", "minimal", "low", "medium", "high", "xhigh", "max")),
      response_format: tagged("type", {
        text: object({ type: text }),
        json_object: object({ type: text }),
        json_schema: object({ type: text, json_schema: schemaFormat }),
      }),
      safety_identifier: orNull(upTo(64)),
      seed: orNull(integer(Number.MIN_SAFE_INTEGER)),
      service_tier: orNull(oneOf("auto", "default", "flex", "scale", "priority")),
      stop: orNull(textOr(text, listOf(text, 1, 4))),
      store: orNull(flag),
      stream: orNull(flag),
      stream_options: orNull(object({}, { include_usage: flag, include_obfuscation: flag })),
      temperature: orNull(number(0, 2)),
      tool_choice: textOr(
        oneOf("none", "auto", "required"),
        tagged("type", {
          function: object({ type: text, function: object({ name: functionName }) }),
          custom: object({ type: text, custom: object({ name: functionName }) }),
          allowed_tools: object({
            type: text,
            allowed_tools: object({ mode: oneOf("auto", "required"), tools: listOf(record, 1) }),
          }),
        }),
      ),
      tools: listOf(
        tagged("type", {
          function: object({ type: text, function: definition }),
          custom: object({ type: text, custom: record }),
        }),
        1,
        128,
      ),
      top_logprobs: orNull(integer(0, 20)),
      top_p: orNull(number(0, 1)),
      user: text,
      verbosity: orNull(oneOf("low", "medium", "high")),
      web_search_options: object(
        {},
        {
          search_context_size: oneOf("low", "medium", "high"),
          user_location: orNull(object({ type: oneOf("approximate"), approximate: object({}, LOCATION) })),
        },
      ),
    },
  );

/** Which fields go together. */
const together: Check = (value) => {
  const body = value as Fields;
  const without = (field: string, other: string) => {
    if (body[field] !== undefined && (body[other] === undefined || body[other] === null))
      broken(field, `is allowed only with ${other}`);
  };
  without("tool_choice", "tools");
  without("parallel_tool_calls", "tools");
  if (isFields(body.stream_options) && body.stream !== true) broken("stream_options", "is allowed only with stream");
  if (typeof body.top_logprobs === "number" && body.logprobs !== true)
    broken("top_logprobs", "is allowed only with logprobs");
  if (typeof body.max_tokens === "number") {
    if (typeof body.max_completion_tokens === "number") broken("max_tokens", "stands beside max_completion_tokens");
    if (/^(?:o\d|gpt-5)/u.test(String(body.model)))
      broken("max_tokens", "is not supported by this model: use max_completion_tokens", "unsupported");
  }
};

const chosen: Check = (value) => {
  const { tool_choice: choice, tools } = value as Fields;
  if (!isFields(choice) || !isFields(choice.function)) return;
  const { name } = choice.function;
  const named = (tools as readonly Fields[]).some((tool) => isFields(tool.function) && tool.function.name === name);
  if (!named) broken("tool_choice", "names no tool of tools");
};

const saysJson: Check = (value) => {
  const { response_format: format, messages } = value as Fields;
  if (isFields(format) && format.type === "json_object" && !/json/iu.test(JSON.stringify(messages)))
    broken("messages", "must hold the word json where response_format is json_object");
};

/**
 * @param extra top-level fields that a relative of this API has beside them
 * @param said fields that it has beside those of an assistant's message
 */
export const chatRules = (
  extra: Readonly<Record<string, Check>> = {},
  said: Readonly<Record<string, Check>> = {},
): Check => {
  const fields = fieldsOf(messageOf(said));
  const known = new Set(Object.keys(extra));
  return (value, path) => {
    const body = value as Fields;
    const own = Object.fromEntries(Object.entries(body).filter(([key]) => !known.has(key)));
    for (const [key, check] of Object.entries(extra)) if (body[key] !== undefined) check(body[key], key);
    all(fields, together, chosen, saysJson)(own, path);
  };
};

import { functionName } from "./openai-chat-rules.ts";
import {
  type Check,
  type Fields,
  all,
  at,
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

const CACHE = { prompt_cache_breakpoint: orNull(object({ mode: oneOf("explicit") })) };
const STATUS = orNull(oneOf("in_progress", "completed", "incomplete"));
const idOf = (prefix: string) => all(matching(new RegExp(`^${prefix}_`, "u")), upTo(64));

const inputPart = tagged("type", {
  input_text: object({ type: text, text }, CACHE),
  input_image: object(
    { type: text },
    {
      image_url: orNull(imageUrl),
      file_id: orNull(text),
      detail: orNull(oneOf("low", "high", "auto", "original")),
      ...CACHE,
    },
  ),
  input_file: object(
    { type: text },
    {
      file_data: orNull(text),
      file_id: orNull(text),
      file_url: orNull(text),
      filename: orNull(text),
      detail: oneOf("auto", "low", "high"),
      ...CACHE,
    },
  ),
});
const outputPart = tagged("type", {
  output_text: object({ type: text, text }, { annotations: listOf(record), logprobs: orNull(listOf(record)) }),
  refusal: object({ type: text, refusal: text }),
});
const PHASE = orNull(oneOf("commentary", "final_answer"));

const inputMessage = object(
  { role: text, content: textOr(text, listOf(inputPart, 1)) },
  { type: oneOf("message"), status: STATUS, id: idOf("msg") },
);
const message = tagged("role", {
  user: inputMessage,
  system: inputMessage,
  developer: inputMessage,
  assistant: object(
    { role: text, content: textOr(text, listOf(outputPart, 1)) },
    { type: oneOf("message"), status: STATUS, id: idOf("msg"), phase: PHASE },
  ),
});

const items = tagged("type", {
  message,
  function_call: object(
    { type: text, call_id: upTo(64), name: functionName, arguments: text },
    { id: idOf("fc"), status: STATUS, caller: orNull(record), namespace: text },
  ),
  function_call_output: object(
    { type: text, call_id: upTo(64), output: textOr(text, listOf(inputPart)) },
    { id: orNull(text), status: STATUS, caller: orNull(record) },
  ),
  reasoning: object(
    { type: text, id: idOf("rs"), summary: listOf(object({ type: oneOf("summary_text"), text })) },
    {
      content: orNull(listOf(object({ type: oneOf("reasoning_text"), text }))),
      encrypted_content: orNull(filled),
      status: STATUS,
    },
  ),
  item_reference: object({ type: text, id: filled }),
});

/** A message may leave its type out. */
const item: Check = (value, path) =>
  (isFields(value) && value.type === undefined && value.role !== undefined ? message : items)(value, path);

const choosable = object({ type: text, name: functionName });

const format: Check = (value, path) => {
  tagged("type", {
    text: object({ type: text }),
    json_object: object({ type: text }),
    json_schema: object(
      { type: text, name: functionName, schema: record },
      { description: text, strict: orNull(flag) },
    ),
  })(value, path);
  const { strict, schema } = value as Fields;
  if (strict === true) strictSchema(schema, at(path, "schema"));
};

const functionTool: Check = (value, path) => {
  object(
    { type: text, name: functionName },
    {
      description: orNull(text),
      parameters: orNull(record),
      strict: orNull(flag),
      defer_loading: flag,
      allowed_callers: orNull(listOf(text)),
      output_schema: orNull(record),
    },
  )(value, path);
  const { strict, parameters } = value as Fields;
  if (strict === true) strictSchema(parameters, at(path, "parameters"));
};

const INCLUDED = [
  "file_search_call.results",
  "web_search_call.results",
  "web_search_call.action.sources",
  "message.input_image.image_url",
  "computer_call_output.output.image_url",
  "code_interpreter_call.outputs",
  "reasoning.encrypted_content",
  "message.output_text.logprobs",
];
const SUMMARY = orNull(oneOf("auto", "concise", "detailed"));

const fields = object(
  { model: filled },
  {
    background: orNull(flag),
    // Not in the reference: Codex says here which of its sessions asks.
    client_metadata: orNull(record),
    context_management: orNull(listOf(record)),
    conversation: orNull(textOr(text, object({ id: text }))),
    include: orNull(listOf(oneOf(...INCLUDED))),
    input: textOr(text, listOf(item)),
    instructions: orNull(text),
    max_output_tokens: orNull(integer(16)),
    metadata: orNull(mapOf(text, 16)),
    moderation: orNull(record),
    parallel_tool_calls: orNull(flag),
    previous_response_id: orNull(idOf("resp")),
    prompt: orNull(record),
    prompt_cache_key: orNull(text),
    prompt_cache_options: record,
    prompt_cache_retention: orNull(oneOf("in_memory", "24h")),
    reasoning: orNull(
      object(
        {},
        {
          context: orNull(oneOf("auto", "current_turn", "all_turns")),
          effort: orNull(oneOf("none", "minimal", "low", "medium", "high", "xhigh", "max")),
          generate_summary: SUMMARY,
          mode: text,
          summary: SUMMARY,
        },
      ),
    ),
    safety_identifier: orNull(upTo(64)),
    service_tier: orNull(oneOf("auto", "default", "flex", "scale", "priority")),
    store: orNull(flag),
    stream: orNull(flag),
    stream_options: orNull(object({}, { include_obfuscation: flag })),
    temperature: orNull(number(0, 2)),
    text: object({}, { format, verbosity: orNull(oneOf("low", "medium", "high")) }),
    tool_choice: textOr(
      oneOf("none", "auto", "required"),
      tagged("type", {
        function: choosable,
        custom: choosable,
        allowed_tools: object({ type: text, mode: oneOf("auto", "required"), tools: listOf(record, 1) }),
      }),
    ),
    tools: listOf(
      tagged("type", {
        function: functionTool,
        custom: record,
        web_search: record,
        file_search: record,
        namespace: record,
      }),
    ),
    top_logprobs: orNull(integer(0, 20)),
    top_p: orNull(number(0, 1)),
    truncation: orNull(oneOf("auto", "disabled")),
    user: text,
  },
);

/** What was said by the server of this response earlier stands before the input: its calls may be answered here. */
const linked: Check = (value) => {
  const { input, previous_response_id: previous, conversation } = value as Fields;
  if (typeof input === "string") return;
  const list = (input ?? []) as readonly Fields[];
  const earlier = typeof previous === "string" || isFields(conversation) || typeof conversation === "string";
  if (list.length === 0 && !earlier) broken("input", "is required", "missing");
  const open = new Set<unknown>();
  for (const [index, { type, call_id: id }] of list.entries()) {
    if (type === "function_call") open.add(id);
    if (type === "function_call_output" && !open.delete(id) && !earlier)
      broken(at(at("input", index), "call_id"), "no tool call was found for this output");
    const next = list[index + 1];
    const follows =
      next !== undefined && (next.type === "function_call" || next.type === "reasoning" || next.role === "assistant");
    if (type === "reasoning" && !follows)
      broken(at("input", index), "a reasoning item needs the item that followed it");
  }
  if (open.size > 0) broken("input", `no tool output was found for ${[...open].join(", ")}`);
};

const chosen: Check = (value) => {
  const { tool_choice: choice, tools } = value as Fields;
  if (choice === undefined || choice === "auto" || choice === "none") return;
  const list = (tools ?? []) as readonly Fields[];
  if (list.length === 0) broken("tool_choice", "is allowed only with tools");
  if (isFields(choice) && choice.type === "function" && !list.some(({ name }) => name === choice.name))
    broken("tool_choice", "names no tool of tools");
};

export const responsesRules = all(fields, linked, chosen);

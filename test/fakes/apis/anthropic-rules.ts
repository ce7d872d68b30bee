import {
  type Check,
  type Fields,
  all,
  anything,
  at,
  base64,
  broken,
  filled,
  flag,
  integer,
  isFields,
  listOf,
  matching,
  number,
  object,
  oneOf,
  orNull,
  record,
  tagged,
  text,
  textOr,
  upTo,
} from "./rules.ts";

const CACHE = { cache_control: orNull(object({ type: oneOf("ephemeral") }, { ttl: oneOf("5m", "1h") })) };
const toolId = matching(/^[a-zA-Z0-9_-]+$/u);
const toolName = matching(/^[a-zA-Z0-9_-]{1,128}$/u);
const said: Check = (value, path) => {
  filled(value, path);
  if ((value as string).trim() === "") broken(path, "must hold more than whitespace");
};
const web = matching(/^https?:\/\/./u);

const textBlock = object({ type: text, text: said }, { ...CACHE, citations: orNull(listOf(record)) });
const image = object(
  {
    type: text,
    source: tagged("type", {
      base64: object({
        type: text,
        data: base64,
        media_type: oneOf("image/jpeg", "image/png", "image/gif", "image/webp"),
      }),
      url: object({ type: text, url: web }),
      file: object({ type: text, file_id: filled }),
    }),
  },
  { ...CACHE, transformations: orNull(record) },
);
const document = object(
  {
    type: text,
    source: tagged("type", {
      base64: object({ type: text, data: base64, media_type: oneOf("application/pdf") }),
      text: object({ type: text, data: text, media_type: oneOf("text/plain") }),
      url: object({ type: text, url: web }),
      file: object({ type: text, file_id: filled }),
      content: object({ type: text, content: anything }),
    }),
  },
  { ...CACHE, citations: orNull(record), context: orNull(text), title: orNull(text) },
);
const toolResult = object(
  { type: text, tool_use_id: toolId },
  {
    ...CACHE,
    content: textOr(text, listOf(tagged("type", { text: textBlock, image, document, search_result: record }))),
    is_error: flag,
  },
);
const toolUse = object({ type: text, id: toolId, name: toolName, input: record }, { ...CACHE, caller: record });
// A thought without its signature is none that the API gave.
const thinking = object({ type: text, thinking: text, signature: filled });
const redacted = object({ type: text, data: filled });

const message = tagged("role", {
  user: object({
    role: text,
    content: textOr(said, listOf(tagged("type", { text: textBlock, image, document, tool_result: toolResult }), 1)),
  }),
  assistant: object({
    role: text,
    content: textOr(
      said,
      listOf(tagged("type", { text: textBlock, tool_use: toolUse, thinking, redacted_thinking: redacted }), 1),
    ),
  }),
});

export const blocksOf = ({ content }: Fields): readonly Fields[] =>
  Array.isArray(content) ? (content as readonly Fields[]) : [{ type: "text", text: content }];

/** Turns alternate strictly here: the API would join neighbours, and a writer that leans on that is not lossless. */
const alternating: Check = (value, path) => {
  for (const [index, { role }] of (value as readonly Fields[]).entries())
    if (role !== (index % 2 === 0 ? "user" : "assistant"))
      broken(at(at(path, index), "role"), "roles must alternate from user");
};

/** The user turn after calls begins with the result of each of them, and no other turn has results. */
const answered: Check = (value, path) => {
  let open = new Set<unknown>();
  const seen = new Set<unknown>();
  for (const [index, each] of (value as readonly Fields[]).entries()) {
    const here = at(at(path, index), "content");
    let others = 0;
    for (const [place, block] of blocksOf(each).entries()) {
      if (block.type !== "tool_result") others += 1;
      else if (others > 0) broken(at(here, place), "tool results must stand first in their turn");
      else if (!open.delete(block.tool_use_id)) broken(at(here, place), "no tool_use of the previous turn has this id");
    }
    if (open.size > 0) broken(here, `tool_use without a tool_result right after it: ${[...open].join(", ")}`);
    const calls = blocksOf(each).filter(({ type }) => type === "tool_use");
    open = new Set(calls.map(({ id }) => id));
    for (const id of open) if (seen.has(id)) broken(here, "tool_use ids must be unique");
    if (open.size < calls.length) broken(here, "tool_use ids must be unique");
    for (const id of open) seen.add(id);
  }
  if (open.size > 0) broken(path, `tool_use without a tool_result right after it: ${[...open].join(", ")}`);
};

const lastWords: Check = (value, path) => {
  const messages = value as readonly Fields[];
  const last = messages.at(-1)!;
  const block = blocksOf(last).at(-1)!;
  if (last.role === "assistant" && typeof block.text === "string" && /\s$/u.test(block.text))
    broken(at(path, messages.length - 1), "a final assistant turn must not end with whitespace");
};

const display = { display: orNull(oneOf("summarized", "omitted")) };
const choice = { disable_parallel_tool_use: flag };

const SHARED: Readonly<Record<string, Check>> = {
  ...CACHE,
  output_config: object(
    {},
    {
      effort: orNull(oneOf("low", "medium", "high", "xhigh", "max")),
      format: orNull(object({ type: oneOf("json_schema"), schema: record })),
    },
  ),
  speed: orNull(oneOf("standard", "fast")),
  system: textOr(text, listOf(tagged("type", { text: textBlock }))),
  thinking: tagged("type", {
    enabled: object({ type: text, budget_tokens: integer(1024) }, display),
    disabled: object({ type: text }),
    adaptive: object({ type: text }, display),
    between_tools: object({ type: text }),
  }),
  tool_choice: tagged("type", {
    auto: object({ type: text }, choice),
    any: object({ type: text }, choice),
    tool: object({ type: text, name: toolName }, choice),
    none: object({ type: text }),
  }),
  tools: listOf(
    object(
      {
        name: toolName,
        input_schema: (value, path) => {
          record(value, path);
          oneOf("object")((value as Fields).type, at(path, "type"));
        },
      },
      {
        ...CACHE,
        type: orNull(oneOf("custom")),
        description: text,
        strict: flag,
        allowed_callers: listOf(text),
        defer_loading: flag,
        eager_input_streaming: orNull(flag),
        input_examples: listOf(record),
      },
    ),
  ),
  user_profile_id: text,
};
const MESSAGES = { model: filled, messages: listOf(message, 1) };
/** What a server that holds the conversation was told before stands before the messages: it may hold their calls. */
const conversed: Check = (value) => {
  const { messages, thread } = value as Fields;
  if (!isFields(thread) || thread.type !== "continue") all(alternating, answered, lastWords)(messages, "messages");
};

const fields = object(
  { ...MESSAGES, max_tokens: integer(1) },
  {
    ...SHARED,
    container: anything,
    diagnostics: orNull(record),
    inference_geo: orNull(text),
    metadata: object({}, { user_id: orNull(upTo(256)) }),
    service_tier: oneOf("auto", "standard_only"),
    stop_sequences: listOf(said),
    stream: flag,
    temperature: number(0, 1),
    thread: orNull(
      tagged("type", {
        create: object({ type: text }),
        continue: object({ type: text, previous_message_id: matching(/^msg_/u) }),
      }),
    ),
    top_k: integer(0),
    top_p: number(0, 1),
  },
);

const chosen: Check = (value) => {
  const { tool_choice: wanted, tools } = value as Fields;
  if (!isFields(wanted)) return;
  const list = (tools ?? []) as readonly Fields[];
  if (list.length === 0) broken("tool_choice", "is allowed only with tools");
  if (wanted.type === "tool" && !list.some(({ name }) => name === wanted.name))
    broken("tool_choice", "names no tool of tools");
};

/** What thinking with a budget forbids. */
const thoughtful: Check = (value) => {
  const body = value as Fields;
  if (!isFields(body.thinking) || body.thinking.type !== "enabled") return;
  if ((body.thinking.budget_tokens as number) >= (body.max_tokens as number))
    broken("thinking.budget_tokens", "must be less than max_tokens");
  if (body.temperature !== undefined && body.temperature !== 1)
    broken("temperature", "must be 1 when thinking is enabled");
  if (body.top_k !== undefined) broken("top_k", "must not be set when thinking is enabled");
  if (typeof body.top_p === "number" && body.top_p < 0.95)
    broken("top_p", "must be 0.95 or more when thinking is enabled");
  if (isFields(body.tool_choice) && ["any", "tool"].includes(String(body.tool_choice.type)))
    broken("tool_choice", "must not force a tool when thinking is enabled");
  const turns = body.messages as readonly Fields[];
  const last = turns.findLast(({ role }) => role === "assistant");
  const open = blocksOf(turns.at(-1)!).some(({ type }) => type === "tool_result") || turns.at(-1) === last;
  if (last !== undefined && open && !["thinking", "redacted_thinking"].includes(String(blocksOf(last)[0]?.type)))
    broken("messages", "the final assistant turn must begin with its thoughts when thinking is enabled");
};

export const messagesRules = all(fields, conversed, chosen, thoughtful);
/** What the version of October 2026 takes no more. */
export const newestRules: Check = (value) => {
  const body = value as Fields;
  for (const field of ["temperature", "top_p", "top_k"])
    if (body[field] !== undefined) broken(field, "is no field of this version of the API", "unknown");
  for (const [index, turn] of (body.messages as readonly Fields[]).entries())
    if (
      turn.role === "user" &&
      blocksOf(turn).some(({ citations }) => Array.isArray(citations) && citations.length > 0)
    )
      broken(`messages.${index}`, "a user's text must not have citations");
};

export const countRules = all(object(MESSAGES, SHARED), conversed, chosen);

-- What an answer says of itself, in each API: `heard.usage`, `heard.finish`, and `heard.spoke` once a piece of the
-- answer came. Each function reads a whole answer or the data of one event; either may be anything.

local function fields(value)
  return type(value) == "table" and value or {}
end

local function text(value)
  return type(value) == "string" and value ~= "" and value or nil
end

local function count(value)
  return type(value) == "number" and value > 0 and value < 2147483648 and math.floor(value + 0.5) or 0
end

local function says(message)
  return text(message.content)
    or text(message.refusal)
    or text(message.reasoning_content)
    or text(message.reasoning)
    or next(fields(message.content))
    or next(fields(message.tool_calls))
    or next(fields(message.function_call))
end

local function chat(heard, body)
  for _, choice in ipairs(fields(body.choices)) do
    choice = fields(choice)
    heard.finish = heard.finish or text(choice.finish_reason)
    heard.spoke = heard.spoke or says(fields(choice.delta)) ~= nil
  end
  local usage = fields(body.usage)
  if type(usage.prompt_tokens) == "number" then
    local input = count(usage.prompt_tokens)
    heard.usage = {
      inputTokens = input,
      -- Google's endpoint counts thoughts in the total alone.
      outputTokens = math.max(count(usage.completion_tokens), count(usage.total_tokens) - input),
      cachedInputTokens = count(fields(usage.prompt_tokens_details).cached_tokens),
    }
  end
end

local ENDED = { completed = true, failed = true, cancelled = true }

local function response(heard, body)
  if body.status == "incomplete" then
    heard.finish = text(fields(body.incomplete_details).reason) or "incomplete"
  elseif ENDED[body.status] then
    heard.finish = body.status
  end
  local usage = fields(body.usage)
  if type(usage.input_tokens) == "number" then
    heard.usage = {
      inputTokens = count(usage.input_tokens),
      outputTokens = count(usage.output_tokens),
      cachedInputTokens = count(fields(usage.input_tokens_details).cached_tokens),
    }
  end
end

local function responses(heard, body)
  local kind = text(body.type)
  if not kind then
    return response(heard, body)
  end
  heard.spoke = heard.spoke or (kind:sub(-6) == ".delta" and text(body.delta) ~= nil)
  response(heard, fields(body.response))
end

-- Counters are cumulative and leave out what did not change; input that a cache has part in is counted by itself.
local function message_usage(heard, usage)
  usage = fields(usage)
  if type(usage.input_tokens or usage.output_tokens) ~= "number" then
    return
  end
  local tokens = heard.tokens or { input = 0, output = 0, read = 0, written = 0 }
  heard.tokens = tokens
  tokens.input = math.max(tokens.input, count(usage.input_tokens))
  tokens.output = math.max(tokens.output, count(usage.output_tokens))
  tokens.read = math.max(tokens.read, count(usage.cache_read_input_tokens))
  tokens.written = math.max(tokens.written, count(usage.cache_creation_input_tokens))
  heard.usage = {
    inputTokens = tokens.input + tokens.read + tokens.written,
    outputTokens = tokens.output,
    cachedInputTokens = tokens.read,
  }
end

local function messages(heard, body)
  local kind = body.type
  if kind == "message_start" then
    message_usage(heard, fields(body.message).usage)
  elseif kind == "content_block_delta" then
    local delta = fields(body.delta)
    heard.spoke = heard.spoke or (text(delta.text) or text(delta.thinking) or text(delta.partial_json)) ~= nil
  elseif kind == "content_block_start" then
    local block = fields(body.content_block)
    heard.spoke = heard.spoke or (text(block.text) or text(block.thinking) or text(block.name)) ~= nil
  elseif kind == "message_delta" then
    heard.finish = text(fields(body.delta).stop_reason) or heard.finish
    message_usage(heard, body.usage)
  elseif kind == "message" then
    heard.finish = text(body.stop_reason)
    message_usage(heard, body.usage)
  end
end

local function gemini(heard, body)
  -- A stream without alt=sse is one list.
  for _, piece in ipairs(body) do
    gemini(heard, fields(piece))
  end
  local candidate = fields(fields(body.candidates)[1])
  heard.finish = text(candidate.finishReason) or heard.finish
  heard.spoke = heard.spoke or next(fields(fields(candidate.content).parts)) ~= nil
  local usage = fields(body.usageMetadata)
  if type(usage.promptTokenCount) == "number" then
    heard.usage = {
      inputTokens = count(usage.promptTokenCount) + count(usage.toolUsePromptTokenCount),
      outputTokens = count(usage.candidatesTokenCount) + count(usage.thoughtsTokenCount),
      cachedInputTokens = count(usage.cachedContentTokenCount),
    }
  end
end

return {
  ["openai-chat"] = chat,
  ["openai-responses"] = responses,
  ["anthropic-messages"] = messages,
  gemini = gemini,
}

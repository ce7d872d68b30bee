local answer = require "kong.plugins.signalbox.answer"
local cjson = require "cjson.safe"

local function event(value, name)
  return (name and "event: " .. name .. "\n" or "") .. "data: " .. cjson.encode(value) .. "\n\n"
end

local STREAMS = {
  ["openai-chat"] = {
    text = ": hello\n\n"
      .. event({ choices = { { delta = { role = "assistant", content = "" } } } })
      .. event({ choices = { { delta = { content = "Swifts \240\159\144\166" } } } })
      .. event({ choices = { { delta = {}, finish_reason = "stop" } } })
      .. event({ choices = {}, usage = { prompt_tokens = 7, completion_tokens = 3, total_tokens = 10 } })
      .. "data: [DONE]\n\n",
    usage = { inputTokens = 7, outputTokens = 3, cachedInputTokens = 0 },
    finish = "stop",
  },
  ["openai-responses"] = {
    text = event({ type = "response.created", response = { status = "in_progress" } }, "response.created")
      .. event({ type = "response.output_text.delta", delta = "Swifts" }, "response.output_text.delta")
      .. event({
        type = "response.incomplete",
        response = {
          status = "incomplete",
          incomplete_details = { reason = "max_output_tokens" },
          usage = { input_tokens = 9, output_tokens = 4, input_tokens_details = { cached_tokens = 2 } },
        },
      }, "response.incomplete"),
    usage = { inputTokens = 9, outputTokens = 4, cachedInputTokens = 2 },
    finish = "max_output_tokens",
  },
  ["anthropic-messages"] = {
    text = event({
      type = "message_start",
      message = { usage = { input_tokens = 5, cache_read_input_tokens = 2, output_tokens = 1 } },
    }, "message_start")
      .. event({ type = "content_block_start", index = 0, content_block = { type = "text", text = "" } })
      .. event({ type = "content_block_delta", index = 0, delta = { type = "text_delta", text = "Swifts" } })
      .. event({ type = "message_delta", delta = { stop_reason = "end_turn" }, usage = { output_tokens = 6 } })
      .. event({ type = "message_stop" }),
    usage = { inputTokens = 7, outputTokens = 6, cachedInputTokens = 2 },
    finish = "end_turn",
  },
  gemini = {
    text = event({ candidates = { { content = { parts = { { text = "Swifts" } } } } } })
      .. event({
        candidates = { { finishReason = "STOP" } },
        usageMetadata = { promptTokenCount = 4, candidatesTokenCount = 2, thoughtsTokenCount = 1 },
      }),
    usage = { inputTokens = 4, outputTokens = 3, cachedInputTokens = 0 },
    finish = "STOP",
  },
}

local function listen(api, kind)
  local ticks = 0
  return answer.listen(api, kind or "text/event-stream; charset=utf-8", function()
    ticks = ticks + 1
    return ticks
  end)
end

local function assert_heard(expected, heard)
  assert.same(expected.usage, heard.usage)
  assert.equal(expected.finish, heard.finish)
  assert.equal(1, heard.spoke_at)
end

describe("a stream", function()
  for api, stream in pairs(STREAMS) do
    for line_end, name in pairs({ ["\n"] = "LF", ["\r\n"] = "CRLF", ["\r"] = "CR" }) do
      local text = stream.text:gsub("\n", line_end)

      it("of " .. api .. " is heard wherever it is cut in two, lines ending with " .. name, function()
        for at = 0, #text do
          local heard, hear = listen(api)
          hear(text:sub(1, at), false)
          hear(text:sub(at + 1), false)
          hear("", true)
          assert_heard(stream, heard)
        end
      end)

      it("of " .. api .. " is heard byte by byte, lines ending with " .. name, function()
        local heard, hear = listen(api)
        for at = 1, #text do
          hear(text:sub(at, at), at == #text)
        end
        assert_heard(stream, heard)
      end)
    end

    it("of " .. api .. " may begin with a byte order mark and lack its last blank line", function()
      local heard, hear = listen(api)
      hear("\239\187\191" .. stream.text:gsub("\n+$", ""), true)
      assert_heard(stream, heard)
    end)
  end

  it("with an event beyond all bounds is heard without it, in bounded memory", function()
    local stream = STREAMS["openai-chat"]
    local heard, hear = listen("openai-chat")
    hear("data: {\"x\":\"", false)
    local piece = ("x"):rep(65536)
    collectgarbage()
    local before = collectgarbage("count")
    for _ = 1, 200 do
      hear(piece, false)
    end
    collectgarbage()
    assert.is_true(collectgarbage("count") - before < 8192)
    hear("\"}\n\n" .. stream.text, true)
    assert_heard(stream, heard)
  end)

  it("of many lines of data is one event", function()
    local heard, hear = listen("openai-chat")
    hear('data: {"choices":\ndata: [{"finish_reason":\ndata:"length"}]}\n\n', true)
    assert.equal("length", heard.finish)
  end)
end)

describe("a whole answer", function()
  local WHOLE = {
    ["openai-chat"] = {
      body = {
        choices = { { message = { content = "hi" }, finish_reason = "stop" } },
        usage = {
          prompt_tokens = 7,
          completion_tokens = 1,
          total_tokens = 10,
          prompt_tokens_details = { cached_tokens = 5 },
        },
      },
      usage = { inputTokens = 7, outputTokens = 3, cachedInputTokens = 5 },
      finish = "stop",
    },
    ["openai-responses"] = {
      body = { status = "completed", usage = { input_tokens = 1, output_tokens = 2 } },
      usage = { inputTokens = 1, outputTokens = 2, cachedInputTokens = 0 },
      finish = "completed",
    },
    ["anthropic-messages"] = {
      body = { type = "message", stop_reason = "end_turn", usage = { input_tokens = 1, output_tokens = 2 } },
      usage = { inputTokens = 1, outputTokens = 2, cachedInputTokens = 0 },
      finish = "end_turn",
    },
    gemini = {
      body = {
        { candidates = { { content = { parts = { { text = "a" } } } } } },
        { candidates = { { finishReason = "STOP" } }, usageMetadata = { promptTokenCount = 1 } },
      },
      usage = { inputTokens = 1, outputTokens = 0, cachedInputTokens = 0 },
      finish = "STOP",
    },
  }

  for api, whole in pairs(WHOLE) do
    it("of " .. api .. " tells usage and finish, and no time of its first token", function()
      local heard, hear = listen(api, "application/json")
      local text = cjson.encode(whole.body)
      hear(text:sub(1, 5), false)
      hear(text:sub(6), true)
      assert.same(whole.usage, heard.usage)
      assert.equal(whole.finish, heard.finish)
      assert.is_nil(heard.spoke_at)
    end)
  end

  it("that is no JSON, or nothing that we can read, is let pass", function()
    assert.is_nil((listen("openai-chat", "text/html")))
    assert.is_nil((answer.listen("openai-chat", nil, os.time)))
    local heard, hear = listen("openai-chat", "application/json")
    hear("<html>", true)
    assert.same({}, heard)
  end)
end)

describe("answers of any shape", function()
  local NAMES = {
    "choices", "delta", "message", "content", "usage", "finish_reason", "type", "response", "status", "text",
    "incomplete_details", "candidates", "usageMetadata", "parts", "prompt_tokens", "input_tokens", "output_tokens",
    "content_block", "tool_calls", "promptTokenCount",
  }
  local WORDS = {
    "message", "message_start", "message_delta", "content_block_delta", "content_block_start", "incomplete",
    "response.completed", "response.output_text.delta", "", "stop",
  }

  local function any(depth)
    local kind = math.random(depth > 4 and 5 or 8)
    if kind == 1 then
      return cjson.null
    elseif kind == 2 then
      return math.random(-5, 1e6) / 2
    elseif kind == 3 then
      return math.random(2) == 1
    elseif kind <= 5 then
      return WORDS[math.random(#WORDS)]
    elseif kind == 6 then
      return { any(depth + 1), any(depth + 1) }
    end
    local object = {}
    for _ = 1, 4 do
      object[NAMES[math.random(#NAMES)]] = any(depth + 1)
    end
    return object
  end

  for api in pairs(STREAMS) do
    it("never break " .. api, function()
      math.randomseed(4711)
      for _ = 1, 3000 do
        local heard, hear = listen(api)
        hear(event(any(0)) .. event(any(0)), true)
        assert.is_true(heard.finish == nil or type(heard.finish) == "string")
        assert.is_true(heard.usage == nil or type(heard.usage.inputTokens) == "number")
      end
    end)
  end
end)

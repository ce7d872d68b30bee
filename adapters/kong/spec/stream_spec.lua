local cjson = require "cjson.safe"
local stream = require "kong.plugins.signalbox.stream"
local personal = require "spec.personal"

local PLAIN, QUOTED, whole = personal.PLAIN, personal.QUOTED, personal.whole

local function event(value, name)
  return (name and "event: " .. name .. "\n" or "") .. "data: " .. cjson.encode(value) .. "\n\n"
end

-- How each API tells a piece of text, and that there is no more; and the text of an event.
local STREAMS = {
  ["openai-chat"] = {
    piece = function(content)
      return event({ id = "c", choices = { { index = 0, delta = { content = content }, finish_reason = cjson.null } } })
    end,
    finish = event({ id = "c", choices = { { index = 0, delta = {}, finish_reason = "stop" } } }) .. "data: [DONE]\n\n",
    text_of = function(data)
      return data.choices[1].delta.content
    end,
  },
  ["openai-responses"] = {
    piece = function(delta)
      return event({ type = "response.output_text.delta", item_id = "m", delta = delta, logprobs = {} }, "x")
    end,
    finish = event({ type = "response.output_text.done", item_id = "m" }, "y"),
    text_of = function(data)
      return data.delta
    end,
  },
  ["anthropic-messages"] = {
    piece = function(text)
      return event({ type = "content_block_delta", index = 0, delta = { type = "text_delta", text = text } }, "d")
    end,
    finish = event({ type = "content_block_stop", index = 0 }, "content_block_stop"),
    text_of = function(data)
      return (data.delta or {}).text
    end,
  },
  gemini = {
    piece = function(text)
      return event({ candidates = { { content = { role = "model", parts = { { text = text } } } } } })
    end,
    finish = event({ candidates = { { finishReason = "STOP" } } }),
    text_of = function(data)
      local content = data.candidates[1].content
      return content and content.parts[1].text
    end,
  },
}

local function datas(bytes)
  local all = {}
  for data in bytes:gmatch("data: ({[^\n]*)") do
    all[#all + 1] = assert(cjson.decode(data), data)
  end
  return all
end

local function told(api, bytes)
  local pieces = {}
  for _, data in ipairs(datas(bytes)) do
    pieces[#pieces + 1] = api.text_of(data) or ""
  end
  return table.concat(pieces)
end

local function split(text, sign)
  local parts = {}
  for part in (text .. sign):gmatch("(.-)" .. sign) do
    parts[#parts + 1] = part
  end
  return parts
end

local function map(list, change)
  local changed = {}
  for index, one in ipairs(list) do
    changed[index] = change(one)
  end
  return changed
end

for name, api in pairs(STREAMS) do
  describe("a stream of " .. name, function()
    local text = table.concat(map(split("Hi <EM|AIL_1>, <us_|ssn_1> and <d|iv> <", "|"), api.piece)) .. api.finish

    for line_end, kind in pairs({ ["\n"] = "LF", ["\r\n"] = "CRLF", ["\r"] = "CR" }) do
      it("is restored wherever it is cut, lines ending with " .. kind, function()
        local bytes = text:gsub("\n", line_end)
        for at = 0, #bytes do
          local push = stream.stage(PLAIN)
          local out = push(bytes:sub(1, at), false) .. push(bytes:sub(at + 1), false) .. push("", true)
          assert.equal("Hi ada@mail.dev, 078-05-1120 and <div> <", told(api, (out:gsub("\r", "\n"))))
        end
      end)
    end

    it("holds back only what may become a placeholder, and no longer than it may", function()
      local stage = stream.stage(PLAIN)
      local function push(piece)
        return told(api, stage(api.piece(piece), false))
      end
      assert.equal("Hello ", push("Hello <"))
      assert.equal("<d", push("d"))
      assert.equal("iv> ", push("iv> <EMA"))
      assert.equal("", push("IL"))
      assert.equal("<EMAILS>", push("S>"))
      assert.equal("", push("<EMAIL_1"))
      assert.equal("ada@mail.dev!", push(">!"))
      assert.equal("", push("<EMAIL_1"))
      assert.equal("<EMAIL_1", told(api, stage(api.finish, false)))
      assert.equal("", stage("", true))
    end)

    it("that breaks off tells at its end what was held back", function()
      for _, cut in ipairs({ 0, 1, 2 }) do
        local push = stream.stage(PLAIN)
        local bytes = api.piece("so <EMA"):sub(1, -1 - cut)
        assert.equal("so <EMA", told(api, push(bytes, false) .. push("", true)))
      end
    end)

    it("passes byte for byte what holds no placeholder", function()
      local bytes = ": ping\n\n" .. api.piece("just words") .. api.piece("a <b> &amp; \\u003e c") .. api.finish
      local push = stream.stage(PLAIN)
      assert.equal(bytes, push(bytes, false) .. push("", true))
    end)

    it("says what a whole answer would, however its text is cut into pieces", function()
      local words = {
        "<EMAIL_1>", "<EMAIL_10>", "<", "EMAIL_1", ">", "&lt;", "US_SSN_1", "\\", " ", "\195\169", '"', "\n",
        "<ADDRESS_1>", "{", "x", "＜", "＞",
      }
      math.randomseed(4711)
      for _ = 1, 300 do
        local parts, pieces = {}, {}
        for index = 1, math.random(12) do
          parts[index] = words[math.random(#words)]
        end
        local said = table.concat(parts)
        local at = 1
        while at <= #said do
          local size = math.random(6)
          while (said:byte(at + size) or 0) >= 128 and said:byte(at + size) < 192 do
            size = size + 1
          end
          pieces[#pieces + 1] = api.piece(said:sub(at, at + size - 1))
          at = at + size
        end
        local bytes = table.concat(pieces) .. api.finish
        local push, out, step = stream.stage(QUOTED), {}, math.random(50)
        for from = 1, #bytes, step do
          out[#out + 1] = push(bytes:sub(from, from + step - 1), false)
        end
        out[#out + 1] = push("", true)
        assert.equal(whole(said, QUOTED), told(api, table.concat(out)))
      end
    end)
  end)
end

describe("a stream", function()
  local function through(bytes)
    local push = stream.stage(PLAIN)
    return push(bytes, false) .. push("", true)
  end

  it("with several choices and calls has them restored side by side", function()
    local function chunk(index, delta)
      return event({ choices = { { index = index, delta = delta, finish_reason = cjson.null } } })
    end
    local function call(index, text)
      return { tool_calls = { { index = index, id = "c", type = "function", ["function"] = { arguments = text } } } }
    end
    local out = through(
      chunk(0, { content = "a <EMA" })
        .. chunk(1, { content = "b <US_" })
        .. chunk(0, { content = "IL_1>" })
        .. chunk(1, { content = "SSN_1>" })
        .. chunk(0, call(0, '{"a":"<EMAIL'))
        .. chunk(0, call(1, '{"b":"<EMA'))
        .. chunk(0, call(0, '_10>"}'))
        .. chunk(0, call(1, 'IL_1>"} <EM'))
    )
    local texts = {}
    for _, data in ipairs(datas(out)) do
      local choice = data.choices[1]
      local one = choice.delta.tool_calls and choice.delta.tool_calls[1]
      local name = choice.index .. (one and " call " .. one.index or "")
      texts[name] = (texts[name] or "") .. (one and one["function"].arguments or choice.delta.content)
    end
    assert.same({
      ["0"] = "a ada@mail.dev",
      ["1"] = "b 078-05-1120",
      ["0 call 0"] = '{"a":"bob@mail.dev"}',
      ["0 call 1"] = '{"b":"ada@mail.dev"} <EM',
    }, texts)
    -- What was held back names its call by number alone: clients add ids up.
    assert.is_nil(datas(out)[9].choices[1].delta.tool_calls[1].id)
  end)

  it("of Responses stays numbered, and what it repeats at its end is restored", function()
    local place = '"item_id":"m","output_index":0,"content_index":0,"delta":'
    local head = 'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","sequence_number":'
    local function last(number, tail)
      return ('event: y\ndata: {"type":"response.completed","sequence_number":%d,"output":["%s"]}\n\n'):format(
        number, tail
      )
    end
    assert.equal(
      head .. "0," .. place .. '"ada@mail.dev "}\n\n' .. head .. "1," .. place .. '"<EM"}\n\n'
        .. last(2, "ada@mail.dev <EM"),
      through(head .. "0," .. place .. '"<EMAIL_1> <EM"}\n\n' .. last(1, "<EMAIL_1> <EM"))
    )
  end)

  it("of several lines of data is restored", function()
    local out = through('event: x\ndata: {"type":"done",\ndata: "a":"<EMAIL_1>"}\n\n')
    assert.same({ { type = "done", a = "ada@mail.dev" } }, datas(out))
  end)

  it("with an event beyond all bounds passes that one as it is, in bounded memory", function()
    local push = stream.stage(PLAIN)
    push('data: {"x":"', false)
    local piece = ("x"):rep(65536)
    collectgarbage()
    local before, size = collectgarbage("count"), 0
    for _ = 1, 600 do
      size = size + #push(piece, false)
    end
    collectgarbage()
    assert.is_true(collectgarbage("count") - before < 20480)
    assert.is_true(size > 16777216)
    local out = push('<EMAIL_1>"}\n\n' .. STREAMS.gemini.piece("<EMAIL_1>"), true)
    assert.truthy(out:find('^<EMAIL_1>"}\n\n'))
    assert.truthy(out:find("ada@mail.dev", 1, true))
  end)
end)

describe("events of any shape", function()
  local NAMES = {
    "choices", "delta", "text", "index", "type", "candidates", "content", "parts", "sequence_number", "finish_reason",
    "error", "message", "tool_calls", "arguments", "usage", "logprobs",
  }
  local WORDS = { "<EMA", "IL_1>", "<EMAIL_1>", "content_block_delta", "x.delta", "", "\\<", "{\"" }

  local function any(level)
    local kind = math.random(level > 4 and 5 or 9)
    if kind == 1 then
      return cjson.null
    elseif kind == 2 then
      return math.random(-5, 1e6) / 2
    elseif kind <= 5 then
      return WORDS[math.random(#WORDS)]
    elseif kind <= 7 then
      return { any(level + 1), any(level + 1) }
    end
    local object = {}
    for _ = 1, 4 do
      object[NAMES[math.random(#NAMES)]] = any(level + 1)
    end
    return object
  end

  it("never break a stream, and stay JSON", function()
    math.randomseed(4711)
    for _ = 1, 4000 do
      local push = stream.stage(math.random(2) == 1 and PLAIN or QUOTED)
      local out = push(event({ [NAMES[math.random(9)]] = any(1), type = any(5) }), false)
        .. push(event({ [NAMES[math.random(9)]] = any(1) }), false)
        .. push("", true)
      assert.is_true(#datas(out) >= 2)
    end
  end)
end)

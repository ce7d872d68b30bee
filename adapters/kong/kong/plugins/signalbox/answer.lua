-- Reads an answer while it passes.

local apis = require "kong.plugins.signalbox.apis"
local cjson = require "cjson.safe"
local events = require "kong.plugins.signalbox.events"

local _M = {}

-- Longer answers, and longer events, pass unread.
local MAX_BYTES = 4194304

local function whole(observe)
  local pieces, size = {}, 0
  return function(bytes, last)
    size = size + #bytes
    if size > MAX_BYTES then
      pieces = {}
      return bytes
    end
    pieces[#pieces + 1] = bytes
    if last then
      observe(table.concat(pieces))
    end
    return bytes
  end
end

local function streamed(observe)
  local push, finish = events.reader(MAX_BYTES, observe)
  return function(bytes, last)
    push(bytes)
    if last then
      -- Some servers forget the blank line behind their last event.
      finish()
    end
    return bytes
  end
end

-- Returns what will be heard of the answer (usage, finish, spoke_at; all nil for now) and the function that hears its
-- bytes, `last` telling the end, and returns them; or nil where the answer is in no form that can be read.
function _M.listen(api, content_type, clock)
  local kind = (content_type or ""):lower()
  local is_stream = kind:find("text/event-stream", 1, true) ~= nil
  if not is_stream and not kind:find("json", 1, true) then
    return nil
  end
  local heard = {}
  local function observe(json)
    local body = cjson.decode(json)
    if type(body) ~= "table" then
      return
    end
    apis[api](heard, body)
    if is_stream and heard.spoke and not heard.spoke_at then
      heard.spoke_at = clock()
    end
  end
  return heard, (is_stream and streamed or whole)(observe)
end

return _M

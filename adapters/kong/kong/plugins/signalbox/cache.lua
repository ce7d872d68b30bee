-- Answers that were given before, and answers that may be given again.

local later = require "kong.plugins.signalbox.later"
local restore = require "kong.plugins.signalbox.restore"
local signalbox = require "kong.plugins.signalbox.signalbox"
local stream = require "kong.plugins.signalbox.stream"

local _M = {}

local TIMEOUT_MS = 2000
local ROOM = { most = 200, most_bytes = 33554432, senders = 2 }

-- What the client gets of a cached answer, `matcher` (or nil) knowing what to put back into it; nil where nothing can
-- be read in it. `sse` is there where the client asked for a stream.
function _M.answer(cached, matcher)
  local is_stream = type(cached.sse) == "string" and cached.sse ~= ""
  local body = is_stream and cached.sse or cached.json
  if type(body) ~= "string" or body == "" then
    return nil
  end
  if matcher then
    body = is_stream and stream.stage(matcher)(body, true) or restore.whole(matcher, body)
  end
  return {
    status = 200,
    body = body,
    headers = is_stream and { ["content-type"] = "text/event-stream", ["cache-control"] = "no-cache" }
      or { ["content-type"] = "application/json" },
  }
end

-- Headers that say where an answer comes from.
function _M.headers(plan)
  local cached = plan.cached
  if not cached then
    return { ["x-signalbox-cache"] = plan.cacheable and "miss" or nil }
  end
  return {
    ["x-signalbox-model"] = cached.model,
    ["x-signalbox-cache"] = cached.kind,
    ["x-signalbox-cache-id"] = cached.id,
    ["x-signalbox-cache-age"] = ("%d"):format(math.floor((tonumber(cached.ageMs) or 0) / 1000)),
    ["x-signalbox-cache-similarity"] = ("%.3f"):format(tonumber(cached.similarity) or 0),
  }
end

-- Holds an answer while it passes. Returns the stage that its bytes go through as the upstream wrote them, and a
-- function that returns all of them; nil where they are more than `max`.
function _M.hold(max)
  local pieces, size = {}, 0
  local function stage(bytes)
    size = size + #bytes
    if size > max then
      pieces = nil
    elseif bytes ~= "" then
      pieces[#pieces + 1] = bytes
    end
    return bytes
  end
  return stage, function()
    return pieces and table.concat(pieces)
  end
end

local send = later.queue("an answer for the cache", ROOM, function(conf, message)
  return signalbox.store(conf, message, TIMEOUT_MS)
end)

-- Takes the message for StoreAnswer, its body in bytes, and returns at once. More than can wait are dropped.
function _M.keep(conf, message)
  send(conf, message, #message.body)
end

return _M

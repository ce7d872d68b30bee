-- Whether and how the answer that comes is given the client's own values back.

local restore = require "kong.plugins.signalbox.restore"
local stream = require "kong.plugins.signalbox.stream"

local _M = {}

-- True for an answer that nobody here can read.
function _M.is_coded()
  return (kong.response.get_header("content-encoding") or "identity"):lower() ~= "identity"
end

-- For header_filter: what the answer's pieces then go through, a function that takes bytes and whether they are the
-- last and returns the bytes that go on; nil where they are let pass. `matcher` may be nil.
function _M.stage(matcher)
  if not matcher then
    return nil
  end
  if _M.is_coded() then
    kong.log.warn("an answer came compressed although it was asked for as it is: placeholders stay in it")
    return nil
  end
  local kind = (kong.response.get_header("content-type") or ""):lower()
  local is_stream = kind:find("text/event-stream", 1, true) ~= nil
  if not is_stream and not kind:find("json", 1, true) then
    return nil
  end
  -- Values are longer or shorter than what stood for them.
  kong.response.clear_header("content-length")
  return (is_stream and stream or restore).stage(matcher)
end

return _M

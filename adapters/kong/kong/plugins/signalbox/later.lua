-- What is told to Signalbox behind answers: where an answer ends no socket may be opened.

local _M = {}

-- `send(conf, message)` returns true where it arrived. No more than `most` messages and `most_bytes` wait in a worker,
-- for so many `senders`. Returns a function that takes config, message and its size in bytes, and returns at once; what
-- has no room is dropped.
function _M.queue(what, options, send)
  local waiting, first, last = {}, 1, 0
  local senders, bytes = 0, 0

  local function next_one()
    if first > last then
      return nil
    end
    local one = waiting[first]
    waiting[first] = nil
    first = first + 1
    bytes = bytes - one.size
    return one
  end

  local function send_all(premature)
    local one = not premature and next_one()
    while one do
      local ok, arrived = pcall(send, one.conf, one.message)
      if not ok or not arrived then
        kong.log.debug(what, " did not reach Signalbox")
      end
      one = next_one()
    end
    senders = senders - 1
  end

  return function(conf, message, size)
    if last - first + 1 >= options.most or bytes + size > options.most_bytes then
      return kong.log.debug(what, " was dropped: too many wait")
    end
    last = last + 1
    bytes = bytes + size
    waiting[last] = { conf = conf, message = message, size = size }
    if senders < options.senders and ngx.timer.at(0, send_all) then
      senders = senders + 1
    end
  end
end

return _M

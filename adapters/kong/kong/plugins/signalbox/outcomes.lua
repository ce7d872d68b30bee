-- What became of decisions, told to Signalbox behind the answers: where an answer ends no socket may be opened.

local signalbox = require "kong.plugins.signalbox.signalbox"

local _M = {}

local MAX_WAITING = 2000
local MAX_SENDERS = 4
local TIMEOUT_MS = 2000

local waiting, first, last = {}, 1, 0
local senders = 0

local function next_one()
  if first > last then
    return nil
  end
  local one = waiting[first]
  waiting[first] = nil
  first = first + 1
  return one
end

local function send_all(premature)
  local one = not premature and next_one()
  while one do
    local ok, arrived = pcall(signalbox.report, one.conf, one.message, TIMEOUT_MS)
    if not ok or not arrived then
      kong.log.debug("an outcome did not reach Signalbox")
    end
    one = next_one()
  end
  senders = senders - 1
end

-- Takes the message for ReportOutcome and returns at once. More than can wait are dropped.
function _M.tell(conf, message)
  if last - first + 1 >= MAX_WAITING then
    return kong.log.debug("an outcome was dropped: too many wait")
  end
  last = last + 1
  waiting[last] = { conf = conf, message = message }
  if senders < MAX_SENDERS and ngx.timer.at(0, send_all) then
    senders = senders + 1
  end
end

return _M

-- What became of decisions.

local later = require "kong.plugins.signalbox.later"
local signalbox = require "kong.plugins.signalbox.signalbox"

local _M = {}

local TIMEOUT_MS = 2000
-- More than any outcome takes.
local SIZE = 1024
local ROOM = { most = 2000, most_bytes = 2000 * SIZE, senders = 4 }

local tell = later.queue("an outcome", ROOM, function(conf, message)
  return signalbox.report(conf, message, TIMEOUT_MS)
end)

-- Takes the message for ReportOutcome and returns at once. More than can wait are dropped.
function _M.tell(conf, message)
  tell(conf, message, SIZE)
end

return _M

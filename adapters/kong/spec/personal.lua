-- Values, their placeholders, and matchers of them: with QUOTED one value must be escaped in JSON.
local cjson = require "cjson.safe"
local placeholders = require "kong.plugins.signalbox.placeholders"
local restore = require "kong.plugins.signalbox.restore"

local _M = { ADDRESS = '1 "Big" St\nFlat\\2' }

local ENTRIES = {
  { placeholder = "<EMAIL_1>", value = "ada@mail.dev" },
  { placeholder = "<EMAIL_10>", value = "bob@mail.dev" },
  { placeholder = "<US_SSN_1>", value = "078-05-1120" },
}
_M.PLAIN = placeholders.matcher(ENTRIES)
_M.QUOTED = placeholders.matcher({
  ENTRIES[1], ENTRIES[2], ENTRIES[3], { placeholder = "<ADDRESS_1>", value = _M.ADDRESS },
})

-- The content of a whole answer, restored.
function _M.whole(content, matcher)
  local body = cjson.encode({ choices = { { message = { content = content } } } })
  return cjson.decode(restore.whole(matcher or _M.PLAIN, body)).choices[1].message.content
end

return _M

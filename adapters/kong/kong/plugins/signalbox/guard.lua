-- Headers that only Signalbox may set.

local _M = {}

local CONVERSATION = "x-signalbox-conversation"

-- Servers behind us may read an underscore as a hyphen.
local function plain(name)
  return (name:lower():gsub("_", "-"))
end

local function first(value)
  return type(value) == "table" and value[1] or value
end

-- Takes what the client wrote of it out of the request. `routing_header` is the header with the chosen model. Returns
-- the name of the client's conversation, the one thing that it may tell.
function _M.strip(routing_header)
  -- The PDK shows a thousand at most; whoever sends more must not get one past us.
  local headers = ngx.req.get_headers(0, true)
  local ours = plain(routing_header)
  local conversation
  for name, value in pairs(headers) do
    local folded = plain(name)
    if folded == CONVERSATION and not name:find("_", 1, true) then
      conversation = first(value)
    end
    if folded == ours or folded:sub(1, 12) == "x-signalbox-" then
      kong.service.request.clear_header(name)
    end
  end
  return conversation
end

return _M

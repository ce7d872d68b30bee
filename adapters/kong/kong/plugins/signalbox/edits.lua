-- Changes of a body, byte for byte.

local json = require "kong.plugins.signalbox.json"

local _M = {}

-- Applies `edits` (offset, length, bytes in base64; sorted, never overlapping; fields that are 0 or empty may be
-- missing) to `body`. Returns nil and why where they do not fit it.
function _M.apply(body, edits)
  local pieces, at = {}, 0
  for _, edit in ipairs(edits) do
    local offset, length = edit.offset or 0, edit.length or 0
    local bytes = ngx.decode_base64(edit.bytes or "")
    if not bytes or offset < at or offset + length > #body then
      return nil, "edits do not fit the body"
    end
    pieces[#pieces + 1] = body:sub(at + 1, offset)
    pieces[#pieces + 1] = bytes
    at = offset + length
  end
  pieces[#pieces + 1] = body:sub(at + 1)
  return table.concat(pieces)
end

-- Finds where a string value of the top level's `model` begins and ends, once for each time that it is named.
local function model_spans(body)
  local spans, depth, at = {}, 0, 1
  while true do
    local from = body:find('["{}%[%]]', at)
    if not from then
      return spans
    end
    local char = body:sub(from, from)
    at = from + 1
    if char == '"' then
      at = json.skip_string(body, from)
      if not at then
        return spans
      end
      local value = depth == 1 and body:sub(from, at - 1) == '"model"' and body:match('^%s*:%s*()"', at)
      if value then
        at = json.skip_string(body, value)
        if not at then
          return spans
        end
        spans[#spans + 1] = { from = value, to = at - 1 }
      end
    else
      depth = depth + ((char == "{" or char == "[") and 1 or -1)
    end
  end
end

-- The body with `name` where it asks for `auto` or one of its profiles; as it is where it asks for anything else.
function _M.name_default(body, name)
  local pieces, at = {}, 1
  for _, span in ipairs(model_spans(body)) do
    local asked = body:sub(span.from + 1, span.to - 1)
    if asked == "auto" or asked:sub(1, 5) == "auto:" then
      pieces[#pieces + 1] = body:sub(at, span.from) .. name
      at = span.to
    end
  end
  pieces[#pieces + 1] = body:sub(at)
  return table.concat(pieces)
end

return _M

-- How deep in strings of JSON the end of a text stands, as it comes: 0 in plain text and between strings, 1 in a
-- string, 2 in a string of JSON that stands in a string.

local _M = {}

local MOST_DEPTH = 4
-- All that stands outside of strings in JSON. Anything else: this is text that happens to begin with a bracket.
local OUTSIDE = "^[{}%[%]:,%d.+%-eEtrufalsn\"]$"
local ESCAPED = { n = "\n", t = "\t", r = "\r", b = "\b", f = "\f" }
-- Neither a sign of JSON nor space.
local OTHER = "\127"

-- Follows a text that may be JSON.
local function level(most)
  local self = { is_plain = most == 0 }
  local open, inner, escape = 0, nil, ""

  local function take_inside(sign)
    if escape ~= "" then
      escape = escape .. sign
      local is_numbered = escape:sub(2, 2) == "u"
      if is_numbered and #escape < 6 then
        return
      end
      local code = is_numbered and (tonumber(escape:sub(3), 16) or 127)
      local char = code and (code < 128 and string.char(code) or OTHER) or ESCAPED[sign] or sign
      escape = ""
      inner.take(char)
    elseif sign == "\\" then
      escape = sign
    elseif sign == '"' then
      inner = nil
    else
      inner.take(sign)
    end
  end

  function self.take(sign)
    if self.is_plain then
      return
    elseif inner then
      return take_inside(sign)
    elseif sign:find("^%s") then
      return
    end
    if sign == "{" or sign == "[" then
      open = open + 1
    elseif open == 0 or not sign:find(OUTSIDE) then
      self.is_plain = true
    elseif sign == "}" or sign == "]" then
      open = open - 1
    elseif sign == '"' then
      inner = level(most - 1)
    end
  end

  function self.depth()
    return inner and 1 + inner.depth() or 0
  end

  return self
end

-- Returns `push(text)` and `depth()`.
function _M.follow()
  local root = level(MOST_DEPTH)
  local function push(text)
    local at = 1
    while at <= #text and not root.is_plain do
      root.take(text:sub(at, at))
      at = at + 1
    end
  end
  return push, root.depth
end

return _M

-- Finds the placeholders of one request in what a model wrote, also where it changed their form a little.

local json = require "kong.plugins.signalbox.json"

local _M = {}

local FULL_WIDTH_LESS, FULL_WIDTH_GREATER = "\239\188\156", "\239\188\158"
-- How an angle bracket may come: as it is, full-width, for HTML, or escaped in JSON that somebody wrote into text.
local OPENERS = { "<", FULL_WIDTH_LESS, "&lt;", "\\u003c" }
local CLOSERS = { ">", FULL_WIDTH_GREATER, "&gt;", "\\u003e" }
-- Where one may begin.
local FIRST_SIGN = "[<&\\\239]"
-- Between the words of a placeholder, and around them.
local SEPARATOR = "^[_%s*\\%-]$"
local MOST_SEPARATORS = 3

local function byte_is(text, at, code)
  return text:byte(at) == code
end

-- True for a backslash that escapes what comes: no other one, and no escape by number.
local function escapes(text, at)
  return byte_is(text, at, 92) and not byte_is(text, at - 1, 92) and text:sub(at + 1, at + 1):lower() ~= "u"
end

-- Behind a bracket that stands here, one escaping backslash before it included; "open" where the text ends within it.
local function bracket_at(text, at, forms)
  local from = escapes(text, at) and at + 1 or at
  local left = #text - from + 1
  for _, form in ipairs(forms) do
    local piece = text:sub(from, from + #form - 1):lower()
    if piece == form then
      return from + #form
    elseif left < #form and form:sub(1, #piece) == piece then
      return "open"
    end
  end
end

-- Bytes for which this is false hold no placeholder, in whatever form.
function _M.may_hold(bytes)
  return bytes:find("[<&]") ~= nil
    or bytes:find("\\u", 1, true) ~= nil
    or bytes:find(FULL_WIDTH_LESS, 1, true) ~= nil
end

function _M.next_sign(text, from)
  return text:find(FIRST_SIGN, from)
end

-- Of a list with `placeholder` and `value`. `match(text, at)` returns what begins there: the position behind it and its
-- value, or "open" where the text ends before that is known, or nil. `escapes`: a value would break JSON that it is put
-- into as it is. Nil for an empty list.
function _M.matcher(entries)
  if #entries == 0 then
    return nil
  end
  local values, prefixes, needs_escapes = {}, { [""] = true }, false
  for _, entry in ipairs(entries) do
    local name = entry.placeholder:sub(2, -2)
    values[name] = entry.value
    needs_escapes = needs_escapes or json.escape(entry.value) ~= entry.value
    for last = 1, #name do
      prefixes[name:sub(1, last)] = true
    end
  end

  -- The name so far with one more letter, which may stand where the separator was left out.
  local function grown(name, sign)
    local letter = sign:upper()
    if prefixes[name .. letter] then
      return name .. letter
    end
    local parted = name .. "_" .. letter
    return prefixes[parted] and parted or nil
  end

  local function may_part(name)
    return name == "" or values[name] ~= nil or prefixes[name .. "_"] ~= nil
  end

  local function match(text, start)
    local at = bracket_at(text, start, OPENERS)
    if not at or at == "open" then
      return at
    end
    local is_escaped, name, separators = escapes(text, start), "", 0
    while at <= #text do
      local sign = text:sub(at, at)
      local closed = values[name] ~= nil and bracket_at(text, at, CLOSERS)
      if closed == "open" then
        return "open"
      elseif closed then
        -- One backslash alone was there before.
        if is_escaped and not escapes(text, at) then
          return nil
        end
        return closed, values[name]
      elseif sign:find(SEPARATOR) then
        separators = separators + 1
        if separators > MOST_SEPARATORS or not may_part(name) then
          return nil
        end
      else
        -- Behind a number that is over comes no other digit.
        name = not (separators > 0 and values[name] ~= nil) and grown(name, sign) or nil
        if not name then
          return nil
        end
        separators = 0
      end
      at = at + 1
    end
    return "open"
  end

  return { match = match, escapes = needs_escapes }
end

return _M

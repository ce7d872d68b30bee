-- JSON as it is written: where each value stands, so that one can be changed and all else stays.

local _M = {}

-- Nobody's answer is deeper. What is deeper is taken for no JSON.
local MOST_DEPTH = 256

-- The position behind the string that begins at `from`, or nil.
function _M.skip_string(text, from)
  local at = from + 1
  while true do
    local stop = text:find('["\\]', at)
    if not stop then
      return nil
    end
    if text:byte(stop) == 34 then
      return stop + 1
    end
    at = stop + 2
  end
end

local NAMED = { ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }
local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\" }
for code = 0, 31 do
  local char = string.char(code)
  ESCAPES[char] = NAMED[char] or ("\\u%04x"):format(code)
end

-- Half of a pair, which one piece of a stream may end with: kept in the three bytes that it would take.
local function escape_half(second, third)
  return ("\\ud%03x"):format((second:byte() - 128) * 64 + third:byte() - 128)
end

-- Text as it stands between the quotes of a string.
function _M.escape(text)
  local escaped = text:gsub('[%c"\\]', ESCAPES)
  return (escaped:gsub("\237([\160-\191])([\128-\191])", escape_half))
end

local function bytes_of(code)
  if code < 128 then
    return string.char(code)
  elseif code < 2048 then
    return string.char(192 + math.floor(code / 64), 128 + code % 64)
  end
  local tail = string.char(128 + math.floor(code / 64) % 64, 128 + code % 64)
  if code < 65536 then
    return string.char(224 + math.floor(code / 4096)) .. tail
  end
  return string.char(240 + math.floor(code / 262144), 128 + math.floor(code / 4096) % 64) .. tail
end

-- The character of the escape by number at `at`, and the position behind it: two that make one are one.
local function numbered(text, at)
  local high = tonumber(text:match("^%x%x%x%x", at + 2) or "", 16)
  if not high then
    return "u", at + 2
  end
  local low = high >= 55296 and high < 56320 and tonumber(text:match("^\\u(%x%x%x%x)", at + 6) or "", 16)
  if low and low >= 56320 and low < 57344 then
    return bytes_of((high - 55296) * 1024 + low - 56320 + 65536), at + 12
  end
  return bytes_of(high), at + 6
end

local PLAIN = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

-- What stands escaped between the quotes of a string.
function _M.unescape(text)
  local stop = text:find("\\", 1, true)
  if not stop then
    return text
  end
  local pieces, at = {}, 1
  while stop do
    pieces[#pieces + 1] = text:sub(at, stop - 1)
    local sign = text:sub(stop + 1, stop + 1)
    if sign == "u" then
      sign, at = numbered(text, stop)
    else
      sign, at = PLAIN[sign] or sign, stop + 2
    end
    pieces[#pieces + 1] = sign
    stop = text:find("\\", at, true)
  end
  pieces[#pieces + 1] = text:sub(at)
  return table.concat(pieces)
end

-- The text of a string of `json`.
function _M.text(json, node)
  return _M.unescape(json:sub(node.from + 1, node.to - 1))
end

-- A value as it is written.
function _M.raw(json, node)
  return json:sub(node.from, node.to)
end

-- The member of an object by its name, or nil.
function _M.member(node, name)
  if node.kind == "object" then
    for _, member in ipairs(node) do
      if member.name == name then
        return member.value
      end
    end
  end
end

local function skip_space(json, at)
  return json:find("[^ \t\r\n]", at) or #json + 1
end

local read_value

local function read_string(json, at)
  local next_at = _M.skip_string(json, at)
  return next_at and { kind = "string", from = at, to = next_at - 1 }, next_at
end

local function read_member(json, at, depth)
  local key, next_at = read_string(json, at)
  next_at = key and json:match("^[ \t\r\n]*:()", next_at)
  if not next_at then
    return nil
  end
  local value
  value, next_at = read_value(json, skip_space(json, next_at), depth)
  return value and { name = _M.text(json, key), key = key, value = value }, next_at
end

local function read_container(json, at, depth, kind, close, read)
  local node = { kind = kind, from = at }
  at = skip_space(json, at + 1)
  if json:byte(at) == close then
    node.to = at
    return node, at + 1
  end
  while true do
    local part
    part, at = read(json, at, depth)
    if not part then
      return nil
    end
    node[#node + 1] = part
    at = skip_space(json, at)
    local sign = json:byte(at)
    if sign == close then
      node.to = at
      return node, at + 1
    elseif sign ~= 44 then
      return nil
    end
    at = skip_space(json, at + 1)
  end
end

local WORDS = { ["true"] = "other", ["false"] = "other", null = "null" }

function read_value(json, at, depth)
  local sign = json:byte(at)
  if sign == 34 then
    return read_string(json, at)
  elseif depth > MOST_DEPTH then
    return nil
  elseif sign == 123 then
    return read_container(json, at, depth + 1, "object", 125, function(text, from, level)
      if text:byte(from) == 34 then
        return read_member(text, from, level)
      end
    end)
  elseif sign == 91 then
    return read_container(json, at, depth + 1, "array", 93, read_value)
  end
  local word, next_at = json:match("^(%a+)()", at)
  if not word then
    word, next_at = json:match("^(%-?%d[%d.eE+-]*)()", at)
  end
  local kind = word and (tonumber(word) and "number" or WORDS[word])
  return kind and { kind = kind, from = at, to = next_at - 1 }, next_at
end

-- What is written: nodes with `kind` (object, array, string, number, null, other), `from` and `to`; an array holds its
-- elements, an object members with `name`, `key` and `value`. Nil for what is no JSON.
function _M.parse(json)
  local node, at = read_value(json, skip_space(json, 1), 0)
  return node and skip_space(json, at) > #json and node or nil
end

-- Shows every string of it, keys included, first to last.
function _M.each_string(node, visit)
  if node.kind == "string" then
    visit(node)
  end
  for _, part in ipairs(node) do
    if node.kind == "object" then
      visit(part.key)
    end
    _M.each_string(part.value or part, visit)
  end
end

return _M

-- Puts the client's own values in place of their placeholders.

local depth = require "kong.plugins.signalbox.depth"
local json = require "kong.plugins.signalbox.json"
local placeholders = require "kong.plugins.signalbox.placeholders"

local _M = {}

-- Longer answers pass as they are: this much of each is held until it is whole.
local MAX_BYTES = 16777216

-- One text of an answer, as it comes. `push` returns what can be told of it by now: what may be the beginning of a
-- placeholder is kept, until `finish` returns it. `kept()` is what is kept.
function _M.text(matcher)
  local kept = ""
  local push_depth, depth_now
  if matcher.escapes then
    push_depth, depth_now = depth.follow()
  end

  local function escaped(value)
    for _ = 1, depth_now and depth_now() or 0 do
      value = json.escape(value)
    end
    return value
  end

  local function restore(text, is_last)
    local out, done = {}, 1
    local function take(to)
      local piece = text:sub(done, to - 1)
      done = to
      if push_depth then
        push_depth(piece)
      end
      return piece
    end
    local at = placeholders.next_sign(text, 1)
    local is_open = false
    while at and not is_open do
      local stop, value = matcher.match(text, at)
      is_open = stop == "open" and not is_last
      if value then
        out[#out + 1] = take(at)
        out[#out + 1] = escaped(value)
        take(stop)
      elseif is_open then
        out[#out + 1] = take(at)
      end
      at = placeholders.next_sign(text, math.max(done, at + 1))
    end
    if not is_open then
      out[#out + 1] = take(#text + 1)
    end
    kept = text:sub(done)
    return table.concat(out)
  end

  return {
    push = function(text)
      return restore(kept .. text, false)
    end,
    finish = function()
      return restore(kept, true)
    end,
    kept = function()
      return kept
    end,
  }
end

local function whole_text(matcher, text)
  local restorer = _M.text(matcher)
  return restorer.push(text) .. restorer.finish()
end

-- `written`, whose parse is `tree`, with its strings restored. `own(node, raw)` may return what a string becomes, where
-- somebody else knows it better.
function _M.strings(matcher, written, tree, own)
  local pieces, at = {}, 1
  json.each_string(tree, function(node)
    local raw = json.raw(written, node):sub(2, -2)
    local after = own(node, raw)
    if not after and not placeholders.may_hold(raw) then
      return
    end
    local text = json.unescape(raw)
    after = after or whole_text(matcher, text)
    if after ~= text then
      pieces[#pieces + 1] = written:sub(at, node.from)
      pieces[#pieces + 1] = json.escape(after)
      at = node.to
    end
  end)
  pieces[#pieces + 1] = written:sub(at)
  return table.concat(pieces)
end

local function nothing() end

-- A whole answer, in whatever API. What is no JSON comes back as it is.
function _M.whole(matcher, body)
  local tree = placeholders.may_hold(body) and json.parse(body)
  return tree and _M.strings(matcher, body, tree, nothing) or body
end

-- Takes the pieces of a whole answer and whether they are the last, and returns what goes on: nothing before all of it
-- is there.
function _M.stage(matcher)
  local pieces, size, is_over = {}, 0, false
  return function(bytes, last)
    if is_over then
      return bytes
    end
    pieces[#pieces + 1] = bytes
    size = size + #bytes
    is_over = last or size > MAX_BYTES
    if not is_over then
      return ""
    end
    local body = table.concat(pieces)
    pieces = nil
    return size > MAX_BYTES and body or _M.whole(matcher, body)
  end
end

return _M

-- Puts the client's own values in place of their placeholders in a stream, wherever its bytes are cut. Of a text that
-- may be the beginning of a placeholder only that beginning is held back: until the next piece of the text, or until an
-- event says that there is none, which it then goes before, as an event of its own.

local deltas = require "kong.plugins.signalbox.deltas"
local events = require "kong.plugins.signalbox.events"
local json = require "kong.plugins.signalbox.json"
local placeholders = require "kong.plugins.signalbox.placeholders"
local restore = require "kong.plugins.signalbox.restore"

local _M = {}

-- Longer events pass as they are: the last one of an API may repeat the whole answer.
local MAX_EVENT_BYTES = 16777216

local function framed(data, name)
  -- Between the values of JSON a line end is no more than space.
  return (name and "event: " .. name .. "\n" or "") .. "data: " .. data:gsub("[\r\n]", " ") .. "\n\n"
end

local function with_number(written, number)
  local node = json.member(json.parse(written), "sequence_number")
  return written:sub(1, node.from - 1) .. ("%d"):format(number) .. written:sub(node.to + 1)
end

-- The number of an event, where they are numbered.
local function number_in(written, tree)
  local node = json.member(tree, "sequence_number")
  return node and node.kind == "number" and tonumber(json.raw(written, node)) or nil
end

-- The texts that are on their way. `tell(data, name)` takes events of ours.
local function growing(matcher, tell)
  local list = {}
  -- The number of the last event, and how many of ours went between.
  local number, inserted = -1, 0

  local function told(grown, text)
    local like = deltas.like(grown.written, grown.tree, grown.path, text)
    if number_in(grown.written, grown.tree) then
      like = with_number(like, number + 1 + inserted)
      inserted = inserted + 1
    end
    tell(like, grown.frame)
  end

  -- Tells what is held back of those that are over.
  local function flush(is_over)
    local kept = {}
    for _, grown in ipairs(list) do
      if not is_over(grown) then
        kept[#kept + 1] = grown
      else
        local text = grown.text.finish()
        if text ~= "" then
          told(grown, text)
        end
      end
    end
    list = kept
  end

  local function find(name)
    for _, grown in ipairs(list) do
      if grown.name == name then
        return grown
      end
    end
    local grown = { name = name, text = restore.text(matcher) }
    list[#list + 1] = grown
    return grown
  end

  -- What an event becomes.
  local function event(written, tree, frame)
    local texts, is_end = deltas.texts(written, tree)
    local own = number_in(written, tree)
    number = own and own - 1 or number
    local after = restore.strings(matcher, written, tree, function(node, raw)
      local channel = texts[node]
      if not channel then
        return nil
      end
      local grown = find(channel.name)
      grown.group, grown.path, grown.frame, grown.is_call = channel.group, channel.path, frame, channel.is_call
      grown.written, grown.tree = written, tree
      flush(function(other)
        return other.group == channel.group and other ~= grown and other.tree ~= tree
          and not (other.is_call and channel.is_call)
      end)
      local text = grown.text.push(json.unescape(raw))
      return is_end and text .. grown.text.finish() or text
    end)
    if is_end then
      flush(function()
        return true
      end)
    end
    number = own or number
    return own and inserted > 0 and with_number(after, own + inserted) or after
  end

  return {
    event = event,
    finish = function()
      flush(function()
        return true
      end)
    end,
    -- True where an event that holds nothing to restore may pass as it is.
    is_idle = function()
      if matcher.escapes or inserted > 0 then
        return false
      end
      for _, grown in ipairs(list) do
        if grown.text.kept() ~= "" then
          return false
        end
      end
      return true
    end,
  }
end

-- Takes the pieces of a stream and whether they are the last, and returns what goes on to the client.
function _M.stage(matcher)
  local out = {}
  local function tell(bytes)
    out[#out + 1] = bytes
  end
  local texts = growing(matcher, function(data, name)
    tell(framed(data, name))
  end)

  local function restored(bytes)
    local data, name, from, to = events.read(bytes)
    if not data then
      return bytes
    end
    local tree = data:sub(1, 1) == "{" and json.parse(data)
    if not tree then
      texts.finish()
      return bytes
    end
    local after = texts.event(data, tree, name)
    if after == data then
      return bytes
    end
    return from and bytes:sub(1, from - 1) .. after .. bytes:sub(to + 1) or framed(after, name)
  end

  local push, finish = events.split(MAX_EVENT_BYTES, function(bytes, is_whole)
    if is_whole and not (texts.is_idle() and not placeholders.may_hold(bytes)) then
      bytes = restored(bytes)
    end
    tell(bytes)
  end)

  return function(bytes, last)
    push(bytes)
    if last then
      local before = #out
      finish()
      local at = #out
      texts.finish()
      if at > before and #out > at then
        -- The last event had no blank line behind it.
        table.insert(out, at + 1, "\n\n")
      end
    end
    local told = table.concat(out)
    out = {}
    return told
  end
end

return _M

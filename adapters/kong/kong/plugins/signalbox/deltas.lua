-- How the events of a streamed answer carry its texts. Which API an event is of, it shows itself: behind a plugin that
-- translates it may be another one than the client's.

local json = require "kong.plugins.signalbox.json"

local _M = {}

-- Members of a chat's delta that are no text.
local KINDS = { role = true, id = true, type = true, name = true, call_id = true, status = true, logprobs = true }
-- Members of an event that say where its text goes.
local PLACE = { index = true, type = true, thought = true }
-- Members that count what was told before: in an event of ours they would count twice.
local COUNTS = { usage = true, usageMetadata = true }

local member = json.member

local function word(written, node)
  return node and json.raw(written, node) or ""
end

local function is_null(node)
  return not node or node.kind == "null"
end

-- The number that an element gives itself: an event may hold the second of several alone.
local function number_of(written, element, index)
  local own = member(element, "index")
  return own and own.kind == "number" and json.raw(written, own) or tostring(index - 1)
end

-- Some servers tell several calls of tools side by side.
local function found(texts, node, name, group, path)
  texts[node] = { name = name, group = group, path = path, is_call = name:find("/tool_calls/", 1, true) ~= nil }
end

local function stepped(path, step)
  local longer = { step }
  for at = #path, 1, -1 do
    table.insert(longer, 1, path[at])
  end
  return longer
end

-- Every string below `node`, but for those that say what kind of thing it is.
local function deep(written, texts, node, name, group, path)
  if node.kind == "string" then
    return found(texts, node, name, group, path)
  end
  for index, part in ipairs(node) do
    if node.kind == "array" then
      deep(written, texts, part, name .. "/" .. number_of(written, part, index), group, stepped(path, index))
    elseif not KINDS[part.name] then
      deep(written, texts, part.value, name .. "/" .. part.name, group, stepped(path, part.name))
    end
  end
end

local function chat(written, tree, texts)
  local choices = member(tree, "choices")
  local is_end = #choices == 0 or member(tree, "error") ~= nil
  for index, choice in ipairs(choices) do
    local group = number_of(written, choice, index)
    for _, name in ipairs({ "delta", "text" }) do
      local node = member(choice, name)
      if node and (name == "text") == (node.kind == "string") then
        deep(written, texts, node, group .. "/" .. name, group, { "choices", index, name })
      end
    end
    is_end = is_end or not is_null(member(choice, "finish_reason"))
  end
  return is_end
end

local function gemini(written, tree, texts)
  local is_end = false
  for index, candidate in ipairs(member(tree, "candidates")) do
    local group = number_of(written, candidate, index)
    local content = member(candidate, "content")
    for at, part in ipairs(content and member(content, "parts") or {}) do
      local node = member(part, "text")
      if node and node.kind == "string" then
        local name = group .. "/" .. word(written, member(part, "thought"))
        found(texts, node, name, group, { "candidates", index, "content", "parts", at, "text" })
      end
    end
    is_end = is_end or not is_null(member(candidate, "finishReason"))
  end
  return is_end
end

local function messages(written, tree, texts)
  for _, part in ipairs(member(tree, "delta") or {}) do
    if part.value and part.name ~= "type" and part.value.kind == "string" then
      local name = word(written, member(tree, "index")) .. "/" .. part.name
      found(texts, part.value, name, "", { "delta", part.name })
    end
  end
  return false
end

local RESPONSE_PLACE = { "type", "item_id", "output_index", "content_index", "summary_index" }

local function responses(written, tree, texts)
  local delta = member(tree, "delta")
  if delta and delta.kind == "string" then
    local places = {}
    for _, name in ipairs(RESPONSE_PLACE) do
      places[#places + 1] = word(written, member(tree, name))
    end
    local name = table.concat(places, "\n")
    found(texts, delta, name, name, { "delta" })
  end
  return false
end

-- Which texts an event goes on with: of each string that is a piece of one (by its node), the `name` of the text, the
-- `group` of texts that are told one after another, and the `path` to it. And whether no text goes on behind it.
function _M.texts(written, tree)
  local texts = {}
  for name, read in pairs({ choices = chat, candidates = gemini }) do
    local list = member(tree, name)
    if list and list.kind == "array" then
      return texts, read(written, tree, texts)
    end
  end
  local kind = member(tree, "type")
  kind = kind and kind.kind == "string" and json.text(written, kind) or ""
  if kind == "content_block_delta" then
    return texts, messages(written, tree, texts)
  elseif kind:sub(-6) == ".delta" then
    return texts, responses(written, tree, texts)
  end
  return texts, kind ~= "ping"
end

local prune

local function pruned_object(written, node, path, at, text)
  local parts = {}
  local function add(name, value)
    parts[#parts + 1] = '"' .. json.escape(name) .. '":' .. value
  end
  for _, part in ipairs(node) do
    local name = part.name
    if name == path[at] then
      add(name, prune(written, part.value, path, at + 1, text))
    elseif name == "finish_reason" or (name == "logprobs" and at > 1) then
      add(name, "null")
    elseif name == "logprobs" then
      add(name, "[]")
    elseif PLACE[name] or (at == 1 and not COUNTS[name]) then
      add(name, json.raw(written, part.value))
    end
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

function prune(written, node, path, at, text)
  if at > #path then
    return '"' .. json.escape(text) .. '"'
  elseif node.kind == "array" then
    return "[" .. prune(written, node[path[at]], path, at + 1, text) .. "]"
  end
  return pruned_object(written, node, path, at, text)
end

-- An event like this one, with `text` alone at `path`.
function _M.like(written, tree, path, text)
  return prune(written, tree, path, 1, text)
end

return _M

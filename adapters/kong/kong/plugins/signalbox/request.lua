-- The client's request as Signalbox is asked about it.

local _M = {}

local KINDS = {
  ["openai-chat"] = "API_KIND_OPENAI_CHAT",
  ["openai-responses"] = "API_KIND_OPENAI_RESPONSES",
  ["anthropic-messages"] = "API_KIND_ANTHROPIC_MESSAGES",
  gemini = "API_KIND_GEMINI",
}

local GEMINI = "/models/([^/:]+):%a*[gG]enerateContent$"

-- The API of this request's body, or nil.
function _M.api(conf)
  if conf.api ~= "auto" then
    return conf.api
  end
  local path = kong.request.get_path()
  if path:find("/chat/completions/?$") then
    return "openai-chat"
  elseif path:find("/responses/?$") then
    return "openai-responses"
  elseif path:find("/messages/?$") then
    return "anthropic-messages"
  end
  return path:find(GEMINI) and "gemini" or nil
end

local function unread(status, code, message)
  return nil, { status = status, code = code, message = message }
end

local function is_json(content_type)
  local kind = (content_type or ""):lower():match("^%s*([^;%s]+)")
  return kind == "application/json" or (kind ~= nil and kind:find("^application/.+%+json$") ~= nil)
end

-- A body of more than `max` bytes is not read where its length is known, and where it is not, given up afterwards.
local function read_body(max)
  local told = tonumber(kong.request.get_header("content-length"))
  if told and told > max then
    return nil
  end
  -- Kong keeps larger bodies in a file, and shows them only to those who say how much they take.
  local body = kong.request.get_raw_body(max)
  return body and #body <= max and body or nil
end

-- Offsets of edits count the bytes that we send: what is not UTF-8 would arrive as something else.
local function is_utf8(body)
  return ngx.re.find(body, "", "ou") ~= nil
end

-- Returns { api, body, model where the path names it }. Or nil where there is nothing to decide, with, where a body
-- could not be read, an error.
function _M.read(conf)
  if kong.request.get_method() ~= "POST" then
    return nil
  end
  local api = _M.api(conf)
  if not api then
    return nil
  end
  local encoding = (kong.request.get_header("content-encoding") or "identity"):lower()
  local body = read_body(conf.max_body_bytes)
  if body == "" then
    return nil
  elseif not body then
    return unread(413, "body_too_large", "A body may have at most " .. conf.max_body_bytes .. " bytes here.")
  elseif encoding ~= "identity" then
    return unread(415, "unsupported_media_type", "Send the body without a content-encoding.")
  elseif not is_json(kong.request.get_header("content-type")) then
    return unread(415, "unsupported_media_type", "Send the body with content-type application/json.")
  elseif not is_utf8(body) then
    return unread(400, "invalid_json", "The body is not valid UTF-8.")
  end
  return { api = api, body = body, model = api == "gemini" and kong.request.get_path():match(GEMINI) or nil }
end

local function tenant_of(conf)
  local consumer = conf.tenant_of_consumer and kong.client.get_consumer()
  return consumer and (consumer.custom_id or consumer.username) or conf.tenant
end

local function told_headers(conf, conversation)
  local told = { ["x-signalbox-conversation"] = conversation }
  -- Whether the client wants an answer of its own.
  told["cache-control"] = conf.cache and kong.request.get_header("cache-control") or nil
  for _, name in ipairs(conf.headers) do
    told[name:lower()] = kong.request.get_header(name)
  end
  return told
end

-- RouteRequest's message about what was read. `conversation` is what the client calls its conversation, or nil.
function _M.message(conf, asked, conversation)
  local key = conf.client_key_header and kong.request.get_header(conf.client_key_header)
  return {
    raw = { api = KINDS[asked.api], json = asked.body, model = asked.model },
    headers = told_headers(conf, conversation),
    clientKey = key and (key:match("^[Bb][Ee][Aa][Rr][Ee][Rr]%s+(%S+)$") or key) or nil,
    tenant = tenant_of(conf),
    profile = conf.profile,
    -- Nobody keeps answers in Gemini's form.
    cache = (conf.cache and asked.api ~= "gemini") or nil,
  }
end

return _M

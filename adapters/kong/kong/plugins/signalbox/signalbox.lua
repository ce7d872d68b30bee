-- The methods of Signalbox, over HTTP with JSON.

local cjson = require "cjson.safe"
local http = require "kong.plugins.signalbox.http"

local _M = {}

local SERVICE = "/signalbox.v1.RouterService/"

-- What has nothing to do with the client's request: the gateway's own key or path, or a moment in Signalbox's life.
local OURS = {
  unauthenticated = true,
  forbidden = true,
  unknown_path = true,
  method_not_allowed = true,
  unsupported_media_type = true,
  body_timeout = true,
  client_gone = true,
}

local servers = setmetatable({}, { __mode = "k" })

local function server_of(conf)
  local server = servers[conf]
  if not server then
    server = assert(http.server(conf.url, {
      verify = conf.tls_verify,
      name = conf.tls_server_name,
      keepalive_ms = conf.keepalive_ms,
      pool_size = conf.keepalive_pool,
    }))
    servers[conf] = server
  end
  return server
end

local function call(conf, method, message, timeout_ms)
  local body, err = cjson.encode(message)
  if not body then
    return nil, err
  end
  return http.post(server_of(conf), SERVICE .. method, conf.key, body, timeout_ms)
end

local function refusal_in(reply, passes_key)
  local code = reply.headers["x-signalbox-error"]
  local is_clients = code == "unauthenticated" or code == "forbidden"
  if not code or reply.status >= 500 or (OURS[code] and not (passes_key and is_clients)) then
    return nil
  end
  local told = cjson.decode(reply.body)
  told = type(told) == "table" and told or {}
  return {
    status = reply.status,
    code = code,
    message = type(told.message) == "string" and told.message or "Signalbox refused this request.",
    rpc = type(told.code) == "string" and told.code or nil,
    param = reply.headers["x-signalbox-param"],
    retry_after = reply.headers["retry-after"],
  }
end

-- True for a plan that can be followed without looking twice.
local function is_plan(plan)
  if type(plan) ~= "table" or type(plan.decisionId) ~= "string" then
    return false
  end
  local entries = plan.placeholders or {}
  if type(entries) ~= "table" or type(plan.cached or {}) ~= "table" then
    return false
  end
  for _, entry in ipairs(entries) do
    if type(entry) ~= "table" or type(entry.placeholder) ~= "string" or type(entry.value) ~= "string" then
      return false
    end
  end
  return true
end

-- Returns the plan; or nil and the error that the client is to be told; or nil, nil and why there is no decision.
function _M.route(conf, message)
  local reply, err = call(conf, "RouteRequest", message, conf.timeout_ms)
  if err == "timeout" then
    return nil, nil, err
  elseif not reply then
    kong.log.warn("Signalbox is not reached: ", err)
    return nil, nil, "unreachable"
  end
  if reply.status ~= 200 then
    local refused = refusal_in(reply, message.clientKey ~= nil)
    return nil, refused, not refused and (reply.headers["x-signalbox-error"] or "unreadable") or nil
  end
  local plan = cjson.decode(reply.body)
  if not is_plan(plan) then
    return nil, nil, "unreadable"
  end
  return plan
end

-- True when it arrived.
function _M.report(conf, message, timeout_ms)
  local reply = call(conf, "ReportOutcome", message, timeout_ms)
  return reply ~= nil and reply.status == 200
end

-- True when it arrived; whether the answer was stored is Signalbox's to say. `body` of the message is bytes.
function _M.store(conf, message, timeout_ms)
  local reply = call(conf, "StoreAnswer", {
    decisionId = message.decisionId,
    clientKey = message.clientKey,
    tenant = message.tenant,
    body = ngx.encode_base64(message.body),
    stream = message.stream,
  }, timeout_ms)
  return reply ~= nil and reply.status == 200
end

return _M

-- A double of Kong's plugin development kit: the part that the plugin calls, as its documentation and the behaviour of
-- Kong 3.9 describe it. Whatever is called in a phase where Kong would refuse it is an error here too.

local cjson = require "cjson.safe"

local REQUEST = { access = true, header_filter = true, body_filter = true, log = true }
local ACCESS = { access = true }
local HEADERS = { access = true, header_filter = true }
local ANSWER = { header_filter = true, body_filter = true, log = true }

local function check(phases)
  local phase = ngx.get_phase()
  if not phases[phase] then
    error("the PDK function cannot be called in the phase " .. phase, 3)
  end
end

local function expect(kind, value, what)
  if type(value) ~= kind then
    error(what .. " must be a " .. kind, 3)
  end
end

local function check_header(name, value)
  expect("string", name, "header")
  local kind = type(value)
  if kind ~= "string" and kind ~= "number" and kind ~= "boolean" and kind ~= "table" then
    error("invalid value of the header " .. name, 3)
  end
end

local request = {}

function request.get_method()
  check(REQUEST)
  return ngx.req.get_method()
end

function request.get_path()
  check(REQUEST)
  return (ngx.var.request_uri:gsub("?.*$", ""))
end

function request.get_header(name)
  check(REQUEST)
  expect("string", name, "header")
  local value = ngx.req.get_headers(0)[name]
  return type(value) == "table" and value[1] or value
end

-- Kong's rule: what did not fit client_body_buffer_size lies in a file, and is shown only up to `max` bytes of it.
function request.get_raw_body(max)
  check(ACCESS)
  ngx.req.read_body()
  local body = ngx.req.get_body_data()
  if body then
    return body
  end
  local file = ngx.req.get_body_file()
  if not file then
    return ""
  end
  if not max or max < 0 then
    return nil, "the body does not fit into the client body buffer"
  end
  local open = assert(io.open(file, "rb"))
  body = open:read("*a")
  open:close()
  if max > 0 and #body > max then
    return nil, "the body's file is too big"
  end
  return body
end

function request.get_body(kind, _, max)
  check(ACCESS)
  if not kind:find("^application/json") then
    return nil, "unsupported content type"
  end
  return cjson.decode(request.get_raw_body(max) or "")
end

local service = { request = {}, response = {} }

function service.set_upstream(name)
  check(ACCESS)
  expect("string", name, "host")
  local place = require("gateway").upstream(name)
  if not place then
    return nil, "no such Upstream"
  end
  ngx.ctx.peer = place
  return true
end

function service.set_target(host, port)
  check(ACCESS)
  expect("string", host, "host")
  expect("number", port, "port")
  ngx.var.upstream_host = host
  ngx.ctx.peer = { host = host, port = port }
end

function service.request.set_scheme(scheme)
  check(ACCESS)
  if scheme ~= "http" and scheme ~= "https" then
    error("invalid scheme", 2)
  end
  ngx.var.upstream_scheme = scheme
end

function service.request.set_path(path)
  check(ACCESS)
  expect("string", path, "path")
  if path:sub(1, 1) ~= "/" then
    error("path must begin with /", 2)
  end
  ngx.var.upstream_uri = path:gsub("[^%w/%-._~!$&'()*+,;=:@]", function(char)
    return ("%%%02X"):format(char:byte())
  end)
end

function service.request.set_header(name, value)
  check(ACCESS)
  check_header(name, value)
  if name:lower() == "host" then
    ngx.var.upstream_host = value
  end
  ngx.req.set_header(name, value == "" and " " or value)
end

function service.request.clear_header(name)
  check(ACCESS)
  expect("string", name, "header")
  ngx.req.clear_header(name)
end

function service.request.set_raw_body(body)
  check(ACCESS)
  expect("string", body, "body")
  ngx.req.read_body()
  ngx.req.set_body_data(body)
end

function service.response.get_status()
  check(ANSWER)
  return tonumber((ngx.var.upstream_status or ""):match("(%d%d%d)$"))
end

local response = {}

function response.get_status()
  check(REQUEST)
  return ngx.status
end

function response.get_source()
  check(ANSWER)
  if ngx.ctx.exited then
    return "exit"
  end
  -- Without the head of an answer, what the client gets is nginx's own.
  return tonumber((ngx.var.upstream_header_time or ""):match("([%d.]+)$")) and "service" or "error"
end

function response.get_header(name)
  check(ANSWER)
  local value = ngx.header[name]
  return type(value) == "table" and value[1] or value
end

function response.set_header(name, value)
  check(HEADERS)
  check_header(name, value)
  if ngx.headers_sent then
    error("headers have already been sent", 2)
  end
  ngx.header[name] = value
end

function response.clear_header(name)
  check(HEADERS)
  expect("string", name, "header")
  if ngx.headers_sent then
    error("headers have already been sent", 2)
  end
  ngx.header[name] = nil
end

function response.exit(status, body, headers)
  check(HEADERS)
  expect("number", status, "status")
  ngx.ctx.exited = true
  ngx.status = status
  for name, value in pairs(headers or {}) do
    check_header(name, value)
    ngx.header[name] = value
  end
  ngx.header["content-length"] = #(body or "")
  if body then
    ngx.print(body)
  end
  return ngx.exit(status)
end

local client = {}

function client.get_consumer()
  check(REQUEST)
  return ngx.ctx.consumer
end

local log = {}

for _, level in ipairs({ "debug", "info", "warn", "err" }) do
  log[level] = function(...)
    ngx.log(ngx[level:upper()], ...)
  end
end

function log.set_serialize_value(key, value)
  check(REQUEST)
  expect("string", key, "key")
  ngx.ctx.serialized = ngx.ctx.serialized or {}
  ngx.ctx.serialized[key] = value
end

local ctx = setmetatable({}, {
  __index = function(_, name)
    if name == "shared" then
      ngx.ctx.shared = ngx.ctx.shared or {}
      return ngx.ctx.shared
    end
    assert(name == "plugin", "kong.ctx has plugin and shared")
    local all = ngx.ctx.of_plugins or {}
    ngx.ctx.of_plugins = all
    local mine = all[ngx.ctx.plugin] or {}
    all[ngx.ctx.plugin] = mine
    return mine
  end,
})

return { request = request, service = service, response = response, client = client, log = log, ctx = ctx }

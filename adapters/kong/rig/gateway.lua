-- The piece of Kong around plugins: a declarative config, routes by path, plugins by priority, where a request goes.

local balancer = require "ngx.balancer"
local cjson = require "cjson.safe"
local schema = require "schema"

local _M = {}

local PLUGINS = {
  signalbox = { handler = "kong.plugins.signalbox.handler", schema = "kong.plugins.signalbox.schema" },
  ["signalbox-restore"] = {
    handler = "kong.plugins.signalbox-restore.handler",
    schema = "kong.plugins.signalbox-restore.schema",
  },
  ["ai-proxy"] = { handler = "ai_proxy.handler", schema = "ai_proxy.schema" },
}

local routes, upstreams = {}, {}

local function place_of(text)
  local scheme, host, port, path = text:match("^(https?)://([^:/]+):?(%d*)(.*)$")
  return { scheme = scheme, host = host, port = tonumber(port) or (scheme == "https" and 443 or 80), path = path }
end

local function load_plugins(lists)
  local loaded = {}
  for _, list in ipairs(lists) do
    for _, entry in ipairs(list) do
      local files = assert(PLUGINS[entry.name], entry.name)
      loaded[#loaded + 1] = {
        name = entry.name,
        handler = require(files.handler),
        config = schema.read(require(files.schema), entry.config),
      }
    end
  end
  table.sort(loaded, function(one, other)
    return one.handler.PRIORITY > other.handler.PRIORITY
  end)
  return loaded
end

local function load_route(route, service, config)
  local place = place_of(service.url)
  for _, path in ipairs(route.paths) do
    routes[#routes + 1] = {
      path = path,
      strips = route.strip_path ~= false,
      place = place,
      plugins = load_plugins({ config.plugins or {}, service.plugins or {}, route.plugins or {} }),
    }
  end
end

-- `file` holds a declarative config of Kong's in its JSON form.
function _M.init(file)
  local open = assert(io.open(file, "rb"))
  local config = assert(cjson.decode(open:read("*a")))
  open:close()
  for _, upstream in ipairs(config.upstreams or {}) do
    local host, port = upstream.targets[1].target:match("^(.+):(%d+)$")
    upstreams[upstream.name] = { host = host, port = tonumber(port) }
  end
  for _, service in ipairs(config.services) do
    for _, route in ipairs(service.routes) do
      load_route(route, service, config)
    end
  end
  table.sort(routes, function(one, other)
    return #one.path > #other.path
  end)
end

function _M.upstream(name)
  return upstreams[name]
end

local function route_of(path)
  for _, route in ipairs(routes) do
    if path:sub(1, #route.path) == route.path then
      return route
    end
  end
end

local function run(phase)
  for _, plugin in ipairs(ngx.ctx.route and ngx.ctx.route.plugins or {}) do
    if plugin.handler[phase] then
      ngx.ctx.plugin = plugin.name
      plugin.handler[phase](plugin.handler, plugin.config)
    end
  end
end

function _M.access()
  local path = ngx.var.request_uri:gsub("?.*$", "")
  local route = route_of(path)
  if not route then
    return ngx.exit(404)
  end
  ngx.ctx.route = route
  ngx.ctx.peer = upstreams[route.place.host] or route.place
  ngx.ctx.consumer = ngx.var.http_x_test_consumer and { username = ngx.var.http_x_test_consumer }
  ngx.var.upstream_scheme = route.place.scheme
  ngx.var.upstream_host = route.place.host
  local rest = route.strips and path:sub(#route.path + 1) or path
  ngx.var.upstream_uri = (route.place.path .. "/" .. rest):gsub("//+", "/")
  run("access")
  if ngx.var.args then
    ngx.var.upstream_uri = ngx.var.upstream_uri .. "?" .. ngx.var.args
  end
end

function _M.balance()
  local peer = ngx.ctx.peer
  assert(balancer.set_current_peer(peer.host, peer.port))
end

function _M.header_filter()
  run("header_filter")
end

function _M.body_filter()
  -- What Kong's buffered proxying would hold, for whoever asked for it.
  ngx.ctx.came = ngx.arg[1]
  run("body_filter")
end

function _M.log()
  run("log")
  if ngx.ctx.serialized then
    ngx.log(ngx.INFO, "serialized ", cjson.encode(ngx.ctx.serialized))
  end
end

return _M

-- Stands in for kong.db.schema.typedefs: the definitions that the plugin's schema uses.

local function url(more)
  local field = { type = "string", match = "^https?://[^/]+" }
  for name, value in pairs(more or {}) do
    field[name] = value
  end
  return field
end

return {
  no_consumer = { type = "foreign", reference = "consumers", eq = ngx and ngx.null },
  protocols_http = { type = "set", default = { "grpc", "grpcs", "http", "https" } },
  url = url,
  host = { type = "string", match = "^[%w%.%-_%[%]:]+$" },
  port = { type = "integer", between = { 0, 65535 } },
}

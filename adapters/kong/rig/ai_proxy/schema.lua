-- The part of ai-proxy's config that kong.yml uses.

local auth = {
  type = "record",
  fields = { { header_name = { type = "string" } }, { header_value = { type = "string", referenceable = true } } },
}
local model = {
  type = "record",
  fields = {
    { provider = { type = "string", required = true, one_of = { "openai" } } },
    { name = { type = "string" } },
  },
}

return {
  fields = {
    { config = {
        type = "record",
        fields = {
          { route_type = { type = "string", required = true, one_of = { "llm/v1/chat" } } },
          { max_request_body_size = { type = "integer", default = 8192 } },
          { auth = auth },
          { model = model },
        },
    } },
  },
}

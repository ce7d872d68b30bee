local typedefs = require "kong.db.schema.typedefs"

-- Where the targets of one of Signalbox's upstreams are reached from here.
local upstream = {
  type = "record",
  fields = {
    { name = { description = "Name of the upstream in Signalbox's config.", type = "string", required = true } },
    { upstream = { description = "Kong Upstream that serves it.", type = "string" } },
    { host = typedefs.host },
    { port = typedefs.port },
    { scheme = { type = "string", one_of = { "http", "https" } } },
    { path = { description = "Path to send to instead of the service's own.", type = "string", starts_with = "/" } },
    { header_name = { description = "Header of its credential.", type = "string", default = "authorization" } },
    { header_value = {
        description = "Its credential, such as Bearer KEY.",
        type = "string",
        encrypted = true,
        referenceable = true,
    } },
  },
  entity_checks = {
    { only_one_of = { "upstream", "host" } },
    { mutually_required = { "host", "port" } },
  },
}

return {
  name = "signalbox",
  fields = {
    { consumer = typedefs.no_consumer },
    { protocols = typedefs.protocols_http },
    { config = {
        type = "record",
        fields = {
          { url = typedefs.url({ required = true }) },
          { key = {
              description = "Client key of this gateway, where Signalbox asks for one.",
              type = "string",
              encrypted = true,
              referenceable = true,
          } },
          { tls_verify = { type = "boolean", required = true, default = true } },
          { tls_server_name = {
              description = "Name in Signalbox's certificate, where the URL has another.",
              type = "string",
          } },
          { timeout_ms = {
              description = "Longest wait for a decision, from connecting to the last byte.",
              type = "integer",
              required = true,
              default = 500,
              between = { 1, 60000 },
          } },
          { on_error = {
              description = "What becomes of a request that Signalbox could not decide.",
              type = "string",
              required = true,
              default = "pass",
              one_of = { "pass", "refuse" },
          } },
          { on_unread = {
              description = "What becomes of a request whose body cannot be shown to Signalbox.",
              type = "string",
              required = true,
              default = "pass",
              one_of = { "pass", "refuse" },
          } },
          { default_model = {
              description = "Name that takes the place of auto in a request that passes undecided.",
              type = "string",
              match = "^[%w%._:/@-]+$",
              len_max = 256,
          } },
          { api = {
              description = "API of the bodies; auto: told by the path.",
              type = "string",
              required = true,
              default = "auto",
              one_of = { "auto", "openai-chat", "openai-responses", "anthropic-messages", "gemini" },
          } },
          { max_body_bytes = { type = "integer", required = true, default = 10485760, between = { 1, 67108864 } } },
          { profile = { description = "Profile of Signalbox's config.", type = "string" } },
          { tenant = { description = "Tenant of every request.", type = "string" } },
          { tenant_of_consumer = {
              description = "The authenticated consumer's custom_id, or username, is the tenant.",
              type = "boolean",
              required = true,
              default = false,
          } },
          { client_key_header = {
              description = "Header that holds the client's key to Signalbox, which is passed on.",
              type = "string",
          } },
          { headers = {
              description = "Headers that Signalbox's rules match.",
              type = "array",
              required = true,
              default = {},
              elements = { type = "string" },
              len_max = 100,
          } },
          { routing_header = {
              description = "Header with the chosen model; as server.routing_header of Signalbox's config.",
              type = "string",
              required = true,
              default = "x-selected-model",
          } },
          { upstreams = { type = "array", required = true, default = {}, elements = upstream, len_max = 200 } },
          { response_headers = { type = "boolean", required = true, default = true } },
          { report = {
              description = "Tell Signalbox what became of its decisions.",
              type = "boolean",
              required = true,
              default = true,
          } },
          { cache = {
              description = "Give out answers that Signalbox has in its cache, and bring it those that it would keep.",
              type = "boolean",
              required = true,
              default = true,
          } },
          { max_cached_bytes = {
              description = "Longest answer that is brought to the cache.",
              type = "integer",
              required = true,
              default = 1048576,
              between = { 1, 4194304 },
          } },
          { keepalive_pool = { type = "integer", required = true, default = 64, between = { 1, 1024 } } },
          { keepalive_ms = { type = "integer", required = true, default = 60000, between = { 1, 3600000 } } },
        },
    } },
  },
}

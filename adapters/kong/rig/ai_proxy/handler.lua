-- What the bundled ai-proxy does with a chat, as far as it matters to a plugin that stands before it: it reads the
-- body again, takes the model from there unless it is configured, holds a request to the configured one, writes the
-- body anew, and brings its own path and credential. And with its answer: of a whole one it sends its own copy, which
-- it has from Kong's buffered proxying, whatever plugins before it did to what passes; of a stream it drops what comes
-- with the end.

local cjson = require "cjson.safe"

local AiProxy = { PRIORITY = 770 }

function AiProxy:access(conf)
  local body = kong.request.get_body("application/json", nil, conf.max_request_body_size)
  if type(body) ~= "table" then
    return kong.response.exit(400, cjson.encode({ error = { message = "bad JSON" } }))
  end
  local model = conf.model.name or body.model
  if body.model ~= model then
    return kong.response.exit(400, cjson.encode({ error = { message = "the model is configured" } }))
  end
  kong.service.request.set_path("/v1/chat/completions")
  kong.service.request.set_header(conf.auth.header_name, conf.auth.header_value)
  kong.service.request.set_raw_body(cjson.encode(body))
end

function AiProxy:header_filter()
  kong.ctx.plugin.is_stream = (kong.response.get_header("content-type") or ""):find("text/event-stream", 1, true) ~= nil
end

function AiProxy:body_filter()
  local ctx = kong.ctx.plugin
  if ctx.is_stream then
    ngx.arg[1] = not ngx.arg[2] and ngx.arg[1] or ""
    return
  end
  ctx.copy = (ctx.copy or "") .. (ngx.ctx.came or "")
  ngx.arg[1] = ngx.arg[2] and ctx.copy or ""
end

return AiProxy

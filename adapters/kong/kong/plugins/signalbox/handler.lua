local answer = require "kong.plugins.signalbox.answer"
local cache = require "kong.plugins.signalbox.cache"
local decide = require "kong.plugins.signalbox.decide"
local guard = require "kong.plugins.signalbox.guard"
local outcomes = require "kong.plugins.signalbox.outcomes"
local restoring = require "kong.plugins.signalbox.restoring"

-- Behind whatever says who asks, before ai-proxy (770) and the plugins that change its prompts.
local Signalbox = { VERSION = "0.1.0", PRIORITY = 778 }

local NGINX_CLIENT_LEFT = 499
-- Kind of the target that is Signalbox's own answering door, which has put values back and remembers for itself.
local OURSELVES = "signalbox"

-- The model's name in a path of Gemini's API.
local function name_in_path(model)
  local path = ngx.var.upstream_uri:gsub("?.*$", "")
  local head, tail = path:match("^(.*/models/)[^/:]+(:%a+)$")
  if head then
    kong.service.request.set_path(ngx.unescape_uri(head) .. model .. tail)
  end
end

local function go_to(place)
  if place.upstream then
    local ok = kong.service.set_upstream(place.upstream)
    if not ok then
      kong.log.err("there is no Kong Upstream ", place.upstream, "; the request goes to its service")
    end
  elseif place.host then
    kong.service.set_target(place.host, place.port)
  end
  if place.scheme then
    kong.service.request.set_scheme(place.scheme)
  end
  if place.path then
    kong.service.request.set_path(place.path)
  end
  if place.header_value then
    kong.service.request.set_header(place.header_name, place.header_value)
  end
end

local function change(verdict)
  for _, name in ipairs(verdict.remove or {}) do
    kong.service.request.clear_header(name)
  end
  for _, header in ipairs(verdict.set or {}) do
    kong.service.request.set_header(header.name, header.value)
  end
  if verdict.body then
    kong.service.request.set_raw_body(verdict.body)
  end
  if verdict.place then
    go_to(verdict.place)
  end
  if verdict.path_model then
    name_in_path(verdict.path_model)
  end
end

local function remember(ctx, verdict)
  ctx.error = verdict.error
  ctx.plan = verdict.plan
  ctx.target = verdict.target
  ctx.api = verdict.api
  ctx.whose = verdict.whose
  local plan = verdict.plan
  if plan then
    kong.log.set_serialize_value("signalbox", {
      decision_id = plan.decisionId,
      model = plan.model,
      tier = plan.tier,
      route = plan.route,
      reason = plan.reason,
      cache = plan.cached and plan.cached.kind,
    })
  end
end

function Signalbox:access(conf)
  local conversation = guard.strip(conf.routing_header)
  local ok, verdict = pcall(decide.decide, conf, conversation)
  if not ok then
    kong.log.err("no decision: ", verdict)
    verdict = decide.undecided(conf, nil, "internal")
  elseif verdict.error and verdict.error ~= "unread" then
    kong.log.warn("no decision: ", verdict.error)
  end
  local ctx = kong.ctx.plugin
  remember(ctx, verdict)
  local exit = verdict.refuse or verdict.answer
  if exit then
    return kong.response.exit(exit.status, exit.body, exit.headers)
  end
  change(verdict)
  if ctx.target then
    -- A compressed answer could not be read. Who asks for nothing may get anything, so where it must be read, we ask.
    if verdict.matcher then
      kong.ctx.shared.signalbox = verdict.matcher
      kong.service.request.set_header("accept-encoding", "identity")
    else
      kong.service.request.clear_header("accept-encoding")
    end
    ngx.update_time()
    ctx.sent_at = ngx.now()
  end
end

local function told_headers(ctx)
  local plan = ctx.plan or {}
  local told = {
    ["x-signalbox-decision-id"] = plan.decisionId,
    ["x-signalbox-model"] = plan.model,
    ["x-signalbox-tier"] = plan.tier,
    ["x-signalbox-route"] = plan.route,
    ["x-signalbox-confidence"] = plan.confidence and ("%.3f"):format(plan.confidence),
    ["x-signalbox-reason"] = plan.reason,
    ["x-signalbox-error"] = ctx.error,
  }
  for name, value in pairs(cache.headers(plan)) do
    told[name] = value
  end
  return told
end

-- Whoever wrote the name of a model that passes may have written anything.
local function fits(value)
  return type(value) == "string" and #value <= 256 and value:find("^[\33-\126][\32-\126]*$") ~= nil
end

-- What the answer's bytes go through: functions that take bytes and whether they are the last, and return the bytes
-- that go on. Those that change them stand behind those that read what the upstream wrote.
local function stages_of(conf, ctx)
  local stages = {}
  local is_ours = ctx.target.kind == OURSELVES
  if kong.response.get_status() < 300 and not restoring.is_coded() then
    local kind = kong.response.get_header("content-type")
    ctx.heard, stages[1] = answer.listen(ctx.api, kind, ngx.now)
    if ctx.heard and ctx.plan.cacheable and conf.cache and not is_ours then
      stages[2], ctx.held = cache.hold(conf.max_cached_bytes)
      ctx.is_stream = kind:lower():find("text/event-stream", 1, true) ~= nil
    end
  end
  -- A plugin behind us may have taken this upon itself.
  local matcher = not is_ours and kong.ctx.shared.signalbox
  stages[#stages + 1] = matcher and restoring.stage(matcher) or nil
  return stages
end

function Signalbox:header_filter(conf)
  local ctx = kong.ctx.plugin
  if conf.response_headers then
    for name, value in pairs(told_headers(ctx)) do
      if fits(value) then
        kong.response.set_header(name, value)
      end
    end
  end
  if ctx.target and kong.response.get_source() == "service" then
    ctx.stages = stages_of(conf, ctx)
  end
end

function Signalbox:body_filter()
  local ctx = kong.ctx.plugin
  local bytes, last = ngx.arg[1] or "", ngx.arg[2]
  for _, stage in ipairs(ctx.stages or {}) do
    bytes = stage(bytes, last)
  end
  if bytes ~= (ngx.arg[1] or "") then
    ngx.arg[1] = bytes
  end
  if last then
    ctx.ended_at = ngx.now()
  end
end

local function ms_since(start, now)
  return now and math.max(0, (now - start) * 1000) or nil
end

-- ReportOutcome's message; nil where nobody can tell how the target fared.
local function outcome_of(ctx)
  local source = kong.response.get_source()
  if source == "exit" or ngx.status == NGINX_CLIENT_LEFT then
    return nil
  end
  local heard = ctx.heard or {}
  local message = {
    decisionId = ctx.plan.decisionId,
    targetId = ctx.target.id,
    clientKey = ctx.whose.clientKey,
    tenant = ctx.whose.tenant,
  }
  if source ~= "service" then
    message.status = 0
    return message
  end
  -- It broke off, and Kong does not tell which side of it did.
  if not ctx.ended_at and not heard.finish then
    return nil
  end
  message.status = kong.service.response.get_status()
  message.usage = heard.usage
  message.finish = heard.finish and heard.finish:sub(1, 64)
  message.ttftMs = ms_since(ctx.sent_at, heard.spoke_at)
  message.latencyMs = ms_since(ctx.sent_at, ctx.ended_at or ngx.now())
  return message
end

-- StoreAnswer's message; nil for an answer that is not whole, or that its API does not know: a plugin behind us may ask
-- a server in the words of another.
local function kept_of(ctx)
  local is_whole = ctx.held and ctx.ended_at and ctx.heard.finish
  local body = is_whole and kong.service.response.get_status() == 200 and ctx.held()
  return body and {
    decisionId = ctx.plan.decisionId,
    clientKey = ctx.whose.clientKey,
    tenant = ctx.whose.tenant,
    body = body,
    stream = ctx.is_stream or nil,
  }
end

function Signalbox:log(conf)
  local ctx = kong.ctx.plugin
  local kept = kept_of(ctx)
  if kept then
    cache.keep(conf, kept)
  end
  local message = conf.report and ctx.target and outcome_of(ctx)
  if message then
    outcomes.tell(conf, message)
  end
end

return Signalbox

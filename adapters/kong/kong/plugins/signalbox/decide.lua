-- From a request to what becomes of it. Reads the request and asks Signalbox; changes nothing.

local cache = require "kong.plugins.signalbox.cache"
local edits = require "kong.plugins.signalbox.edits"
local placeholders = require "kong.plugins.signalbox.placeholders"
local refusal = require "kong.plugins.signalbox.refusal"
local request = require "kong.plugins.signalbox.request"
local signalbox = require "kong.plugins.signalbox.signalbox"

local _M = {}

local function refusing(status, code, body, retry_after)
  local headers = {
    ["content-type"] = "application/json",
    ["x-signalbox-error"] = code,
    ["retry-after"] = retry_after,
  }
  return { status = status, body = body, headers = headers }
end

local function refuse(api, error)
  return { refuse = refusing(error.status, error.code, refusal.body(api, error), error.retry_after) }
end

-- As the config wants it where nothing could be decided. `why` is a code; `asked` is nil where even that failed.
function _M.undecided(conf, asked, why)
  local api = asked and asked.api or request.api(conf) or "openai-chat"
  if conf.on_error == "refuse" then
    return refuse(api, {
      status = 503,
      code = "unavailable",
      message = "No decision could be made on this request; try again.",
      rpc = "unavailable",
      retry_after = "1",
    })
  end
  local verdict = { error = why }
  if asked and conf.default_model then
    verdict.body = edits.name_default(asked.body, conf.default_model)
    local named = asked.model == "auto" or (asked.model or ""):sub(1, 5) == "auto:"
    verdict.path_model = named and conf.default_model or nil
    verdict.set = { { name = conf.routing_header, value = conf.default_model } }
  end
  return verdict
end

local function place_of(conf, target)
  if #conf.upstreams == 0 or not target then
    return nil
  end
  for _, place in ipairs(conf.upstreams) do
    if place.name == target.upstream then
      return place
    end
  end
  return nil, "unknown_upstream"
end

local function follow(conf, asked, plan)
  local blocked = plan.blocked
  if blocked then
    return { plan = plan, refuse = refusing(blocked.status, blocked.code, blocked.body) }
  end
  local matcher = placeholders.matcher(plan.placeholders or {})
  if plan.cached then
    local answer = cache.answer(plan.cached, matcher)
    return answer and { plan = plan, answer = answer } or _M.undecided(conf, asked, "unreadable")
  end
  -- Without one: a model that Signalbox does not know goes wherever it would have gone.
  local target = (plan.targets or {})[1]
  local place, lacking = place_of(conf, target)
  local body, misfit = edits.apply(asked.body, target and target.edits or {})
  if lacking or misfit then
    return _M.undecided(conf, asked, lacking or "unreadable")
  end
  return {
    plan = plan,
    target = target,
    matcher = matcher,
    place = place,
    api = asked.api,
    body = body,
    path_model = asked.model and target and target.upstreamModel or nil,
    set = plan.setHeaders or {},
    remove = plan.removeHeaders or {},
  }
end

-- Returns a verdict: `refuse` or `answer` (status, body, headers), or else how the request goes on: `body`,
-- `path_model`, headers to `set` and `remove`, the `place` that it goes to; nil where it stays as it is. Beside it,
-- where it was decided, `plan`, `target`, `api`, `whose` (client key, tenant) and, where the answer may hold
-- placeholders, `matcher`; and where it should have been, `error`: a code.
-- `conversation` is the client's name for its conversation.
function _M.decide(conf, conversation)
  local asked, unread = request.read(conf)
  if unread and conf.on_unread == "refuse" then
    return refuse(request.api(conf), unread)
  elseif not asked then
    return { error = unread and "unread" }
  end
  local message = request.message(conf, asked, conversation)
  local plan, refused, why = signalbox.route(conf, message)
  if plan then
    local verdict = follow(conf, asked, plan)
    verdict.whose = { clientKey = message.clientKey, tenant = message.tenant }
    return verdict
  elseif refused then
    return refuse(asked.api, refused)
  end
  return _M.undecided(conf, asked, why)
end

return _M

-- Errors in the words of the client's API.

local cjson = require "cjson.safe"

local _M = {}

local OPENAI_TYPES = { [401] = "authentication_error", [403] = "permission_error", [429] = "rate_limit_error" }
local ANTHROPIC_TYPES = {
  [401] = "authentication_error",
  [403] = "permission_error",
  [404] = "not_found_error",
  [413] = "request_too_large",
  [429] = "rate_limit_error",
  [503] = "overloaded_error",
}

local function type_of(types, status)
  return types[status] or (status < 500 and "invalid_request_error" or "api_error")
end

local function openai(error)
  local kind = error.code == "over_budget" and "insufficient_quota" or type_of(OPENAI_TYPES, error.status)
  return {
    error = { message = error.message, type = kind, param = error.param or cjson.null, code = error.code },
  }
end

local FORMS = {
  ["openai-chat"] = openai,
  ["openai-responses"] = openai,
  ["anthropic-messages"] = function(error)
    return { type = "error", error = { type = type_of(ANTHROPIC_TYPES, error.status), message = error.message } }
  end,
  gemini = function(error)
    return { error = { code = error.status, message = error.message, status = (error.rpc or "unknown"):upper() } }
  end,
}

-- `error`: status, code (Signalbox's), message, and where known param, rpc (its name), retry_after.
function _M.body(api, error)
  return cjson.encode(FORMS[api](error))
end

return _M

local cjson = require "cjson.safe"
local refusal = require "kong.plugins.signalbox.refusal"

local BUDGET = { status = 429, code = "over_budget", message = "No money.", rpc = "resource_exhausted" }

describe("an error", function()
  it("is told in the words of the client's API", function()
    assert.same({
      error = { message = "No money.", type = "insufficient_quota", param = cjson.null, code = "over_budget" },
    }, cjson.decode(refusal.body("openai-chat", BUDGET)))
    assert.same({
      type = "error",
      error = { type = "rate_limit_error", message = "No money." },
    }, cjson.decode(refusal.body("anthropic-messages", BUDGET)))
    assert.same({
      error = { code = 429, message = "No money.", status = "RESOURCE_EXHAUSTED" },
    }, cjson.decode(refusal.body("gemini", BUDGET)))
  end)
end)

-- Time and wire are stood in for; nothing of ours is.

describe("outcomes", function()
  local timers, connects

  before_each(function()
    timers, connects = {}, 0
    local clock = 0
    _G.kong = { log = { debug = function() end, warn = function() end } }
    _G.ngx.now = function()
      return clock
    end
    _G.ngx.timer = {
      at = function(_, callback)
        timers[#timers + 1] = callback
        return true
      end,
    }
    _G.ngx.socket = {
      tcp = function()
        return {
          settimeouts = function() end,
          close = function() end,
          connect = function()
            connects = connects + 1
            return nil, "connection refused"
          end,
        }
      end,
    }
    package.loaded["kong.plugins.signalbox.outcomes"] = nil
  end)

  local function tell(count)
    local outcomes = require "kong.plugins.signalbox.outcomes"
    local conf = { url = "http://signalbox:8080", keepalive_ms = 1000, keepalive_pool = 1, tls_verify = true }
    for _ = 1, count do
      outcomes.tell(conf, { decisionId = "d" })
    end
  end

  it("wait for a few senders, and those beyond two thousand are dropped", function()
    tell(3000)
    assert.equal(4, #timers)
    assert.equal(0, connects)
    for _, send in ipairs(timers) do
      send(false)
    end
    assert.equal(2000, connects)
    tell(1)
    assert.equal(5, #timers)
  end)

  it("are forgotten where the worker ends", function()
    tell(1)
    timers[1](true)
    assert.equal(0, connects)
  end)
end)

local plugin = require "kong.plugins.signalbox.schema"
local schema = require "schema"

local function read(config)
  config.url = config.url or "http://signalbox:8080"
  return schema.read(plugin, config)
end

describe("the config", function()
  it("needs a URL and has defaults for the rest", function()
    local config = read({})
    assert.equal("pass", config.on_error)
    assert.equal("pass", config.on_unread)
    assert.equal(500, config.timeout_ms)
    assert.equal(10485760, config.max_body_bytes)
    assert.equal("x-selected-model", config.routing_header)
    assert.is_true(config.tls_verify)
    assert.same({}, config.upstreams)
    assert.has_error(function()
      schema.read(plugin, {})
    end, "config.url: required field missing")
  end)

  it("is refused with the name of the field that is wrong", function()
    for field, value in pairs({
      on_error = "open",
      timeout_ms = 0,
      api = "chat",
      default_model = 'a"b',
      url = "signalbox:8080",
      retries = 3,
    }) do
      local ok, message = pcall(read, { [field] = value })
      assert.is_false(ok)
      assert.truthy(message:find("config." .. field, 1, true))
    end
  end)

  it("leads each upstream to one place", function()
    assert.equal(
      "authorization",
      read({ upstreams = { { name = "a", host = "h", port = 80 } } }).upstreams[1].header_name
    )
    local wrong = { { name = "a" }, { name = "a", upstream = "u", host = "h", port = 1 }, { name = "a", host = "h" } }
    for _, place in ipairs(wrong) do
      assert.has_error(function()
        read({ upstreams = { place } })
      end)
    end
  end)

  it("takes secrets from a vault, and every secret may come from one", function()
    local secrets = {}
    local function walk(fields)
      for _, entry in ipairs(fields) do
        local name, field = next(entry)
        if field.encrypted or field.referenceable then
          secrets[#secrets + 1] = name
          assert.is_true(field.encrypted and field.referenceable)
        end
        walk(field.fields or field.elements and field.elements.fields or {})
      end
    end
    walk(plugin.fields)
    assert.same({ "key", "header_value" }, secrets)
  end)
end)

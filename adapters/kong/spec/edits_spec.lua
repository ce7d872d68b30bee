local edits = require "kong.plugins.signalbox.edits"

describe("edits", function()
  it("replace bytes where they say, and nothing else", function()
    local body = '{"model":"auto","n":1.0,"text":"\195\169\\u00e9"}'
    assert.equal(
      '{"model":"small-v1","n":1.0,"text":"\195\169\\u00e9"}',
      edits.apply(body, { { offset = 9, length = 6, bytes = "InNtYWxsLXYxIg==" } })
    )
  end)

  it("may insert at the very beginning, remove, and append: fields that are zero are left out", function()
    assert.equal("abc", edits.apply("b", { { bytes = "YQ==" }, { offset = 1, bytes = "Yw==" } }))
    assert.equal("ad", edits.apply("abcd", { { offset = 1, length = 2 } }))
    assert.equal("abcd", edits.apply("abcd", {}))
  end)

  it("that overlap, lie outside or are no base64 are refused", function()
    assert.is_nil(edits.apply("abcd", { { offset = 2, length = 3 } }))
    assert.is_nil(edits.apply("abcd", { { offset = 1, length = 2 }, { offset = 2, length = 1 } }))
    assert.is_nil(edits.apply("abcd", { { offset = 1, bytes = "?" } }))
  end)
end)

describe("the default model", function()
  local function named(body)
    return edits.name_default(body, "small")
  end

  it("takes the place of auto and of its profiles", function()
    assert.equal('{"model":"small"}', named('{"model":"auto"}'))
    assert.equal('{ "a": [1], "model" :\n "small" }', named('{ "a": [1], "model" :\n "auto:cheap" }'))
    assert.equal('{"model":"small","model":"small"}', named('{"model":"auto","model":"auto"}'))
  end)

  it("leaves other names, deeper ones and texts that look like one", function()
    for _, body in ipairs({
      '{"model":"gpt-5"}',
      '{"model":"automatic"}',
      '{"model":{"model":"auto"}}',
      '{"tools":[{"model":"auto"}]}',
      '{"text":"\\"model\\":\\"auto\\"","a":"}{"}',
      '{"text":"model","x":"auto"}',
      '["model","auto"]',
    }) do
      assert.equal(body, named(body))
    end
  end)

  it("leaves whatever is no JSON", function()
    for _, body in ipairs({ "", '"', '{"model":"au', '{"model', "}}}", '{"model":"auto\\' }) do
      assert.equal(body, named(body))
    end
  end)
end)

local cjson = require "cjson.safe"
local json = require "kong.plugins.signalbox.json"
local restore = require "kong.plugins.signalbox.restore"
local personal = require "spec.personal"

local ADDRESS, PLAIN, QUOTED, whole = personal.ADDRESS, personal.PLAIN, personal.QUOTED, personal.whole

describe("a whole answer", function()
  for text, restored in pairs({
    ["<EMAIL_1>"] = "ada@mail.dev",
    ["<EMAIL_10>0<EMAIL_1>"] = "bob@mail.dev0ada@mail.dev",
    ["<email_1> <Email_1> <us_ssn_1>"] = "ada@mail.dev ada@mail.dev 078-05-1120",
    ["< EMAIL_1 > <EMAIL 1> <EMAIL-1> <EMAIL1> <US SSN 1>"] =
      "ada@mail.dev ada@mail.dev ada@mail.dev ada@mail.dev 078-05-1120",
    ["&lt;EMAIL_1&gt; ＜EMAIL_1＞"] = "ada@mail.dev ada@mail.dev",
    ["**<EMAIL_1>** `<EMAIL_1>` [<EMAIL_1>](mailto:<EMAIL_1>)"] =
      "**ada@mail.dev** `ada@mail.dev` [ada@mail.dev](mailto:ada@mail.dev)",
    ["\\<EMAIL\\_1\\> <US\\_SSN\\_1>"] = "ada@mail.dev 078-05-1120",
    ["\\u003cEMAIL_1\\u003e"] = "ada@mail.dev",
    ["C:\\<EMAIL_1> and \\\\<EMAIL_1>"] = "C:\\ada@mail.dev and \\\\ada@mail.dev",
    ["<<EMAIL_1>>"] = "<ada@mail.dev>",
  }) do
    it("has the value where a model wrote " .. text, function()
      assert.equal(restored, whole(text))
    end)
  end

  for _, text in ipairs({
    "EMAIL_1",
    "<EMAIL_2> <EMAIL_100> <EMAIL> <EMAIL_> <EMAIL_01>",
    "<EMAIL_1",
    "<XEMAIL_1> <EMAIL_1x> <EMAIL_1 2> <EMAIL_1 0> <E MAIL_1>",
    "a < b && c > d, <div class='EMAIL_1'>",
    "<EMAIL_    1>",
    "[EMAIL_1]",
    "ｆｕｌｌ，ｗｉｄｔｈ",
  }) do
    it("keeps what is no placeholder, or not for sure: " .. text, function()
      assert.equal(text, whole(text))
    end)
  end

  it("keeps every string that holds none as it is written, and comes back whole where it is no JSON", function()
    local body = [[{ "a" : "\u00e9 \u003cEMAIL_1\u003e \/", "\/\ud83d":"\ud83d", "<EMAIL_1>":[1.0e3,-1,true,null] }]]
    assert.equal(
      '{ "a" : "\195\169 ada@mail.dev /", "\\/\\ud83d":"\\ud83d", "ada@mail.dev":[1.0e3,-1,true,null] }',
      restore.whole(PLAIN, body)
    )
    for _, broken in ipairs({
      '{"a": "<EMAIL_1>"',
      "<EMAIL_1>",
      '{"a": <EMAIL_1>}',
      '{"<EMAIL_1>"}',
      '["<EMAIL_1>",]',
      '{"a":"<EMAIL_1>"} x',
      '"<EMAIL_1>\\',
      ("["):rep(100000) .. '"<EMAIL_1>"',
      "",
    }) do
      assert.equal(broken, restore.whole(PLAIN, broken))
    end
  end)

  it("keeps characters of any kind beside a value, halves of pairs too", function()
    local body = [["\ud83d\ude00 \ud83d <EMAIL_1> \u0000\u001f\t\"\\\u2028\u00e9"]]
    local text = json.unescape(restore.whole(PLAIN, body):sub(2, -2))
    assert.equal(
      "\240\159\152\128 \237\160\189 ada@mail.dev \0\31\t\"\\\226\128\168\195\169",
      text
    )
    assert.truthy(restore.whole(PLAIN, body):find("\\ud83d ada", 1, true))
  end)

  it("has values escaped as deep as they stand in JSON inside of text", function()
    local nested = cjson.encode({ a = "<ADDRESS_1>", b = cjson.encode({ c = { "x <ADDRESS_1>" } }) })
    local told = cjson.decode(whole(nested, QUOTED))
    assert.equal(ADDRESS, told.a)
    assert.same({ c = { "x " .. ADDRESS } }, cjson.decode(told.b))
    assert.equal('[note] "' .. ADDRESS .. '"', whole('[note] "<ADDRESS_1>"', QUOTED))
    assert.equal("{x} " .. ADDRESS, whole("{x} <ADDRESS_1>", QUOTED))
  end)

  it("that is a list of pieces, as Gemini streams without events, is restored piece by piece", function()
    assert.equal(
      '[{"text":"ada@mail.dev <EMA"},{"text":"IL_1>"}]',
      restore.whole(PLAIN, '[{"text":"<EMAIL_1> <EMA"},{"text":"IL_1>"}]')
    )
  end)

  it("is held until it is whole, and passes as it comes once it is longer than any answer", function()
    local push = restore.stage(PLAIN)
    assert.equal("", push('{"a":"<EMA', false))
    assert.equal('{"a":"ada@mail.dev"}', push('IL_1>"}', true))
    push = restore.stage(PLAIN)
    local piece = ("x"):rep(4194304)
    assert.equal("", push('{"a":"<EMAIL_1>' .. piece, false))
    push(piece, false)
    push(piece, false)
    assert.equal('{"a":"<EMAIL_1>', push(piece, false):sub(1, 15))
    assert.equal('<EMAIL_1>"}', push('<EMAIL_1>"}', true))
  end)
end)

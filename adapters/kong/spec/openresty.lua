-- What the plugin's pure parts need of OpenResty, where there is none.

package.preload["kong.db.schema.typedefs"] = function()
  return require "typedefs"
end

local DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function decode_base64(text)
  if #text % 4 ~= 0 or text:find("[^%w+/=]") then
    return nil
  end
  local bytes = text:gsub("(.)(.)(.)(.)", function(...)
    local number, padding = 0, 0
    for _, char in ipairs({ ... }) do
      local at = DIGITS:find(char, 1, true)
      padding = padding + (at and 0 or 1)
      number = number * 64 + (at or 1) - 1
    end
    local three = string.char(math.floor(number / 65536), math.floor(number / 256) % 256, number % 256)
    return three:sub(1, 3 - padding)
  end)
  return bytes
end

_G.ngx = { null = {}, decode_base64 = decode_base64 }

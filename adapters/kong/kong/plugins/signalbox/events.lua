-- Server-sent events out of bytes that were cut anywhere.

local _M = {}

local BOM = "\239\187\191"

-- Returns a function that takes bytes and calls `seen(data, name)` for each event that they end. An event of more than
-- `max` bytes is left out.
function _M.reader(max, seen)
  local pieces, size, is_first, after_cr = {}, 0, true, false
  local data, name, held, too_long = {}, nil, 0, false

  local function dispatch()
    if #data > 0 and not too_long then
      seen(table.concat(data, "\n"), name)
    end
    data, name, held, too_long = {}, nil, 0, false
  end

  local function take(line)
    if line == "" then
      return dispatch()
    end
    local field, value = line:match("^([^:]*): ?(.*)$")
    if field == "data" then
      held = held + #value
      too_long = too_long or held > max
      data[#data + 1] = not too_long and value or nil
    elseif field == "event" then
      name = value
    end
  end

  local function end_line()
    local line = table.concat(pieces)
    if is_first then
      is_first = false
      line = line:sub(1, 3) == BOM and line:sub(4) or line
    end
    pieces, size = {}, 0
    take(line)
  end

  local function hold(piece)
    size = size + #piece
    if size <= max then
      pieces[#pieces + 1] = piece
    else
      too_long = true
      -- Something must stay: this line is not blank.
      pieces = { ":" }
    end
  end

  return function(bytes)
    local at = 1
    if after_cr and bytes ~= "" then
      after_cr = false
      at = bytes:byte(1) == 10 and 2 or 1
    end
    while at <= #bytes do
      local stop = bytes:find("[\r\n]", at)
      if not stop then
        return hold(bytes:sub(at))
      end
      hold(bytes:sub(at, stop - 1))
      end_line()
      at = stop + 1
      if bytes:byte(stop) == 13 then
        if at > #bytes then
          after_cr = true
        elseif bytes:byte(at) == 10 then
          at = at + 1
        end
      end
    end
  end
end

return _M

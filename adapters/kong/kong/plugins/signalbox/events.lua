-- Server-sent events out of bytes that were cut anywhere.

local _M = {}

local BOM = "\239\187\191"

-- Returns a function that takes bytes, and one that tells their end. For each event `seen(bytes, is_whole)` is called
-- with its exact bytes, the blank line that ends it included; what stands between events is an event without data. One
-- of more than `max` bytes is shown piece by piece, and none of them is whole.
function _M.split(max, seen)
  local pieces, size = {}, 0
  local is_blank, after_cr, is_long = true, false, false

  local function show(piece, is_end)
    pieces[#pieces + 1] = piece
    size = size + #piece
    is_long = is_long or size > max
    if is_long or is_end then
      local bytes = table.concat(pieces)
      pieces, size = {}, 0
      if bytes ~= "" then
        seen(bytes, not is_long)
      end
    end
    is_long = is_long and not is_end
  end

  local function push(bytes)
    local from, at = 1, 1
    if after_cr and bytes ~= "" then
      after_cr = false
      at = bytes:byte(1) == 10 and 2 or 1
    end
    while at <= #bytes do
      local stop = bytes:find("[\r\n]", at)
      if not stop then
        is_blank = false
        break
      end
      local is_end = is_blank and stop == at
      at = stop + 1
      if bytes:byte(stop) == 13 then
        after_cr = at > #bytes
        at = bytes:byte(at) == 10 and at + 1 or at
      end
      is_blank = true
      if is_end then
        show(bytes:sub(from, at - 1), true)
        from = at
      end
    end
    if from <= #bytes then
      show(bytes:sub(from), false)
    end
  end

  return push, function()
    show("", true)
  end
end

-- Of an event's bytes: its data, or nil; its name, or nil; and where the data stands, if on one line.
function _M.read(bytes)
  local data, name, from, to = {}, nil, nil, nil
  local at = bytes:sub(1, 3) == BOM and 4 or 1
  while at <= #bytes do
    local stop = bytes:find("[\r\n]", at) or #bytes + 1
    local field, colon, value_at = bytes:sub(at, stop - 1):match("^([^:]*)(:?) ?()")
    local value = bytes:sub(at + value_at - 1, stop - 1)
    if field == "data" and colon == ":" then
      data[#data + 1] = value
      from, to = at + value_at - 1, stop - 1
    elseif field == "event" and colon == ":" then
      name = value
    end
    at = stop + 1
  end
  local is_one = #data == 1
  return data[1] and table.concat(data, "\n"), name, is_one and from or nil, is_one and to or nil
end

-- Returns two functions as `split` does, and calls `seen(data, name)` for each event that has data.
function _M.reader(max, seen)
  return _M.split(max, function(bytes, is_whole)
    local data, name
    if is_whole then
      data, name = _M.read(bytes)
    end
    if data then
      seen(data, name)
    end
  end)
end

return _M

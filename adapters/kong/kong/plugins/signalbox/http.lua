-- One call over HTTP/1.1 on a cosocket, from connecting to the last byte within one deadline.

local _M = {}

local MAX_HEAD = 16384
-- A cached answer may come twice, whole and as a stream.
local MAX_BODY = 8388608
local PIECE = 65536

-- A socket from the pool may have been closed by its server a moment ago.
local STALE = { ["closed"] = true, ["connection reset by peer"] = true, ["broken pipe"] = true }

local function left(call)
  local ms = math.ceil((call.deadline - ngx.now()) * 1000)
  return ms > 0 and ms or nil
end

local function wait(call)
  local ms = left(call)
  if not ms then
    return nil, "timeout"
  end
  call.sock:settimeouts(ms, ms, ms)
  return true
end

-- Where a certificate is refused before anybody had to wait, lua-resty-core may raise an error instead of telling one.
local function shake_hands(sock, server)
  local ran, session, err = pcall(sock.sslhandshake, sock, nil, server.name, server.verify)
  if not ran then
    return nil, "TLS handshake failed"
  end
  return session, err
end

local function connect(call)
  local server = call.server
  local ok, err = wait(call)
  if not ok then
    return nil, err
  end
  ok, err = call.sock:connect(server.host, server.port, { pool = server.pool, pool_size = server.pool_size })
  if not ok then
    return nil, err
  end
  call.reused = call.sock:getreusedtimes() > 0
  if server.scheme ~= "https" or call.reused then
    return true
  end
  ok, err = wait(call)
  if not ok then
    return nil, err
  end
  return shake_hands(call.sock, server)
end

local function more(call)
  local ok, err = wait(call)
  if not ok then
    return nil, err
  end
  local piece
  piece, err = call.sock:receiveany(PIECE)
  if not piece then
    return nil, err
  end
  call.heard = true
  call.held = call.held .. piece
  return true
end

-- Everything up to `mark`, without it.
local function take_until(call, mark, most)
  while true do
    local from, to = call.held:find(mark, 1, true)
    if from then
      local taken = call.held:sub(1, from - 1)
      call.held = call.held:sub(to + 1)
      return taken
    end
    if #call.held > most then
      return nil, "too long"
    end
    local ok, err = more(call)
    if not ok then
      return nil, err
    end
  end
end

local function take(call, size)
  while #call.held < size do
    local ok, err = more(call)
    if not ok then
      return nil, err
    end
  end
  local taken = call.held:sub(1, size)
  call.held = call.held:sub(size + 1)
  return taken
end

local function read_chunks(call)
  local pieces, total = {}, 0
  while true do
    local line, err = take_until(call, "\r\n", 256)
    if not line then
      return nil, err
    end
    local size = tonumber(line:match("^%x+") or "", 16)
    if not size then
      return nil, "not HTTP"
    end
    total = total + size
    if total > MAX_BODY then
      return nil, "too long"
    end
    if size == 0 then
      repeat
        line, err = take_until(call, "\r\n", MAX_HEAD)
      until not line or line == ""
      return line and table.concat(pieces), err
    end
    local piece
    piece, err = take(call, size + 2)
    if not piece then
      return nil, err
    end
    pieces[#pieces + 1] = piece:sub(1, size)
  end
end

local function read_body(call, headers)
  if (headers["transfer-encoding"] or ""):lower() == "chunked" then
    return read_chunks(call)
  end
  local size = tonumber(headers["content-length"])
  if not size then
    return nil, "not HTTP"
  end
  if size > MAX_BODY then
    return nil, "too long"
  end
  return take(call, size)
end

local function read_reply(call)
  local head, err = take_until(call, "\r\n\r\n", MAX_HEAD)
  if not head then
    return nil, err
  end
  local status = tonumber(head:match("^HTTP/1%.1 (%d%d%d)"))
  if not status then
    return nil, "not HTTP"
  end
  local headers = {}
  for name, value in head:gmatch("\r\n([^:\r\n]+):[ \t]*([^\r\n]*)") do
    headers[name:lower()] = value
  end
  local body
  body, err = read_body(call, headers)
  if not body then
    return nil, err
  end
  return { status = status, headers = headers, body = body }
end

local function head_of(server, path, key, size)
  local lines = {
    "POST " .. server.prefix .. path .. " HTTP/1.1",
    "host: " .. server.authority,
    "content-type: application/json",
    "content-length: " .. size,
  }
  if key then
    lines[#lines + 1] = "authorization: Bearer " .. key
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

local function exchange(call, path, key, body)
  local ok, err = wait(call)
  if not ok then
    return nil, err
  end
  ok, err = call.sock:send({ head_of(call.server, path, key, #body), body })
  if not ok then
    return nil, err
  end
  return read_reply(call)
end

local function attempt(server, deadline, path, key, body)
  local call = { server = server, deadline = deadline, sock = ngx.socket.tcp(), held = "", heard = false }
  local ok, err = connect(call)
  if not ok then
    call.sock:close()
    return nil, err, false
  end
  local reply
  reply, err = exchange(call, path, key, body)
  if not reply then
    call.sock:close()
    return nil, err, call.reused and not call.heard and STALE[err]
  end
  if call.held ~= "" or (reply.headers.connection or ""):lower() == "close" then
    call.sock:close()
  else
    call.sock:setkeepalive(server.keepalive_ms)
  end
  return reply
end

-- `url` such as http://signalbox:8080 or https://host/prefix.
function _M.server(url, options)
  local scheme, authority, prefix = url:match("^(https?)://([^/?#]+)([^?#]*)$")
  if not scheme then
    return nil, "not an http(s) URL"
  end
  local host, port = authority:match("^(.-):(%d+)$")
  host = host or authority
  local name = options.name or host:gsub("[%[%]]", "")
  return {
    scheme = scheme,
    authority = authority,
    host = host,
    name = name,
    port = tonumber(port) or (scheme == "https" and 443 or 80),
    prefix = prefix:gsub("/+$", ""),
    verify = options.verify,
    keepalive_ms = options.keepalive_ms,
    pool_size = options.pool_size,
    -- A connection that was not verified serves nobody who wants it to be.
    pool = table.concat({ "signalbox", scheme, authority, name, tostring(options.verify) }, "|"),
  }
end

-- Returns { status, headers (lower-case names), body }, or nil and why. Asks anew where a kept connection turns out to
-- be closed before it said anything: every method of Signalbox may be called twice.
function _M.post(server, path, key, body, timeout_ms)
  local deadline = ngx.now() + timeout_ms / 1000
  while true do
    local reply, err, stale = attempt(server, deadline, path, key, body)
    if reply or not stale then
      return reply, err
    end
  end
end

return _M

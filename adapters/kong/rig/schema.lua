-- Stands in for Kong's schema library: fills in defaults, resolves references to the environment's vault, and refuses
-- what the schema does not allow. The checks are those that the plugin's schema uses.

local _M = {}

local CHECKS = {}

function CHECKS.one_of(value, allowed)
  for _, one in ipairs(allowed) do
    if value == one then
      return true
    end
  end
  return false, "must be one of " .. table.concat(allowed, ", ")
end

function CHECKS.between(value, range)
  return value >= range[1] and value <= range[2], "must be between " .. range[1] .. " and " .. range[2]
end

function CHECKS.match(value, pattern)
  return value:find(pattern) ~= nil, "has another form"
end

function CHECKS.starts_with(value, start)
  return value:sub(1, #start) == start, "must start with " .. start
end

function CHECKS.len_max(value, most)
  return #value <= most, "is longer than " .. most
end

local TYPES = { string = "string", boolean = "boolean", integer = "number", array = "table", record = "table" }

local function read_secret(text)
  local name = text:match("^{vault://env/([%w_-]+)}$")
  if not name then
    return text
  end
  return assert(os.getenv((name:upper():gsub("-", "_"))), "no such secret: " .. name)
end

local ENTITY_CHECKS = {}

function ENTITY_CHECKS.only_one_of(record, names)
  local count = 0
  for _, name in ipairs(names) do
    count = count + (record[name] ~= nil and 1 or 0)
  end
  return count == 1, "exactly one of " .. table.concat(names, ", ") .. " must be set"
end

function ENTITY_CHECKS.mutually_required(record, names)
  local count = 0
  for _, name in ipairs(names) do
    count = count + (record[name] ~= nil and 1 or 0)
  end
  return count == 0 or count == #names, table.concat(names, ", ") .. " must be set together"
end

local read_field

local function read_record(field, value, path)
  local record, known = {}, {}
  for _, entry in ipairs(field.fields) do
    local name, inner = next(entry)
    known[name] = true
    record[name] = read_field(inner, value[name], path .. "." .. name)
  end
  for name in pairs(value) do
    if not known[name] then
      error(path .. "." .. name .. ": unknown field", 0)
    end
  end
  for _, entry in ipairs(field.entity_checks or {}) do
    local name, names = next(entry)
    local ok, message = ENTITY_CHECKS[name](record, names)
    if not ok then
      error(path .. ": " .. message, 0)
    end
  end
  return record
end

function read_field(field, value, path)
  if value == nil then
    value = field.default
  end
  if value == nil then
    if field.required then
      error(path .. ": required field missing", 0)
    end
    return nil
  end
  if type(value) ~= TYPES[field.type] or (field.type == "integer" and value % 1 ~= 0) then
    error(path .. ": expected a value of type " .. field.type, 0)
  end
  for name, check in pairs(CHECKS) do
    if field[name] ~= nil then
      local ok, message = check(value, field[name])
      if not ok then
        error(path .. ": " .. message, 0)
      end
    end
  end
  if field.type == "record" then
    return read_record(field, value, path)
  elseif field.type == "array" then
    local list = {}
    for index, element in ipairs(value) do
      list[index] = read_field(field.elements, element, path .. "." .. index)
    end
    return list
  end
  return field.referenceable and read_secret(value) or value
end

-- The config of a plugin with its defaults; an error names the field that is wrong.
function _M.read(schema, config)
  for _, entry in ipairs(schema.fields) do
    if entry.config then
      return read_record(entry.config, config or {}, "config")
    end
  end
end

return _M

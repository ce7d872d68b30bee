-- Puts the client's own values back where a plugin between writes answers anew: ai-proxy (770) keeps a copy of a whole
-- answer and sends that, so who changes it must stand behind. Takes from signalbox what it would have done itself.

local restoring = require "kong.plugins.signalbox.restoring"

local Restore = { VERSION = "0.1.0", PRIORITY = 768 }

function Restore:access()
  kong.ctx.plugin.matcher = kong.ctx.shared.signalbox
  kong.ctx.shared.signalbox = nil
end

function Restore:header_filter()
  local ctx = kong.ctx.plugin
  if ctx.matcher and kong.response.get_source() == "service" then
    ctx.stage = restoring.stage(ctx.matcher)
  end
end

function Restore:body_filter()
  local stage = kong.ctx.plugin.stage
  if stage then
    ngx.arg[1] = stage(ngx.arg[1] or "", ngx.arg[2])
  end
end

return Restore

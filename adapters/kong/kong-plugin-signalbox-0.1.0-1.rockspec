package = "kong-plugin-signalbox"
version = "0.1.0-1"
source = { url = "git+https://github.com/signalbox/signalbox", dir = "signalbox/adapters/kong" }
description = {
  summary = "Lets Signalbox choose the model that answers a request",
  license = "Apache-2.0",
}
dependencies = { "lua >= 5.1" }
build = {
  type = "builtin",
  modules = {
    ["kong.plugins.signalbox.answer"] = "kong/plugins/signalbox/answer.lua",
    ["kong.plugins.signalbox.apis"] = "kong/plugins/signalbox/apis.lua",
    ["kong.plugins.signalbox.cache"] = "kong/plugins/signalbox/cache.lua",
    ["kong.plugins.signalbox.decide"] = "kong/plugins/signalbox/decide.lua",
    ["kong.plugins.signalbox.deltas"] = "kong/plugins/signalbox/deltas.lua",
    ["kong.plugins.signalbox.depth"] = "kong/plugins/signalbox/depth.lua",
    ["kong.plugins.signalbox.edits"] = "kong/plugins/signalbox/edits.lua",
    ["kong.plugins.signalbox.events"] = "kong/plugins/signalbox/events.lua",
    ["kong.plugins.signalbox.guard"] = "kong/plugins/signalbox/guard.lua",
    ["kong.plugins.signalbox.handler"] = "kong/plugins/signalbox/handler.lua",
    ["kong.plugins.signalbox.http"] = "kong/plugins/signalbox/http.lua",
    ["kong.plugins.signalbox.json"] = "kong/plugins/signalbox/json.lua",
    ["kong.plugins.signalbox.later"] = "kong/plugins/signalbox/later.lua",
    ["kong.plugins.signalbox.outcomes"] = "kong/plugins/signalbox/outcomes.lua",
    ["kong.plugins.signalbox.placeholders"] = "kong/plugins/signalbox/placeholders.lua",
    ["kong.plugins.signalbox.refusal"] = "kong/plugins/signalbox/refusal.lua",
    ["kong.plugins.signalbox.request"] = "kong/plugins/signalbox/request.lua",
    ["kong.plugins.signalbox.restore"] = "kong/plugins/signalbox/restore.lua",
    ["kong.plugins.signalbox.restoring"] = "kong/plugins/signalbox/restoring.lua",
    ["kong.plugins.signalbox.schema"] = "kong/plugins/signalbox/schema.lua",
    ["kong.plugins.signalbox.signalbox"] = "kong/plugins/signalbox/signalbox.lua",
    ["kong.plugins.signalbox.stream"] = "kong/plugins/signalbox/stream.lua",
    ["kong.plugins.signalbox-restore.handler"] = "kong/plugins/signalbox-restore/handler.lua",
    ["kong.plugins.signalbox-restore.schema"] = "kong/plugins/signalbox-restore/schema.lua",
  },
}

std = "ngx_lua"
max_line_length = 120
globals = { "kong" }
files["spec"] = { std = "+busted", globals = { "ngx" } }
files["rig"] = { globals = { "_G" } }
self = false
exclude_files = { "*.rockspec" }

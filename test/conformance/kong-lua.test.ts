/** The plugin's own specs and its lint, as its developers run them. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ADAPTER, skip } from "./kong-rig.ts";

for (const [what, program, args] of [
  ["busted finds no spec that fails", "busted", ["--output=plainTerminal"]],
  ["luacheck finds nothing", "luacheck", ["--no-color", "--quiet", "."]],
] as const) {
  test(what, { skip }, () => {
    const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: ADAPTER, encoding: "utf8" });
    assert.equal(status, 0, `${String(error ?? "")}${stdout}${stderr}`);
  });
}

test("the rockspec lists every module, and the handler has its version", () => {
  const modules = globSync("kong/plugins/*/*.lua", { cwd: ADAPTER });
  const [rockspec] = globSync("*.rockspec", { cwd: ADAPTER });
  const listed = [...readFileSync(join(ADAPTER, rockspec!), "utf8").matchAll(/"(kong\/plugins\/\S+\.lua)"/g)];
  assert.deepEqual(new Set(listed.map(([, path]) => path)), new Set(modules));
  const { version } = /kong-plugin-signalbox-(?<version>[\d.]+)-1\.rockspec/.exec(rockspec!)!.groups!;
  assert.ok(
    readFileSync(join(ADAPTER, "kong/plugins/signalbox/handler.lua"), "utf8").includes(`VERSION = "${version}"`),
  );
});

/**
 * Routing tests of one's own, run as a CI server would: they pass; a changed config loses rows, which are named; an
 * example that stands in two routes is found with its lines.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const command = join(import.meta.dirname, "../../bin/signalbox.mjs");
const config = join(import.meta.dirname, "signalbox.yaml");
const tests = join(import.meta.dirname, "signalbox.tests.yaml");
const folder = mkdtempSync(join(tmpdir(), "signalbox-tests-"));

function signalbox(...args: readonly string[]): { code: number | null; out: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], { encoding: "utf8" });
  process.stderr.write(stderr);
  return { code: status, out: stdout };
}

/** The config with one line that is another. */
function changed(name: string, line: string, other: string): string {
  const text = readFileSync(config, "utf8");
  assert.ok(text.includes(line));
  const path = join(folder, name);
  writeFileSync(path, text.replace(line, other));
  return path;
}

try {
  // 1. The tests that stand beside the config, and a report for the CI server.
  const junit = join(folder, "report.xml");
  const own = signalbox("test", "-c", config, "--junit", junit);
  console.log(own.out);
  assert.equal(own.code, 0);
  assert.match(own.out, /9 tests: 9 passed, 0 failed/);
  assert.match(readFileSync(junit, "utf8"), /<testsuites name="signalbox" tests="9" failures="0"/);
  assert.doesNotMatch(readFileSync(junit, "utf8"), /money|password any more/, "no prompts in a report");

  // 2. Somebody sends what is like the logins elsewhere: the route access loses its rows, and the change is refused.
  const worse = changed("worse.yaml", "pin: { route: access }", "pin: { route: legal }");
  const against = signalbox("test", tests, "-c", worse, "--against", config);
  console.log(against.out);
  assert.equal(against.code, 1);
  assert.match(against.out, /route access lost 3: 3 to legal \(password, locked out, a conversation\)/);
  const allowed = signalbox("test", tests, "-c", worse, "--against", config, "--max-loss", "3");
  assert.equal(allowed.code, 0);

  // 3. The examples themselves: what they say of each other, and a text that stands in two routes.
  const sound = signalbox("routes", "check", "-c", config);
  console.log(sound.out);
  assert.equal(sound.code, 0);
  const torn = changed("torn.yaml", "- I forgot my password", "- i want my MONEY back");
  const found = signalbox("routes", "check", "-c", torn);
  assert.equal(found.code, 1);
  assert.match(
    found.out.replaceAll(/\s+/g, " "),
    /contradicts: \S+:22 "I want my money back" of refunds is also \S+:32/,
  );
  console.log(signalbox("routes", "try", "-c", config, "my bill is too high").out);
  console.log("routing-tests: all as it should be");
} finally {
  rmSync(folder, { recursive: true });
}

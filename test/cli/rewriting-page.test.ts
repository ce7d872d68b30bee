/** What docs/rewriting.md shows is what happens: its files are written, its command is run, its configs are read. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { config } from "../rig/house.ts";
import { run } from "./terminal.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/rewriting.md"), "utf8");
const home = mkdtempSync(join(tmpdir(), "signalbox-page-"));
const before = process.cwd();
process.chdir(home);
after(() => {
  process.chdir(before);
  rmSync(home, { recursive: true });
});

/** Blocks with the mark on the line before, first to last; `mark` has a group where it says something. */
function blocksOf(mark: string): readonly (readonly [said: string, text: string])[] {
  const pattern = new RegExp(`^<!-- ${mark} -->\\n\`\`\`\\w+\\n([^]*?)\\n\`\`\`$`, "gmu");
  return [...PAGE.matchAll(pattern)].map((found) => [found.length > 2 ? found[1]! : "", found.at(-1)!]);
}

for (const [name, text] of blocksOf("file: (\\S+)")) writeFileSync(join(home, name), text);

test("the page shows what its command prints", async () => {
  const [[, command]] = blocksOf("run") as [readonly [string, string]];
  const [[, shown]] = blocksOf("shows") as [readonly [string, string]];
  const [program, ...args] = command.split(" ");
  assert.equal(program, "signalbox");
  const said = await run(args);
  assert.equal(said.code, 0, said.err);
  assert.ok(said.out.includes(`\n${shown}\n`), said.out);
  assert.doesNotMatch(said.out, /ada@|4111 1/u);
});

test("the pieces of a config that the page shows are good ones", () => {
  const pieces = [...PAGE.matchAll(/^```yaml\n([^]*?)\n```$/gmu)].map(([, text]) => text!);
  assert.equal(pieces.length, 3);
  for (const piece of pieces) {
    if (piece.startsWith("upstreams:")) config(piece);
    else
      config(`
upstreams: { u: { kind: vllm, url: "http://localhost:8000/v1" } }
tiers: { all: { quality: 0.8 } }
models: { one: { tier: all, price: { input: 1, output: 1 }, targets: [{ upstream: u, model: m }] } }
${piece}`);
  }
});

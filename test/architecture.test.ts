import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";

/** Rooms from the bottom up. A file imports its own room and lower layers only; rooms of one layer never meet. */
const LAYERS: readonly (readonly string[])[] = [
  ["contracts", "errors", "gen"],
  ["events"],
  ["text", "statistics", "counted"],
  ["dialect", "storage", "outcomes"],
  ["inference"],
  ["prediction"],
  ["signals", "decision", "pool", "upstream", "ledger", "cascade", "cache", "rewrite"],
  ["evaluation", "encoders", "stores", "books"],
  ["state", "config"],
  ["compiled"],
  ["runtime"],
  ["live"],
  ["route"],
  ["answer"],
  ["backtest"],
  ["telemetry"],
  ["server", "demo"],
  ["cli"],
  ["main", "index"],
];
/** Watchers read events only, whatever stands below them. */
const ONLY: Readonly<Record<string, readonly string[]>> = { telemetry: ["contracts", "errors", "events"] };
/** One home for each heavy or global thing. */
const HOMES: readonly (readonly [pattern: RegExp, home: RegExp])[] = [
  [/^@connectrpc\/|^@bufbuild\//, /^(server|gen)\//],
  [/^opossum$/, /^upstream\/breaker\.ts$/],
  [/^undici$/, /^upstream\//],
  [/^onnxruntime-|^@huggingface\//, /^inference\//],
  [/^prom-client$/, /^telemetry\/metrics\.ts$/],
  [/^pino$/, /^telemetry\/log\.ts$/],
  [/^yaml$/, /^config\//],
  [/^node:sqlite$|^pg$/, /^storage\//],
  [/^commander$/, /^(cli\/|main\.ts)/],
];
/** Only the entry, the command line and the config read the environment. */
const ENVIRONMENT = /^(config\/|cli\/|main\.ts)/;

const src = join(import.meta.dirname, "../src");
const files = globSync("**/*.ts", { cwd: src }).map((file) => file.replaceAll("\\", "/"));
const room = (file: string) => file.split("/")[0]!.replace(/\.ts$/, "");
const layer = (name: string) => LAYERS.findIndex((rooms) => rooms.includes(name));
const importsOf = (file: string) =>
  [...readFileSync(join(src, file), "utf8").matchAll(/(?:from|import)\s*\(?"([^"]+)"/g)].map((match) => match[1]!);

test("every file stands in a room of the table", () => {
  assert.deepEqual(
    files.filter((file) => layer(room(file)) < 0),
    [],
  );
  assert.ok(files.length > 20, "the house was found");
});

test("a file imports only from lower layers, and siblings never meet", () => {
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .filter((path) => path.startsWith("."))
      .map((path) => room(relative(src, join(src, dirname(file), path))))
      .filter((to) => to !== room(file))
      .filter((to) => layer(to) >= layer(room(file)) || (ONLY[room(file)] && !ONLY[room(file)]!.includes(to)))
      .map((to) => `${file} imports ${to}`),
  );
  assert.deepEqual(wrong, []);
});

test("each heavy library and the environment have one home", () => {
  const wrong = files.flatMap((file) => [
    ...importsOf(file).flatMap((path) =>
      HOMES.filter(([what, home]) => what.test(path) && !home.test(file)).map(() => `${file} imports ${path}`),
    ),
    ...(readFileSync(join(src, file), "utf8").includes("process.env") && !ENVIRONMENT.test(file)
      ? [`${file} reads the environment`]
      : []),
  ]);
  assert.deepEqual(wrong, []);
});

test("the tests run on the Node that the package asks for", () => {
  assert.ok(
    Number(process.versions.node.split(".")[0]) >= 24,
    `this is ${process.version}: was npm run with --ignore-scripts?`,
  );
});

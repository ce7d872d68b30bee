import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { openBook } from "../../src/ledger/book.ts";
import { entriesOf } from "../../src/ledger/entry.ts";
import { parsed, run } from "./terminal.ts";
import { priceOf, recordOf } from "../ledger/records.ts";

const home = mkdtempSync(join(tmpdir(), "signalbox-report-"));
after(() => rmSync(home, { recursive: true }));

const ledger = join(home, "ledger.db");
const DAY = 86_400_000;
const FIRST = Date.UTC(2026, 2, 1);

function answered(day: number, tenant: string, model: string, million: number, estimated = false) {
  const usage = { inputTokens: million * 1e6, outputTokens: 0, cachedInputTokens: 0, estimated };
  const attempts = [{ model, target: "t", result: "ok" as const, latencyMs: 1, usage }];
  return entriesOf(recordOf({ at: FIRST + day * DAY, tenant, attempts }), priceOf);
}

// A million tokens cost 1 USD with even, 1.250001 with medium, 15 with large, which is the baseline.
const book = openBook(ledger, { busyMs: 1000 });
book.add([
  ...answered(0, "acme", "even", 1),
  ...answered(0, "globex", "even", 1),
  ...answered(1, "acme", "medium", 2, true),
  ...answered(2, "acme", "large", 1),
]);
book.close();

test("report costs adds the ledger up by model, dearest first, and says how it was counted", async () => {
  const { code, out } = await run(["report", "costs", "--ledger", ledger]);
  assert.equal(code, 0);
  const [head, ...rows] = out.split("\n").map((line) => line.trim().split(/ {2,}/u));
  assert.deepEqual(head, ["model", "requests", "input", "cached", "output", "cost USD", "baseline", "saved"]);
  assert.deepEqual(rows.slice(0, 4), [
    ["large", "1", "1000000", "0", "0", "15.00", "15.00", "0.00", "0.0%"],
    ["medium", "1", "2000000", "0", "0", "2.50", "30.00", "27.50", "91.7%"],
    ["even", "2", "2000000", "0", "0", "2.00", "30.00", "28.00", "93.3%"],
    ["all", "4", "5000000", "0", "0", "19.50", "75.00", "55.50", "74.0%"],
  ]);
  assert.match(out.replaceAll("\n", " "), /40\.0% of them estimated by us .* prices of the baseline model\.\s*$/u);
});

test("report costs divides by what it is told to, from the day it is told", async () => {
  const said = await run([
    "report",
    "costs",
    "--ledger",
    ledger,
    "--since",
    "2026-03-02",
    "--by",
    "day,tenant",
    "--json",
  ]);
  const { rows, total, since, by } = parsed(said) as { rows: object[]; total: object; since: string; by: string[] };
  assert.deepEqual([since, by], ["2026-03-02", ["day", "tenant"]]);
  const same = { tenant: "acme", requests: 1, attempts: 1, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 };
  const [second, third] = [
    {
      day: "2026-03-02",
      inputTokens: 2e6,
      estimatedTokens: 2e6,
      costUsd: 2.500002,
      baselineUsd: 30,
      savedUsd: 27.499998,
    },
    { day: "2026-03-03", inputTokens: 1e6, estimatedTokens: 0, costUsd: 15, baselineUsd: 15, savedUsd: 0 },
  ];
  assert.deepEqual(rows, [
    { ...same, ...second },
    { ...same, ...third },
  ]);
  assert.equal((total as { costUsd: number }).costUsd, 17.500002);
});

test("report costs finds the ledger through the config", async () => {
  const config = (name: string, more: string) => {
    const path = join(home, name);
    writeFileSync(
      path,
      `
upstreams: { local: { kind: vllm, url: http://127.0.0.1:8000/v1 } }
tiers: { small: { quality: 0.5 } }
models: { a: { tier: small, price: { input: 1, output: 1 }, targets: [{ upstream: local, model: a }] } }
${more}`,
    );
    return path;
  };
  const found = await run([
    "report",
    "costs",
    "-c",
    config("with.yaml", `ledger: { path: ${JSON.stringify(ledger)} }`),
  ]);
  assert.match(found.out, /^all +4 /mu);
  const without = await run(["report", "costs", "-c", config("without.yaml", "")]);
  assert.equal(without.code, 1);
  assert.match(without.err, /the config keeps no ledger: write `ledger: \{\}` into it/u);
});

test("report costs says what is wrong with what it was given", async () => {
  const wrong = async (...args: string[]) => {
    const { code, out, err } = await run(["report", "costs", "--ledger", ledger, ...args]);
    return [code, out, err.split("\n")[0]] as const;
  };
  for (const date of ["yesterday", "2026-02-30", "2026-3-1"]) {
    const [code, , err] = await wrong("--since", date);
    assert.equal(code, 2, date);
    assert.match(err!, /A date looks like 2026-01-31/u);
  }
  for (const names of ["price", "day,day", ""]) assert.equal((await wrong("--by", names))[0], 2, names);
  const [code, , err] = await wrong("--ledger", join(home, "none.db"));
  assert.equal(code, 1);
  assert.match(err!, /there is no ledger at .*none\.db/u);
  const text = join(home, "text.db");
  writeFileSync(text, "text ".repeat(1000));
  assert.match((await wrong("--ledger", text))[2]!, /text\.db is no sound database/u);
  const [, out] = await wrong("--since", "2027-01-01");
  assert.equal(out, "Nothing was counted in this time.\n");
});

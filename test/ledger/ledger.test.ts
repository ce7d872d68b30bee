import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test, type TestContext } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import * as fc from "fast-check";
import { createChannel, type Channel, type RouterEvent } from "../../src/events.ts";
import { openBook } from "../../src/ledger/book.ts";
import { createLedger, type Ledger } from "../../src/ledger/ledger.ts";
import { LARGEST } from "../../src/ledger/money.ts";
import { StorageError } from "../../src/storage/fault.ts";
import { anyRecord } from "./arbitrary.ts";
import { billOf, ledgerPath, NOON, priceOf, rowsOf, spending, sum } from "./records.ts";

// Processes that are killed here leave half a coverage file, which the report of all tests could not read.
delete process.env["NODE_V8_COVERAGE"];

const run = promisify(execFile);

interface Kept {
  readonly ledger: Ledger;
  readonly channel: Channel;
  readonly faults: StorageError[];
}

async function keep(t: TestContext, path?: string): Promise<Kept> {
  const channel = createChannel();
  const faults: StorageError[] = [];
  channel.subscribe((event: RouterEvent) => {
    if (event.kind === "fault") faults.push(event.error as StorageError);
  });
  const ledger = createLedger(channel, { costOf: priceOf, now: () => NOON, ...(path !== undefined && { path }) });
  t.after(() => ledger.close());
  await ledger.ready;
  return { ledger, channel, faults };
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (holds()) return;
    await wait(25);
  }
  assert.fail(`it never came about that ${what}`);
}

const USD = 10n ** 12n;
const BUDGETS = { acme: { usd: 10, per: "month", soft: 0.8 } } as const;
const refusal = ({ ledger }: Kept) => ledger.guard(BUDGETS).admit("acme")?.code;

test("the sum of the file is the sum of the bills, over any records, tenants, models and days", async (t) => {
  const path = ledgerPath(t);
  const { ledger, channel, faults } = await keep(t, path);
  const records = fc.sample(anyRecord, 3000);
  for (const record of records) channel.publish(record);
  await ledger.flush();

  const rows = rowsOf(path);
  for (const tenant of ["acme", "globex", ""]) {
    const billed = records
      .filter((record) => record.tenant === tenant)
      .flatMap(({ attempts }) => attempts)
      .reduce((all, attempt) => all + billOf(attempt), 0n);
    const own = rows.filter((row) => row.tenant === tenant);
    assert.equal(
      sum(own, ({ cost }) => cost),
      billed,
      tenant,
    );
  }
  const paid = records.filter(({ attempts }) => attempts.some(({ usage }) => usage));
  assert.equal(
    rows.reduce((all, { requests }) => all + requests, 0),
    paid.length,
  );
  assert.deepEqual([...new Set(rows.map(({ day }) => day))].toSorted(), ["2026-01-31", "2026-02-01"]);
  assert.deepEqual(faults, []);
});

test("records are written by themselves, within moments", async (t) => {
  const path = ledgerPath(t);
  const { channel } = await keep(t, path);
  channel.publish(spending(1));
  await until("the record is written", () => rowsOf(path).length === 1);
});

test("what was spent before a restart is spent after it", async (t) => {
  const path = ledgerPath(t);
  const before = await keep(t, path);
  before.channel.publish(spending(10));
  assert.equal(refusal(before), "over_budget");
  await before.ledger.close();
  assert.deepEqual(readdirSync(dirname(path)), ["ledger.db"], "all of it is in the file");
  assert.equal(refusal(await keep(t, path)), "over_budget");
});

test("without a file budgets hold as long as the process lives", async (t) => {
  const kept = await keep(t);
  kept.channel.publish(spending(10));
  await kept.ledger.flush();
  assert.equal(refusal(kept), "over_budget");
  assert.equal(refusal(await keep(t)), undefined);
});

test("processes that share a file see what the others spent, and the file has all of it", async (t) => {
  const path = ledgerPath(t);
  const here = await keep(t, path);
  assert.equal(refusal(here), undefined);
  const script = `
    import { createChannel } from ${JSON.stringify(import.meta.resolve("../../src/events.ts"))};
    import { createLedger } from ${JSON.stringify(import.meta.resolve("../../src/ledger/ledger.ts"))};
    import { NOON, priceOf, spending } from ${JSON.stringify(import.meta.resolve("./records.ts"))};
    const channel = createChannel();
    const ledger = createLedger(channel, { path: process.argv[1], costOf: priceOf, now: () => NOON });
    for (let number = 0; number < 60; number += 1) {
      channel.publish(spending(0.1));
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (number % 10 === 0) await ledger.flush();
    }
    await ledger.close();`;
  const other = () => run(process.execPath, ["--input-type=module", "-e", script, path], { timeout: 50_000 });
  const others = Promise.all([other(), other()]);
  for (let number = 0; number < 20; number += 1) {
    here.channel.publish(spending(0.1));
    await here.ledger.flush();
  }
  await others;
  await until("the others' spending is seen", () => refusal(here) === "over_budget");
  assert.equal(
    sum(rowsOf(path), ({ cost }) => cost),
    14n * USD,
  );
  assert.deepEqual(here.faults, []);
});

test("a corrupt file is set aside, never deleted, and the requests are kept in a new one", async (t) => {
  const path = ledgerPath(t);
  const garbage = "not what it was ".repeat(1000);
  writeFileSync(path, garbage);
  const { ledger, channel, faults } = await keep(t, path);
  channel.publish(spending(1));
  await ledger.flush();
  assert.equal(rowsOf(path).length, 1);
  const aside = readdirSync(dirname(path)).find((name) => name.startsWith("ledger.db.corrupt-"))!;
  assert.equal(readFileSync(join(dirname(path), aside), "utf8"), garbage);
  assert.equal(faults.length, 1);
  assert.match(
    faults[0]!.message,
    /ledger\.db was corrupt: it is kept as .*ledger\.db\.corrupt-.*a new ledger is begun/u,
  );
});

test("a file that is moved away or deleted under way is begun anew", async (t) => {
  const path = ledgerPath(t);
  const { ledger, channel, faults } = await keep(t, path);
  const spend = async (usd: number) => {
    channel.publish(spending(usd));
    await ledger.flush();
    return sum(rowsOf(path), ({ cost }) => cost);
  };
  assert.equal(await spend(1), 1n * USD);
  renameSync(path, `${path}.old`);
  assert.equal(await spend(2), 2n * USD);
  rmSync(path);
  assert.equal(await spend(4), 4n * USD);
  assert.deepEqual(faults, []);
});

test("a file that is corrupted under way is set aside too", async (t) => {
  const path = ledgerPath(t);
  const before = await keep(t, path);
  before.channel.publish(spending(1));
  await before.ledger.close();
  const { ledger, channel, faults } = await keep(t, path);
  const file = openSync(path, "r+");
  t.after(() => closeSync(file));
  writeSync(file, Buffer.alloc(fstatSync(file).size - 100, 0x5a), 0, undefined, 100);
  channel.publish(spending(2));
  await ledger.flush();
  assert.equal(
    sum(rowsOf(path), ({ cost }) => cost),
    2n * USD,
  );
  assert.deepEqual(
    faults.map(({ problem }) => problem),
    ["corrupt"],
  );
  assert.ok(readdirSync(dirname(path)).some((name) => name.startsWith("ledger.db.corrupt-")));
});

test("a file that another holds fails no request: it is told once, and written when it is free", async (t) => {
  const path = ledgerPath(t);
  const kept = await keep(t, path);
  const holder = new DatabaseSync(path);
  t.after(() => holder.close());
  holder.exec("begin immediate");
  kept.channel.publish(spending(6));
  await kept.ledger.flush();
  kept.channel.publish(spending(4));
  await kept.ledger.flush();
  assert.deepEqual(
    kept.faults.map(({ problem, code }) => [problem, code]),
    [["busy", "SQLITE_BUSY"]],
  );
  assert.equal(refusal(kept), "over_budget", "what is not written counts all the same");
  holder.exec("rollback");
  await until("it is written", () => rowsOf(path).length === 1);
  assert.equal(
    sum(rowsOf(path), ({ cost }) => cost),
    10n * USD,
  );
  assert.equal(kept.faults.length, 1);
});

test("a path that cannot be opened fails no request, and is tried again", async (t) => {
  const path = ledgerPath(t);
  mkdirSync(path);
  const { channel, ledger, faults } = await keep(t, path);
  channel.publish(spending(1));
  await ledger.flush();
  assert.deepEqual(
    faults.map(({ problem }) => problem),
    ["unwritable"],
  );
  rmdirSync(path);
  await until("there is a file again", () => existsSync(path));
  await ledger.flush();
  assert.equal(rowsOf(path).length, 1);
});

test("a disk that is full fails no request, is told once, and nothing of what was written before is lost", async (t) => {
  const path = ledgerPath(t);
  const script = `
    import { createChannel } from ${JSON.stringify(import.meta.resolve("../../src/events.ts"))};
    import { createLedger } from ${JSON.stringify(import.meta.resolve("../../src/ledger/ledger.ts"))};
    import { NOON, priceOf, spending } from ${JSON.stringify(import.meta.resolve("./records.ts"))};
    process.on("SIGXFSZ", () => undefined);
    const channel = createChannel();
    const told = [];
    channel.subscribe((event) => event.kind === "fault" && told.push(event.error.problem));
    const ledger = createLedger(channel, { path: process.argv[1], costOf: priceOf, now: () => NOON });
    await ledger.ready;
    for (let number = 0; number < 3000; number += 1) channel.publish(spending(1, { tenant: "tenant-" + number }));
    await ledger.flush();
    await ledger.flush();
    console.log(JSON.stringify(told), ledger.guard({ "*": { usd: 1, per: "day", soft: 1 } }).admit("tenant-2999")?.code);
    process.exit(0);`;
  // Files of at most 256 KiB: the write-ahead log of 3000 rows is larger.
  const limited = `ulimit -f 256; exec "$0" --input-type=module -e "$1" "$2"`;
  const { stdout } = await run("bash", ["-c", limited, process.execPath, script, path], { timeout: 50_000 });
  const [told, refused] = stdout.trim().split(" ");
  assert.match(told!, /^\["(?:full|unwritable)"\]$/u);
  assert.equal(refused, "over_budget");
  const rows = rowsOf(path);
  const written = rows.length;
  assert.ok(written < 3000 && written % 500 === 0, `${written} rows: a batch is written whole or not at all`);
  assert.ok(
    rows.every(({ cost }) => cost === USD),
    "and once",
  );
});

test("sums stop at the largest integer that the file can hold", (t) => {
  const book = openBook(ledgerPath(t), { busyMs: 100 });
  t.after(() => book.close());
  const heading = { day: "2026-01-31", tenant: "acme", route: "r", model: "m" };
  const counts = { requests: 1, attempts: 1, inputTokens: 1, cachedTokens: 1, outputTokens: 1, reasoningTokens: 1 };
  const entry = { ...heading, ...counts, estimatedTokens: 1, cost: LARGEST - 1n, baseline: 5n };
  for (let times = 0; times < 3; times += 1) book.add([entry]);
  const [row] = book.rows("");
  assert.deepEqual([row!.cost, row!.baseline, row!.requests], [LARGEST, 15n, 3]);
});

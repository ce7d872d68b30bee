import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { trainCommand } from "../../src/cli/train.ts";
import { readHeads } from "../../src/inference/heads.ts";
import { seeded } from "../../src/statistics/sample.ts";
import { createTiny, type Tiny } from "../evaluation/words.ts";
import { runVerb } from "./verb.ts";

const home = mkdtempSync(join(tmpdir(), "signalbox-train-"));
after(() => rmSync(home, { recursive: true }));

const TOPICS: Readonly<Record<string, readonly string[]>> = {
  billing: ["invoice", "refund", "charge", "card", "price", "tax", "pay", "receipt"],
  outage: ["down", "error", "timeout", "slow", "crash", "offline", "restart", "log"],
  account: ["password", "login", "email", "profile", "user", "name", "delete", "settings"],
};

interface Row {
  readonly text: string;
  readonly label: string;
  readonly split?: string;
}

/** Texts of words of their topic and words of any; no two are alike. */
function rowsOf(count: number, seed = 1, labels: readonly string[] = Object.keys(TOPICS)): Row[] {
  const random = seeded(seed);
  const pick = (words: readonly string[]) => words[Math.floor(random() * words.length)]!;
  return Array.from({ length: count }, (_, at) => {
    const label = labels[at % labels.length]!;
    const words = Array.from({ length: 6 }, () => pick(random() < 0.7 ? TOPICS[label]! : Object.values(TOPICS).flat()));
    return { text: `${words.join(" ")} ${seed}-${at}`, label };
  });
}

let files = 0;
function file(rows: readonly unknown[]): string {
  const path = join(home, `rows-${(files += 1)}.jsonl`);
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  return path;
}
const place = () => join(home, `heads-${(files += 1)}.json`);

const train = (args: readonly string[], tiny: Tiny = {}) =>
  runVerb((terminal) => trainCommand(terminal, async () => createTiny(tiny)), ["heads", ...args]);

test("train heads learns labels of one's own and writes a head that the encoder reads", async () => {
  const out = place();
  const said = await train(["--task", "tickets", "--file", file(rowsOf(600)), "--out", out]);
  assert.equal(said.code, 0, said.err);
  assert.match(said.out, /^head tickets: 3 labels, learned from 4\d\d rows, L2 [\d.]+, temperature [\d.]+$/mu);
  assert.match(said.out, /^accuracy +0\.9\d\d +0\.33\d$|^accuracy +1\.000/mu);
  assert.match(said.out, /Written to .*encoder: \{ heads: /u);

  const [head] = await readHeads(out, { version: "tiny-1", features: { static: 64 } });
  assert.deepEqual([head!.name, head!.stage, head!.kind], ["tickets", "static", "choice"]);
  assert.deepEqual(head!.labels, ["account", "billing", "outage"]);
  const { features } = await createTiny().encode("refund invoice charge price", 0);
  const { probabilities, known } = head!.predict(features);
  assert.ok(probabilities["billing"]! > 0.9, JSON.stringify(probabilities));
  assert.ok(known > head!.abstainBelow);
});

test("the same file gives the same head to the last digit, whatever the order of its rows", async () => {
  const [one, again, other] = [place(), place(), place()];
  const rows = rowsOf(300);
  await train(["-t", "tickets", "-f", file(rows), "-o", one]);
  await train(["-t", "tickets", "-f", file(rows), "-o", again]);
  assert.equal(readFileSync(again, "utf8"), readFileSync(one, "utf8"));
  await train(["-t", "tickets", "-f", file(rows.toReversed()), "-o", other]);
  const bias = (path: string) => (JSON.parse(readFileSync(path, "utf8")) as { bias: number[] }).bias;
  for (const [at, value] of bias(other).entries()) assert.ok(Math.abs(value - bias(one)[at]!) < 0.05);
});

test("probabilities are calibrated, sure about as often as right, also of a head that is fitted to more rows than it is searched by", async () => {
  const { out } = await train(["-t", "tickets", "-f", file(rowsOf(15_000)), "-o", place(), "--json"]);
  const { gate } = JSON.parse(out) as { gate: { fresh: { ece: number; accuracy: number } } };
  assert.ok(gate.fresh.ece < 0.05, String(gate.fresh.ece));
  assert.ok(gate.fresh.accuracy > 0.9);
});

test("labels that say nothing are refused: nothing is written, unless by force", async () => {
  const random = seeded(2);
  const rows = rowsOf(300).map(({ text }) => ({ text, label: random() < 0.6 ? "yes" : "no" }));
  const out = place();
  const args = ["-t", "coin", "-f", file(rows), "-o", out];
  const said = await train(args);
  assert.equal(said.code, 1);
  assert.match(
    said.err,
    /nothing was written: the head is not surely better than always giving the most frequent label/u,
  );
  assert.match(said.err, /accuracy [+-]0\.\d{3} \(95% interval -0\.\d{3} to [+-]0\.\d{3}\)/u);
  assert.ok(!existsSync(out));
  assert.equal((await train([...args, "--force"])).code, 0);
  assert.ok(existsSync(out));
});

test("a head with the labels of today's must beat it, not the majority", async () => {
  const labels = { tickets: Object.keys(TOPICS) };
  // Today's head is right wherever the text says the label itself.
  const rows = rowsOf(600).map(({ text, label }) => ({ text: `${label}:0.9 ${text}`, label }));
  const said = await train(["-t", "tickets", "-f", file(rows), "-o", place(), "--json"], { labels });
  assert.equal(said.code, 1);
  const {
    gate,
    written,
    labels: names,
  } = JSON.parse(said.out) as {
    gate: { against: string; today: { accuracy: number }; better: boolean };
    written: string | null;
    labels: string[];
  };
  assert.deepEqual([gate.against, gate.today.accuracy, gate.better, written], ["head", 1, false, null]);
  assert.deepEqual(names, labels.tickets);
});

test("--dev judges by another file, and no text of it is learned", async () => {
  const rows = rowsOf(400);
  const dev = rowsOf(100, 7);
  const args = ["-t", "tickets", "-f", file([...rows, ...dev]), "--dev", file(dev), "-o", place(), "--json"];
  const said = await train(args);
  const { learned_rows: learned, gate } = JSON.parse(said.out) as { learned_rows: number; gate: { rows: number } };
  assert.equal(gate.rows, 100);
  assert.ok(learned <= 400 * 0.85 + 3);
  assert.match(said.err, /taken once: 100\./u);
});

test("rows whose split is dev are those it is judged by", async () => {
  const rows = [...rowsOf(300), ...rowsOf(60, 3).map((row) => ({ ...row, split: "dev" }))];
  const { out } = await train(["-t", "tickets", "-f", file(rows), "-o", place(), "--json"]);
  assert.equal((JSON.parse(out) as { gate: { rows: number } }).gate.rows, 60);
});

test("too few texts of a label, one label alone, or no rows are refused in words", async () => {
  const refused = async (rows: readonly unknown[]) => (await train(["-t", "x", "-f", file(rows), "-o", place()])).err;
  const few = [...rowsOf(60, 1, ["billing", "outage"]), ...rowsOf(9, 2, ["account"])];
  assert.match(await refused(few), /each label needs at least 10 different texts to learn from; "account" has 9/u);
  assert.match(await refused(rowsOf(60, 1, ["billing"])), /at least two labels/u);
  assert.match(await refused([{ prompt: "x" }]), /no rows to learn from; they need the columns text, label/u);
});

test("repeated and contradicting texts, and bad lines, are told", async () => {
  const rows = rowsOf(300);
  const more = [
    { ...rows[0]!, text: ` ${rows[0]!.text.toUpperCase()}` },
    { ...rows[1]!, label: "billing" },
    { text: 1 },
  ];
  const said = await train(["-t", "tickets", "-f", file([...rows, ...more]), "-o", place()]);
  assert.match(said.err, /no rows, and were left out: 1\.\n {2}line 303: column "text" holds number/u);
  assert.match(said.err, /taken once: 1\./u);
  assert.match(said.err, /another label too; the first one counts: 1\./u);
});

test("a file that holds something else is not written over, a head of the same name is", async () => {
  const out = place();
  const args = ["-t", "tickets", "-f", file(rowsOf(300)), "-o", out];
  writeFileSync(out, "notes");
  assert.match((await train(args)).err, /holds something else than a head tickets/u);
  assert.equal(readFileSync(out, "utf8"), "notes");
  assert.equal((await train([...args, "--force"])).code, 0);
  assert.equal((await train(args)).code, 0);
});

test("balanced class weights find the rare label, and are judged by macro F1", async () => {
  const rows = [...rowsOf(400, 1, ["billing"]), ...rowsOf(40, 2, ["outage"])];
  const args = ["-t", "tickets", "-f", file(rows), "-o", place(), "--json", "--class-weights", "balanced"];
  const { gate } = JSON.parse((await train(args)).out) as { gate: { figure: string; better: boolean } };
  assert.deepEqual([gate.figure, gate.better], ["macro_f1", true]);
});

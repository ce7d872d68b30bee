import { existsSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import { type Book, openBook } from "../ledger/book.ts";
import { type Costs, costsBy, type Dimension, DIMENSIONS } from "../ledger/costs.ts";
import type { Amounts } from "../ledger/entry.ts";
import { usdOf } from "../ledger/money.ts";
import { periodOf } from "../ledger/period.ts";
import { StorageError } from "../storage/fault.ts";
import { configOption, findConfig, jsonOption } from "./config.ts";
import { Failure } from "./failure.ts";
import { printable, type Screen, wrapped } from "./screen.ts";
import { type Column, table } from "./table.ts";
import type { Terminal } from "./terminal.ts";

interface Options {
  readonly config?: string;
  readonly ledger?: string;
  readonly since?: string;
  readonly by: readonly Dimension[];
  readonly json?: boolean;
}

/** Before the first day that anything can be counted on. */
const EVER = "0000-00-00";
const BUSY_MS = 5000;

export function reportCommand(terminal: Terminal): Command {
  const costs = new Command("costs")
    .description("What requests cost, from the ledger, and what the baseline model would have cost.")
    .addOption(configOption())
    .option("--ledger <file>", "read this ledger, not the config's")
    .option("--since <date>", "from this day on, such as 2026-01-31 (UTC); all days by default", dayOf)
    .addOption(
      new Option("--by <names>", `a row for each of these: ${DIMENSIONS.join(", ")}`)
        .argParser(dimensionsOf)
        .default(["model"], "model"),
    )
    .addOption(jsonOption())
    .action((options: Options) => report(terminal, options));
  return new Command("report").description("Tell what was counted.").addCommand(costs);
}

function dayOf(text: string): string {
  const at = Date.parse(`${text}T00:00:00Z`);
  if (/^\d{4}-\d\d-\d\d$/u.test(text) && !Number.isNaN(at) && periodOf(at, "day") === text) return text;
  throw new InvalidArgumentError("A date looks like 2026-01-31.");
}

function dimensionsOf(text: string): Dimension[] {
  const names = text.split(",").map((name) => name.trim());
  const known = DIMENSIONS.filter((name) => names.includes(name));
  if (known.length === names.length) return names as Dimension[];
  throw new InvalidArgumentError(`Choose from ${DIMENSIONS.join(", ")}, each once, with commas between them.`);
}

async function report(terminal: Terminal, options: Options): Promise<void> {
  const path = options.ledger ?? (await configured(terminal, options.config));
  if (!existsSync(path)) throw new Failure(`there is no ledger at ${path} yet`, { code: "no_ledger" });
  const costs = read(path, (book) => costsBy(book.rows(options.since ?? EVER), options.by));
  if (options.json) return terminal.out(JSON.stringify({ ledger: path, ...costsJson(costs, options) }));
  if (!costs.total) return terminal.out("Nothing was counted in this time.");
  terminal.out(costsTable(costs, costs.total, options.by, terminal.screen).join("\n"));
  terminal.out(`\n${wrapped(countedHow(costs.total), terminal.screen.width).join("\n")}`);
}

async function configured(terminal: Terminal, given: string | undefined): Promise<string> {
  const { config } = await findConfig(terminal, given, { sends: false });
  if (config.ledger) return config.ledger.path;
  throw new Failure("the config keeps no ledger: write `ledger: {}` into it, or name a file with --ledger", {
    code: "no_ledger",
  });
}

function read<T>(path: string, work: (book: Book) => T): T {
  let book: Book | undefined;
  try {
    book = openBook(path, { busyMs: BUSY_MS, readOnly: true });
    return work(book);
  } catch (error) {
    if (error instanceof StorageError) throw new Failure(error.message, { code: "ledger", cause: error });
    throw error;
  } finally {
    book?.close();
  }
}

function costsJson({ groups, total }: Costs, { since, by }: Options): object {
  return {
    since: since ?? null,
    by,
    rows: groups.map(({ of, amounts }) => ({ ...of, ...amountsJson(amounts) })),
    total: total ? amountsJson(total) : null,
    counted: total ? countedHow(total) : null,
  };
}

function amountsJson(amounts: Amounts): object {
  return {
    requests: amounts.requests,
    attempts: amounts.attempts,
    inputTokens: amounts.inputTokens,
    cachedInputTokens: amounts.cachedTokens,
    outputTokens: amounts.outputTokens,
    reasoningTokens: amounts.reasoningTokens,
    estimatedTokens: amounts.estimatedTokens,
    costUsd: usdOf(amounts.cost),
    baselineUsd: usdOf(amounts.baseline),
    savedUsd: usdOf(amounts.baseline - amounts.cost),
  };
}

const NUMBERS = ["requests", "input", "cached", "output", "cost USD", "baseline", "saved", ""];

function costsTable({ groups }: Costs, total: Amounts, by: readonly Dimension[], screen: Screen): string[] {
  const columns: Column[] = [
    ...by.map((head) => ({ head, flexible: head !== "day" })),
    ...NUMBERS.map((head) => ({ head, align: "right" as const })),
  ];
  const rows = groups.map(({ of, amounts }) => [...by.map((name) => printable(of[name]!) || "-"), ...figures(amounts)]);
  const last = [...by.map((_, at) => (at === 0 ? "all" : "")), ...figures(total)];
  return table(screen, columns, [...rows, last.map((text) => ({ text, style: "bold" as const }))]);
}

function figures(amounts: Amounts): string[] {
  const { requests, inputTokens, cachedTokens, outputTokens, cost, baseline } = amounts;
  return [
    ...[requests, inputTokens, cachedTokens, outputTokens].map(String),
    ...[cost, baseline, baseline - cost].map((pico) => usdText(usdOf(pico))),
    baseline > 0n ? percent(Number(baseline - cost) / Number(baseline)) : "",
  ];
}

/** Cents, and of what is less than a dollar its millionths. */
function usdText(usd: number): string {
  return Math.abs(usd) >= 1 || usd === 0 ? usd.toFixed(2) : usd.toFixed(6);
}

const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;

function countedHow({ inputTokens, outputTokens, estimatedTokens }: Amounts): string {
  const all = inputTokens + outputTokens;
  const estimated = percent(all > 0 ? estimatedTokens / all : 0);
  return `Counted: every try that used tokens, at its model's prices when it was made; tokens as the upstreams reported them, ${estimated} of them estimated by us where none did. Baseline: the tokens of each answer (tries that failed left out) at the prices of the baseline model.`;
}

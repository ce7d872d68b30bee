import { basename } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { collectRows } from "../../backtest/cascade/collect.ts";
import { contest } from "../../backtest/cascade/contest.ts";
import { cascadePage } from "../../backtest/cascade/page.ts";
import { readReplies } from "../../backtest/cascade/replies.ts";
import { type CascadeReport, cascadeReport } from "../../backtest/cascade/report.ts";
import { UnfitRows } from "../../cascade/fit.ts";
import { readCases } from "../cases.ts";
import { jsonOption } from "../config.ts";
import { Failure } from "../failure.ts";
import { counted, createProgress, interruptible, type Progress } from "../progress.ts";
import { inWords, openFile, readFormFile } from "../routing/files.ts";
import { choosePool, pricesForm } from "../routing/pool.ts";
import type { Terminal } from "../terminal.ts";
import { writeWhole } from "../write.ts";
import { namesOf, wholeNumber } from "./arguments.ts";
import { cascadeText } from "./text.ts";

interface Options {
  readonly outcomes: string;
  readonly replies: string;
  readonly pool: readonly string[];
  readonly within: number;
  readonly maxLoss: number;
  readonly repeats: number;
  readonly prices?: string;
  readonly seed: number;
  readonly html?: string;
  readonly json?: boolean;
}

const REPEATS = 10;
const MOST_REPEATS = 1000;
const SEED = 1;

export function cascadeCommand(terminal: Terminal): Command {
  return new Command("cascade")
    .description(
      "Measure a cascade by recorded replies: cheap models first, a strong one where they are not good enough.",
    )
    .addOption(new Option("-f, --outcomes <path>", "recorded outcomes, gzip or plain").makeOptionMandatory())
    .addOption(new Option("--replies <path>", "JSON lines: qid (or id), model, reply").makeOptionMandatory())
    .addOption(
      new Option("--pool <models>", "one or two cheap models, then the strong one, with commas between them")
        .argParser(namesOf)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option("--within <percent>", "of the strong model's cost that may be spent")
        .default(0.5, "50")
        .argParser(percent),
    )
    .addOption(
      new Option("--max-loss <points>", "that the cheapest cascade may lose against the strong model, of 100")
        .default(0, "0")
        .argParser(points),
    )
    .addOption(
      new Option("--repeats <number>", "times that rows are dealt into five parts")
        .default(REPEATS)
        .argParser(wholeNumber(1, MOST_REPEATS)),
    )
    .addOption(new Option("--prices <path>", "YAML or JSON: input and output by model, USD per million tokens"))
    .addOption(new Option("--seed <number>", "of all draws").default(SEED).argParser(wholeNumber(0, 2 ** 31 - 1)))
    .addOption(new Option("--html <path>", "write the report there as a page"))
    .addOption(jsonOption())
    .action((options: Options) => evalCascade(terminal, options));
}

async function evalCascade(terminal: Terminal, options: Options): Promise<void> {
  const progress = createProgress(terminal);
  let report: CascadeReport;
  try {
    report = await interruptible((abort) => measured(options, { abort, progress }));
  } catch (error) {
    throw error instanceof UnfitRows
      ? new Failure(`${options.outcomes}: ${error.message}`, { code: "outcomes", cause: error })
      : inWords(error, options.outcomes);
  } finally {
    progress.end();
  }
  const name = basename(options.outcomes);
  terminal.out(options.json ? JSON.stringify(report) : cascadeText(report, name, terminal.screen));
  if (options.html !== undefined) writeWhole(options.html, cascadePage(report, name));
  const { bad_lines: bad } = report.skipped;
  if (bad > 0) throw new Failure(`lines that are no rows, and were left out: ${counted(bad)}`, { code: "bad_lines" });
  if (!report.complete) throw new Failure("stopped: this is what the splits until then say", { code: "stopped" });
}

async function measured(
  { outcomes, replies, pool: names, prices, within, maxLoss, repeats, seed }: Options,
  { abort, progress }: { readonly abort: AbortSignal; readonly progress: Progress },
): Promise<CascadeReport> {
  const file = await openFile(outcomes);
  const { pool } = choosePool(file, names, { prices: prices === undefined ? {} : readFormFile(prices, pricesForm) });
  let badReplies = 0;
  const heard = await readReplies(readCases(replies), names.slice(0, -1), { bad: () => void (badReplies += 1) });
  const { rows, tally, unheard } = await collectRows({ file, pool, isWanted: () => true, abort }, heard);
  const show = (split: number, splits: number) =>
    progress.show(`${split} of ${splits} splits; Ctrl-C stops and reports`);
  const result = await contest(names, rows, { repeats, seed, within, mostLoss: maxLoss, abort, progress: show });
  if (result.splits === 0) throw new Failure("stopped before the first split was reported");
  return cascadeReport(result, {
    models: names,
    seed,
    within,
    skipped: { bad_lines: tally.bad + badReplies, incomplete: tally.incomplete, unheard },
    complete: !abort.aborted,
  });
}

function points(text: string): number {
  const number = Number(text);
  if (text.trim() !== "" && number >= 0 && number <= 100) return number / 100;
  throw new InvalidArgumentError("Expected a number from 0 to 100.");
}

function percent(text: string): number {
  const number = Number(text);
  if (text.trim() !== "" && number > 0 && number <= 100) return number / 100;
  throw new InvalidArgumentError("Expected a number above 0, up to 100.");
}

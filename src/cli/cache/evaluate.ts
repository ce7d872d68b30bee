import { basename } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { evaluatePairs } from "../../evaluation/cache/evaluate.ts";
import type { PairReport } from "../../evaluation/cache/report.ts";
import { NoRows } from "../../evaluation/evaluate.ts";
import { readCases } from "../cases.ts";
import { jsonOption } from "../config.ts";
import { encoderOption, type OpenEncoder, openEncoder, withEncoder } from "../encoder.ts";
import { Failure, told } from "../failure.ts";
import { counted, createProgress, interruptible } from "../progress.ts";
import type { Terminal } from "../terminal.ts";
import { pairsText } from "./text.ts";

interface Options {
  readonly pairs: string;
  readonly config?: string;
  readonly threshold?: number;
  readonly split?: string;
  readonly json?: boolean;
}

/** `signalbox eval cache`: which of the pairs of a file the cache would serve, and which of those wrongly. */
export function evalCacheCommand(terminal: Terminal, open: OpenEncoder = openEncoder): Command {
  return new Command("cache")
    .description(
      "Measure when a stored answer is the right one, by pairs of questions: how many wrong hits, how many paraphrases found.",
    )
    .requiredOption(
      "-f, --pairs <path>",
      "JSON lines, gzip or plain: text_a, text_b, and score (0.9 is the same) or label",
    )
    .addOption(encoderOption())
    .addOption(new Option("--threshold <score>", "serve from this score on (default: what ships)").argParser(shareOf))
    .option("--split <name>", "only rows of this split, where they have one")
    .addOption(jsonOption())
    .action((options: Options) => evalCache(terminal, open, options));
}

/** A number above 0, up to 1. */
export function shareOf(text: string): number {
  const number = Number(text);
  if (text.trim() !== "" && number > 0 && number <= 1) return number;
  throw new InvalidArgumentError("Expected a number above 0, up to 1.");
}

async function evalCache(terminal: Terminal, open: OpenEncoder, options: Options): Promise<void> {
  const report = await measured(terminal, open, options);
  const { bad_lines: bad, first_bad_lines: first, failed_rows: failed, complete } = report;
  terminal.out(options.json ? JSON.stringify(report) : pairsText(report, basename(options.pairs), terminal.screen));
  for (const { line, problem } of first) terminal.err(`line ${line}: ${problem}`);
  if (failed > 0) terminal.err(`Rows that the encoder had no answer for, which were left out: ${counted(failed)}.`);
  if (bad > 0 && !options.json) {
    throw new Failure(`lines that are no rows, and were left out: ${counted(bad)}`, { code: "bad_lines" });
  }
  if (bad > 0 || !complete) throw new Failure("");
}

async function measured(terminal: Terminal, open: OpenEncoder, options: Options): Promise<PairReport> {
  const { pairs, config, threshold, split } = options;
  const progress = createProgress(terminal);
  try {
    return await interruptible((abort) =>
      withEncoder(terminal, open, config, (encoder) =>
        evaluatePairs(encoder, readCases(pairs), {
          abort,
          ...(threshold !== undefined && { threshold }),
          ...(split !== undefined && { split }),
          progress: (rows) => progress.show(`${counted(rows)} pairs; Ctrl-C stops and reports`),
        }),
      ),
    );
  } catch (error) {
    throw error instanceof NoRows ? new Failure(`${pairs}: ${error.message}`, { code: "no_rows" }) : told(error);
  } finally {
    progress.end();
  }
}

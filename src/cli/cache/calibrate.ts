import { Command, InvalidArgumentError, Option } from "commander";
import { type Calibration, calibratePairs } from "../../evaluation/cache/calibrate.ts";
import { NoRows } from "../../evaluation/evaluate.ts";
import { readCases } from "../cases.ts";
import { jsonOption } from "../config.ts";
import { encoderOption, type OpenEncoder, openEncoder, withEncoder } from "../encoder.ts";
import { Failure, told } from "../failure.ts";
import { counted, createProgress, interruptible } from "../progress.ts";
import { type Screen, wrapped } from "../screen.ts";
import type { Terminal } from "../terminal.ts";
import { shareOf } from "./evaluate.ts";

interface Options {
  readonly pairs: string;
  readonly config?: string;
  readonly maxWrong: number;
  readonly confidence: number;
  readonly split?: string;
  readonly seed: number;
  readonly json?: boolean;
}

/** `signalbox calibrate cache`: from which score on answers are served, so that a stated share of wrong hits is not exceeded. */
export function calibrateCacheCommand(terminal: Terminal, open: OpenEncoder = openEncoder): Command {
  return new Command("cache")
    .description(
      "Find the threshold of the semantic cache by pairs of questions, so that a stated share of wrong hits is not exceeded.",
    )
    .requiredOption("--pairs <path>", "JSON lines, gzip or plain: text_a, text_b, and score (0.9 is the same) or label")
    .addOption(encoderOption())
    .addOption(
      new Option("--max-wrong <share>", "of what is served, that may be wrong").default(0.005).argParser(shareOf),
    )
    .addOption(new Option("--confidence <share>", "how surely, such as 0.95").default(0.95).argParser(surely))
    .option("--split <name>", "only rows of this split, where they have one")
    .addOption(new Option("--seed <number>", "of the draw of rows").default(1).argParser(wholeNumber))
    .addOption(jsonOption())
    .action((options: Options) => run(terminal, open, options));
}

function surely(text: string): number {
  const number = Number(text);
  if (text.trim() !== "" && number >= 0.5 && number <= 0.9999) return number;
  throw new InvalidArgumentError("Expected a number from 0.5 to 0.9999.");
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (text.trim() !== "" && Number.isInteger(number) && number >= 0 && number <= 2 ** 31) return number;
  throw new InvalidArgumentError(`Expected a whole number from 0 to ${2 ** 31}.`);
}

async function run(terminal: Terminal, open: OpenEncoder, options: Options): Promise<void> {
  const found = await calibrated(terminal, open, options);
  const { first, ...rest } = found;
  for (const { line, problem } of first) terminal.err(`line ${line}: ${problem}`);
  const changes = found.threshold === null ? null : { cache: { threshold: found.threshold } };
  if (options.json) terminal.out(JSON.stringify({ ...rest, first_bad_lines: first, changes }));
  else if (found.threshold !== null) terminal.out(textOf(found, found.threshold, options, terminal.screen));
  if (!found.complete) throw new Failure(options.json ? "" : "stopped: the rows until then prove less");
  if (found.threshold === null) throw new Failure(options.json ? "" : refusal(found, options), { code: "not_shown" });
  if (found.bad > 0 && !options.json) {
    throw new Failure(`lines that are no rows, and were left out: ${counted(found.bad)}`, { code: "bad_lines" });
  }
}

async function calibrated(terminal: Terminal, open: OpenEncoder, options: Options): Promise<Calibration> {
  const { pairs, config, maxWrong, confidence, split, seed } = options;
  const progress = createProgress(terminal);
  try {
    return await interruptible((abort) =>
      withEncoder(terminal, open, config, (encoder) =>
        calibratePairs(encoder, readCases(pairs), {
          most: maxWrong,
          delta: 1 - confidence,
          seed,
          abort,
          ...(split !== undefined && { split }),
          progress: (rows) => progress.show(`${counted(rows)} pairs; Ctrl-C stops`),
        }),
      ),
    );
  } catch (error) {
    throw error instanceof NoRows ? new Failure(`${pairs}: ${error.message}`, { code: "no_rows" }) : told(error);
  } finally {
    progress.end();
  }
}

const percent = (share: number) => `${Number((share * 100).toFixed(2))}%`;

function textOf(found: Calibration, threshold: number, { maxWrong, confidence }: Options, screen: Screen): string {
  const hits =
    found.paraphrase_hit_rate === null
      ? ""
      : `, and ${percent(found.paraphrase_hit_rate)} of the paraphrases were found`;
  const sentence = `From a score of ${threshold} on at most ${percent(maxWrong)} of what is served is wrong, with ${percent(confidence)} confidence. Of the ${counted(found.rows)} pairs, half chose the threshold; of the other half ${counted(found.served)} were served, ${counted(found.wrong_hits)} of them wrongly${hits}.`;
  return [...wrapped(sentence, screen.width), "", "cache:", `  threshold: ${threshold}`].join("\n");
}

function refusal({ served, wrong_hits: wrong, promised }: Calibration, { maxWrong }: Options): string {
  const instead = promised === null ? "" : ` What these pairs do carry is --max-wrong ${promised}.`;
  return `the pairs do not show that at most ${percent(maxWrong)} of what is served is wrong: of the half that tests, ${counted(served)} were served and ${counted(wrong)} of them wrongly. More pairs that should be served prove more.${instead}`;
}

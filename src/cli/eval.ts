import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { basename } from "node:path";
import { performance } from "node:perf_hooks";
import { Command, InvalidArgumentError, Option } from "commander";
import { evaluate, NoRows } from "../evaluation/evaluate.ts";
import { UnfitEncoder } from "../evaluation/measure.ts";
import { reportPage } from "../evaluation/page.ts";
import { type Report, type Task, TASKS } from "../evaluation/report.ts";
import { EncoderError, type Stage } from "../inference/encoder.ts";
import { readCases } from "./cases.ts";
import { jsonOption } from "./config.ts";
import { encoderOption, type OpenEncoder, openEncoder, withEncoder } from "./encoder.ts";
import { Failure } from "./failure.ts";
import { reportText } from "./figures.ts";
import { counted, createProgress, interruptible } from "./progress.ts";
import { evalCacheCommand } from "./cache/evaluate.ts";
import { cascadeCommand } from "./cascade/command.ts";
import { routingCommand } from "./routing/command.ts";
import { convertCommand } from "./routing/convert.ts";
import type { Terminal } from "./terminal.ts";
import { unwritable, writeWhole } from "./write.ts";

interface Options {
  readonly task: Task;
  readonly file: string;
  readonly config?: string;
  readonly stage?: Stage;
  readonly split?: string;
  readonly source?: readonly string[];
  readonly limit?: number;
  readonly parallel: number;
  readonly rows?: string;
  readonly html?: string;
  readonly json?: boolean;
}

const MOST_PARALLEL = 64;

export function evalCommand(terminal: Terminal, open: OpenEncoder = openEncoder): Command {
  const signals = new Command("signals")
    .description("Measure the learned signals by a file of labelled texts, one JSON object a line.")
    .addOption(new Option("-t, --task <task>", "what to measure").choices(TASKS).makeOptionMandatory())
    .requiredOption("-f, --file <path>", "the labelled texts, gzip or plain")
    .addOption(encoderOption())
    .addOption(new Option("--stage <stage>", "which stage answers (default: full where there is one)").choices(STAGES))
    .option("--split <name>", "only rows of this split, where they have one")
    .option("--source <name...>", "only rows of these sources")
    .addOption(new Option("--limit <rows>", "at most so many rows").argParser(wholeNumber(Number.MAX_SAFE_INTEGER)))
    .addOption(
      new Option("--parallel <texts>", "texts under way together: faster, but latency is no longer that of one")
        .default(1)
        .argParser(wholeNumber(MOST_PARALLEL)),
    )
    .option("--rows <path>", "write each row's label, prediction and scores there, as JSON lines")
    .option("--html <path>", "write the report there as a page")
    .addOption(jsonOption())
    .action((options: Options) => evalSignals(terminal, open, options));
  return new Command("eval")
    .description("Measure what was learned, and what routing is worth.")
    .addCommand(signals)
    .addCommand(routingCommand(terminal))
    .addCommand(cascadeCommand(terminal))
    .addCommand(evalCacheCommand(terminal, open))
    .addCommand(convertCommand(terminal));
}

const STAGES: readonly Stage[] = ["static", "full"];

function wholeNumber(most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < 1 || number > most) {
      throw new InvalidArgumentError(`Expected a whole number from 1 to ${most}.`);
    }
    return number;
  };
}

async function evalSignals(terminal: Terminal, open: OpenEncoder, options: Options): Promise<void> {
  const report = await interruptible((abort) => measured(terminal, open, options, abort));
  terminal.out(options.json ? JSON.stringify(report) : reportText(report, basename(options.file), terminal.screen));
  for (const sentence of doubts(report, options)) terminal.err(sentence);
  if (options.html !== undefined) writeWhole(options.html, reportPage(report, basename(options.file)));
  if (report.bad_lines > 0 || !report.complete) throw new Failure("");
}

async function measured(
  terminal: Terminal,
  open: OpenEncoder,
  { task, file, config, stage, split, source, limit, parallel, rows }: Options,
  abort: AbortSignal,
): Promise<Report> {
  const progress = createProgress(terminal);
  const started = performance.now();
  const sink = rows === undefined ? undefined : await createSink(rows);
  try {
    return await withEncoder(terminal, open, config, (encoder) => {
      if (stage === "full" && !encoder.hasFullStage) throw new Failure("this encoder has no full stage");
      return evaluate(encoder, readCases(file), {
        task,
        parallel,
        abort,
        clock: () => performance.now(),
        ...(stage && { stage }),
        ...(split !== undefined && { split }),
        ...(source && { sources: source }),
        ...(limit !== undefined && { limit }),
        ...(sink && { row: (row) => sink.write(row) }),
        progress: (done) => {
          const perSecond = Math.round((done * 1000) / (performance.now() - started));
          progress.show(`${counted(done)} rows, ${counted(perSecond)} a second; Ctrl-C stops and reports`);
        },
      });
    });
  } catch (error) {
    throw inWords(error, file);
  } finally {
    progress.end();
    await sink?.end();
  }
}

/** Faults of the file and of the encoder, for the person at the terminal; anything else as it is. */
function inWords(error: unknown, file: string): unknown {
  if (error instanceof NoRows) return new Failure(`${file}: ${error.message}`, { code: "no_rows" });
  if (error instanceof UnfitEncoder || error instanceof EncoderError) {
    return new Failure(error.message, { code: "encoder", cause: error });
  }
  return error;
}

/** Everything that makes the figures tell less than they seem to. */
function doubts(report: Report, { limit }: Options): string[] {
  const { bad_lines: bad, first_bad_lines: first, failed_rows: failed, unknown_labels: unknown = {} } = report;
  const shown = first.map(({ line, problem }) => `  line ${line}: ${problem}`);
  const more = bad > first.length ? [`  and ${counted(bad - first.length)} more`] : [];
  const lost = Object.entries(failed).map(([fault, rows]) => `${counted(rows)} by ${fault}`);
  const strangers = Object.entries(unknown).map(([label, rows]) => `${JSON.stringify(label)} ${counted(rows)}`);
  return [
    ...(bad > 0 ? [[`Lines that are no rows, and were left out: ${counted(bad)}.`, ...shown, ...more].join("\n")] : []),
    ...(lost.length > 0 ? [`Rows without an answer, which were left out: ${lost.join(", ")}.`] : []),
    ...(strangers.length > 0
      ? [`Labels that the head does not know; their rows count as errors: ${strangers.join(", ")}.`]
      : []),
    ...(report.complete ? [] : [`Stopped: this is what the first ${counted(report.rows)} rows say.`]),
    ...(limit !== undefined && report.rows === limit ? [`Stopped at --limit ${counted(limit)}.`] : []),
  ];
}

interface Sink {
  write(row: Readonly<Record<string, unknown>>): Promise<void> | void;
  end(): Promise<void>;
}

async function createSink(path: string): Promise<Sink> {
  const stream = createWriteStream(path);
  let broken: Failure | undefined;
  stream.on("error", (error: NodeJS.ErrnoException) => (broken = unwritable(path, error)));
  await Promise.race([once(stream, "open"), once(stream, "close")]).catch(() => undefined);
  const whole = () => {
    if (broken) throw broken;
  };
  whole();
  return {
    async write(row) {
      whole();
      if (!stream.write(`${JSON.stringify(row)}\n`)) await once(stream, "drain");
    },
    async end() {
      await new Promise<void>((resolve) => stream.end(resolve));
      whole();
    },
  };
}

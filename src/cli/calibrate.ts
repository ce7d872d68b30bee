import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import { calibrate, type Calibrated, type Figures } from "../backtest/calibrate.ts";
import { openWorkshop } from "../backtest/decider.ts";
import type { Method } from "../backtest/teach.ts";
import type { Accepted } from "../config/check.ts";
import { type Difference, patched, patchText } from "../config/patch.ts";
import { standInFor } from "../config/stand-in.ts";
import type { LoadEncoder } from "../encoders.ts";
import { readPredictor, UnfitPredictor } from "../prediction/file.ts";
import { accepted, configOption, DEFAULT_CONFIG, jsonOption, readConfig } from "./config.ts";
import { Failure, told } from "./failure.ts";
import { counted, createProgress, interruptible } from "./progress.ts";
import { inWords, openFile, readFormFile } from "./routing/files.ts";
import { choosePool, pricesForm } from "./routing/pool.ts";
import { printable, type Screen, wrapped } from "./screen.ts";
import { table } from "./table.ts";
import type { Terminal } from "./terminal.ts";
import { writeWhole } from "./write.ts";

interface Options {
  readonly outcomes: string;
  readonly config?: string;
  readonly reference?: string;
  readonly maxLoss: number;
  readonly confidence: number;
  readonly method: Method;
  readonly out: string;
  readonly prices?: string;
  readonly seed: number;
  readonly write?: boolean;
  readonly json?: boolean;
}

export function calibrateCommand(terminal: Terminal, load?: LoadEncoder): Command {
  return new Command("calibrate")
    .description(
      "Learn from recorded outcomes which model answers what, and set the price of quality so that a stated loss is not exceeded.",
    )
    .requiredOption("-f, --outcomes <path>", "recorded outcomes, gzip or plain; `eval routing` reads the same")
    .addOption(configOption())
    .option("--reference <model>", "the model that is lost against (default: the one with the best mean score)")
    .addOption(
      new Option("--max-loss <points>", "points of quality that may be lost against it")
        .default(2)
        .argParser(within(0, 100)),
    )
    .addOption(
      new Option("--confidence <share>", "how surely, such as 0.95").default(0.95).argParser(within(0.5, 0.9999)),
    )
    .addOption(
      new Option(
        "--method <method>",
        "predictor: learns from texts; table: a score for each subject and model, to be read",
      )
        .choices(["predictor", "table"] satisfies Method[])
        .default("predictor" satisfies Method),
    )
    .option("-o, --out <path>", "where the predictor goes, as the config will name it", "predictor.json")
    .option(
      "--prices <path>",
      "YAML or JSON: input and output by model, USD per million tokens (default: the config's)",
    )
    .addOption(new Option("--seed <number>", "of all draws").default(1).argParser(within(0, 2 ** 31)))
    .option("--write", "change the config file; without it the changes are printed")
    .addOption(jsonOption())
    .action((options: Options) => run(terminal, load, options));
}

function within(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (text.trim() !== "" && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`Expected a number from ${least} to ${most}.`);
  };
}

async function run(terminal: Terminal, load: LoadEncoder | undefined, options: Options): Promise<void> {
  const path = options.config ?? DEFAULT_CONFIG;
  const config = accepted(await readConfig(terminal, path, standInFor), path);
  checkPlace(options);
  const found = await calibrated({ terminal, load, options, config });
  for (const sentence of doubts(found)) terminal.err(sentence);
  if (!found.setting) throw refusal(found, options);
  const patch = patched(readFileSync(path, "utf8"), found.changes);
  if (found.file !== undefined) writeWhole(options.out, found.file);
  if (options.write) await replace(terminal, path, patch.text);
  const { setting, file: _, changes, tally: __, ...rest } = found;
  terminal.out(
    options.json
      ? JSON.stringify({ ...rest, ...setting, changes: patch.differences, written: options.write ? path : null })
      : textOf(
          { found, setting, differences: patch.differences, patch: patchText(changes) },
          { ...options, path },
          terminal.screen,
        ),
  );
}

interface Work {
  readonly terminal: Terminal;
  readonly load: LoadEncoder | undefined;
  readonly options: Options;
  readonly config: Accepted;
}

async function calibrated({ terminal, load, options, config }: Work): Promise<Calibrated> {
  const prices = options.prices === undefined ? {} : readFormFile(options.prices, pricesForm);
  const file = await openFile(options.outcomes);
  const { pool, names } = choosePool(file, undefined, { config: config.config, prices });
  const { reference } = options;
  if (reference !== undefined && !names.includes(reference)) {
    throw new Failure(
      `--reference: ${JSON.stringify(reference)} is no model of the config that the file knows; those are ${names.join(", ")}`,
    );
  }
  const progress = createProgress(terminal);
  try {
    return await interruptible(async (abort) => {
      const workshop = await openWorkshop(config.config.encoder, load);
      try {
        return await calibrate(
          { file, pool },
          {
            method: options.method,
            accepted: config,
            names,
            reference,
            most: options.maxLoss / 100,
            delta: 1 - options.confidence,
            path: options.out,
            seed: options.seed,
            workshop,
            abort,
            progress: (says) => progress.show(`${says}; Ctrl-C stops`),
          },
        );
      } catch (error) {
        throw abort.aborted ? new Failure("stopped; nothing was written", { code: "stopped" }) : error;
      } finally {
        await workshop.close();
      }
    });
  } catch (error) {
    throw told(inWords(error, options.outcomes));
  } finally {
    progress.end();
  }
}

/** A file with anything but a predictor is somebody's work. */
function checkPlace({ out, method }: Options): void {
  if (method !== "predictor" || !existsSync(out)) return;
  try {
    readPredictor(readFileSync(out));
  } catch (error) {
    if (error instanceof UnfitPredictor && error.isOld) return;
    throw new Failure(`${out} is there and holds something else than a predictor: choose another --out`, {
      code: "exists",
    });
  }
}

/** The changed file takes the place of the old one when it is found to be a whole config. */
async function replace(terminal: Terminal, path: string, text: string): Promise<void> {
  const beside = `${path}.${process.pid}.new`;
  try {
    writeWhole(beside, text);
    accepted(await readConfig(terminal, beside, standInFor), beside);
    renameSync(beside, path);
  } finally {
    rmSync(beside, { force: true });
  }
}

const points = (share: number) => (share * 100).toFixed(1);
const percent = (share: number) => `${(share * 100).toFixed(0)}%`;

function refusal({ reference, rows, promised, offer }: Calibrated, { maxLoss, confidence }: Options): Failure {
  const wish = `at most ${maxLoss} points below ${reference}, with ${percent(confidence)} confidence`;
  const instead =
    offer === undefined
      ? "They carry no promise at all: more rows are needed."
      : `They carry ${points(offer)} points (--max-loss ${Number((offer * 100).toFixed(1))}); for less, more rows are needed.`;
  return new Failure(
    `nothing was written: ${counted(rows)} rows do not carry the promise that routing stays ${wish}. ${instead}`,
    { code: promised.kept ? "failed" : "not_promised" },
  );
}

interface Found {
  readonly found: Calibrated;
  readonly setting: NonNullable<Calibrated["setting"]>;
  readonly differences: readonly Difference[];
  readonly patch: string;
}

function textOf(
  { found, setting, differences, patch }: Found,
  { maxLoss, confidence, method, out, write, path }: Options & { readonly path: string },
  screen: Screen,
): string {
  const { held, fitted, shares, confidence: sure } = setting;
  const promise = `With ${percent(confidence)} confidence routing stays at most ${maxLoss} points below always ${found.reference}, on requests like these ${counted(found.rows)} rows.`;
  const columns = [{ head: "" }, ...["held out", "fitted"].map((head) => ({ head, align: "right" as const }))];
  const line = (name: string, of: (figures: Figures) => string) => [name, of(held), of(fitted)];
  const lines = [
    line("quality, points", ({ quality }) => points(quality)),
    line(`loss against ${printable(found.reference)}`, ({ loss }) => points(loss)),
    line("95% of it", ({ interval }) => (interval ? `${points(interval[0])} to ${points(interval[1])}` : "-")),
    line("USD per 1,000", ({ cost }) => (cost * 1000).toPrecision(3)),
    line("of its cost", ({ cost_share: share }) => percent(share)),
  ];
  return [
    ...wrapped(promise, screen.width),
    "",
    ...table(screen, columns, lines),
    ...wrapped(
      "Held out: each row decided by what other rows taught, which is what to expect. Fitted: by what it taught itself too.",
      screen.width,
    ),
    "",
    ...wrapped(
      `Answered by: ${Object.entries(shares)
        .map(([name, share]) => `${printable(name)} ${percent(share)}`)
        .join(", ")}.`,
      screen.width,
    ),
    ...wrapped(
      `Confidence: ${percent(sure.confidence)} said, ${percent(sure.adequate)} adequate (no model did better by more than 0.05), expected calibration error ${sure.ece.toFixed(3)} held out.`,
      screen.width,
    ),
    "",
    write ? `Changed in ${path}:` : `Changes to ${path} (--write makes them):`,
    ...differences.flatMap((difference) => changeLines(difference)),
    ...(method === "predictor" ? ["", `The predictor is in ${out}.`] : []),
    ...(write ? [] : ["", patch.trimEnd()]),
  ].join("\n");
}

const MOST_SHOWN = 60;

function changeLines({ path, before, after }: Difference): string[] {
  const shown = (value: unknown) => {
    const text = value === undefined ? "(not set)" : JSON.stringify(value);
    return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text;
  };
  return [`- ${path}: ${shown(before)}`, `+ ${path}: ${shown(after)}`];
}

function doubts({ tally: { bad, firstBad, incomplete } }: Calibrated): string[] {
  const lines = firstBad.map(({ line, problem }) => `  line ${line}: ${problem}`);
  return [
    ...(bad > 0 ? [[`Lines that are no rows, and were left out: ${counted(bad)}.`, ...lines].join("\n")] : []),
    ...(incomplete > 0 ? [`Rows without an outcome at every model, which were left out: ${counted(incomplete)}.`] : []),
  ];
}

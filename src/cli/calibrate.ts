import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { calibrate, type Calibrated, type Figures } from "../backtest/calibrate.ts";
import { openWorkshop } from "../backtest/decider.ts";
import type { Method } from "../backtest/teach.ts";
import type { Accepted } from "../config/check.ts";
import { type Difference, patched, patchText } from "../config/patch.ts";
import { standInFor } from "../config/stand-in.ts";
import type { LoadEncoder } from "../encoders.ts";
import { readPredictor, UnfitPredictor } from "../prediction/file.ts";
import { calibrateCacheCommand } from "./cache/calibrate.ts";
import { gatesCommand } from "./cascade/calibrate.ts";
import { accepted, configOption, DEFAULT_CONFIG, jsonOption, readConfig } from "./config.ts";
import { Failure, told } from "./failure.ts";
import { counted, createProgress, interruptible } from "./progress.ts";
import { inWords, openFile, readFormFile } from "./routing/files.ts";
import { choosePool, pricesForm } from "./routing/pool.ts";
import { printable, type Screen, wrapped } from "./screen.ts";
import { table } from "./table.ts";
import type { Terminal } from "./terminal.ts";
import { replaceConfig } from "./replace.ts";
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
  return (
    new Command("calibrate")
      .description(
        "Learn from recorded outcomes which model answers what, and set the price of quality so that a stated loss is not exceeded.",
      )
      // Beside a verb of its own none of these can be one that must be there.
      .addCommand(gatesCommand(terminal))
      .addCommand(calibrateCacheCommand(terminal))
      .option("-f, --outcomes <path>", "recorded outcomes, gzip or plain; `eval routing` reads the same")
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
      .action((options: Partial<Pick<Options, "outcomes">> & Omit<Options, "outcomes">, command: Command) => {
        const { outcomes } = options;
        if (outcomes === undefined) command.error("error: required option '-f, --outcomes <path>' not specified");
        return run(terminal, load, { ...options, outcomes });
      })
  );
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
  for (const sentence of [...doubts(found), ...untested(config.config, found)]) terminal.err(sentence);
  if (!found.setting) throw refusal(found, options);
  const patch = patched(readFileSync(path, "utf8"), found.changes);
  if (options.write && patch.text === undefined) throw unchangeable(path, found);
  // With the price that the config has now, another predictor would break what was promised of it.
  const used = config.config.signals.predictor?.path;
  const isKept = !options.write && used !== undefined && resolve(used) === resolve(options.out);
  if (found.file !== undefined && !isKept) writeWhole(options.out, found.file);
  if (options.write) await replaceConfig(terminal, path, patch.text!);
  const { setting, file: _, changes, tally: __, ...rest } = found;
  terminal.out(
    options.json
      ? JSON.stringify({ ...rest, ...setting, changes: patch.differences, written: options.write ? path : null })
      : textOf(
          { found, setting, differences: patch.differences, patch: patchText(changes) },
          { ...options, path, isKept },
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
  if (method !== "predictor") return;
  if (!existsSync(dirname(out))) throw new Failure(`--out: there is no directory ${dirname(out)}`);
  if (!existsSync(out)) return;
  try {
    readPredictor(readFileSync(out));
  } catch (error) {
    if (error instanceof UnfitPredictor && error.isOld) return;
    throw new Failure(`${out} is there and holds something else than a predictor: choose another --out`, {
      code: "exists",
    });
  }
}

const unchangeable = (path: string, { changes }: Calibrated): Failure =>
  new Failure(
    `nothing was written: ${path} cannot be changed in place, since it is no whole YAML now or an anchor (& or *) shares what would change. Put this into it by hand, and run without --write for the predictor:\n${patchText(changes).trimEnd()}`,
    { code: "not_written" },
  );

const points = (share: number) => (share * 100).toFixed(1);
/** Of what costs nothing there is no share. */
const percent = (share: number) => (Number.isFinite(share) ? `${(share * 100).toFixed(0)}%` : "-");

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

interface Where {
  readonly path: string;
  /** The predictor that was there stays. */
  readonly isKept: boolean;
}

const kept = (out: string, path: string) =>
  `${out} stays as it is: ${path} uses it with the price that it has now. --write changes both, another --out shows the new one.`;

function textOf(
  { found, setting, differences, patch }: Found,
  { maxLoss, confidence, method, out, write, path, isKept }: Options & Where,
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
    ...(method === "predictor"
      ? ["", ...wrapped(isKept ? kept(out, path) : `The predictor is in ${out}.`, screen.width)]
      : []),
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

/** What of the config may undo in service what was tested. */
function untested({ models, decision }: Accepted["config"], { setting }: Calibrated): string[] {
  if (!setting) return [];
  const others = Object.keys(models).filter((name) => !Object.hasOwn(setting.shares, name));
  return [
    ...(others.length > 0
      ? [
          `Models of the config that the file has no outcomes of: they may answer, and the promise says nothing of them: ${others.join(", ")}.`,
        ]
      : []),
    ...(decision.escalate_below_margin > 0
      ? ["decision.escalate_below_margin lets another model answer where it is close: the promise holds where it is 0."]
      : []),
  ];
}

function doubts({ tally: { bad, firstBad, incomplete }, repeated }: Calibrated): string[] {
  const lines = firstBad.map(({ line, problem }) => `  line ${line}: ${problem}`);
  return [
    ...(bad > 0 ? [[`Lines that are no rows, and were left out: ${counted(bad)}.`, ...lines].join("\n")] : []),
    ...(incomplete > 0 ? [`Rows without an outcome at every model, which were left out: ${counted(incomplete)}.`] : []),
    ...(repeated > 0
      ? [
          `Rows with the text of another row that taught: ${counted(repeated)}. They flatter the promise and the held-out figures: keep each text once.`,
        ]
      : []),
  ];
}

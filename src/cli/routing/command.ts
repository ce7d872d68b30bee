import { basename, resolve } from "node:path";
import { Command } from "commander";
import { backtest } from "../../backtest/backtest.ts";
import { type Changes, compare } from "../../backtest/against.ts";
import { openWorkshop, type Workshop } from "../../backtest/decider.ts";
import { fitPredicted } from "../../backtest/fit.ts";
import type { Fold, Given } from "../../backtest/fold.ts";
import { routingPage } from "../../backtest/page.ts";
import { reportOf, type RoutingReport } from "../../backtest/report.ts";
import { type Outlook, outlook, type Scenario, scenarioForm, UnfitScenario } from "../../backtest/scenario.ts";
import { apart, byIds, crossed } from "../../backtest/split.ts";
import type { Accepted } from "../../config/check.ts";
import { standInFor } from "../../config/stand-in.ts";
import type { LoadEncoder } from "../../encoders.ts";
import { encoderOptions } from "../../inference/options.ts";
import type { OutcomeFile } from "../../outcomes/open.ts";
import { accepted, jsonOption, readConfig } from "../config.ts";
import { Failure, told } from "../failure.ts";
import { counted, createProgress, interruptible, type Progress } from "../progress.ts";
import type { Terminal } from "../terminal.ts";
import { writeWhole } from "../write.ts";
import { changesText } from "./changes.ts";
import { inWords, openFile, readFormFile, readFolds } from "./files.ts";
import { type RoutingOptions, routingOptions } from "./options.ts";
import { choosePool, type ChosenPool, poolIn, pricesForm } from "./pool.ts";
import { routingText } from "./text.ts";

export function routingCommand(terminal: Terminal, load?: LoadEncoder): Command {
  const command = new Command("routing").description(
    "Measure routing by recorded outcomes, beside always the best, a blind mix, and what the field does.",
  );
  for (const option of routingOptions()) command.addOption(option);
  return command.addOption(jsonOption()).action((options: RoutingOptions) => evalRouting({ terminal, load }, options));
}

interface Surroundings {
  readonly terminal: Terminal;
  readonly load: LoadEncoder | undefined;
}

async function evalRouting(around: Surroundings, options: RoutingOptions): Promise<void> {
  if (options.against !== undefined && options.config === undefined) {
    throw new Failure("--against compares with a config of yours: name it with --config", { code: "usage" });
  }
  if (options.learn !== undefined && options.fold !== undefined) {
    throw new Failure("give --learn or --fold, not both", { code: "usage" });
  }
  if (options.learn !== undefined && resolve(options.learn) === resolve(options.outcomes)) {
    throw new Failure("--learn is the file itself; without it each half is decided by what the other half taught", {
      code: "usage",
    });
  }
  const { terminal } = around;
  const progress = createProgress(terminal);
  try {
    const done = options.against === undefined ? measured : compared;
    await interruptible((abort) => done(around, options, { abort, progress }));
  } catch (error) {
    throw told(inWords(error, options.outcomes));
  } finally {
    progress.end();
  }
}

interface Doing {
  readonly abort: AbortSignal;
  readonly progress: Progress;
}

/** What a command line points at, opened and checked. */
interface Opened {
  readonly file: OutcomeFile;
  readonly chosen: ChosenPool;
  readonly config?: Accepted;
}

async function opened({ terminal }: Surroundings, options: RoutingOptions): Promise<Opened> {
  const config =
    options.config === undefined
      ? undefined
      : accepted(await readConfig(terminal, options.config, standInFor), options.config);
  const prices = options.prices === undefined ? {} : readFormFile(options.prices, pricesForm);
  const file = await openFile(options.outcomes);
  const chosen = choosePool(file, options.pool, { config: config?.config, prices });
  return { file, chosen, ...(config && { config }) };
}

async function measured(around: Surroundings, options: RoutingOptions, { abort, progress }: Doing): Promise<void> {
  const { terminal, load } = around;
  const scenario = options.scenario === undefined ? undefined : readFormFile(options.scenario, scenarioForm);
  const source = await opened(around, options);
  const { folds, notes } = await foldsOf(source, options, abort);
  const { chosen, config } = source;
  const given: Given | undefined = config && { accepted: config, names: chosen.names };
  const workshop = await openWorkshop(config?.config.encoder ?? encoderOptions.parse({}), load);
  const result = await withClosed(workshop, () =>
    backtest(folds, {
      seed: options.seed,
      workshop,
      given,
      fit: fitPredicted,
      abort,
      progress: (says) => progress.show(`${says}; Ctrl-C stops and reports`),
    }),
  );
  progress.end();
  if (result === undefined) throw new Failure("no row was decided: nothing can be told", { code: "no_rows" });
  const about = { sources: chosen.sources, seed: options.seed, notes: [...notes, ...configNotes(config)] };
  const report = reportOf(result, about);
  const expected = scenario && outlookOf(result, scenario);
  const json = { ...report, ...(expected && { scenario: expected }) };
  const name = basename(options.outcomes);
  terminal.out(options.json ? JSON.stringify(json) : routingText(report, expected, name, terminal.screen));
  for (const sentence of doubts(report)) terminal.err(sentence);
  if (options.html !== undefined) writeWhole(options.html, routingPage(report, name));
  if (report.skipped.bad_lines + report.skipped.learn_bad_lines > 0 || !report.complete) throw new Failure("");
}

const configNotes = (config: Accepted | undefined): string[] =>
  config
    ? ["The config is measured as it stands: nothing is learned for it here.", ...learnedBefore(config.config)]
    : [
        "The router was made for these models: one tier each, a predictor learned from the learn rows, its price of quality set by them.",
      ];

/** Nobody can tell from a config which rows taught it. */
const learnedBefore = ({ signals, decision }: Accepted["config"]): string[] =>
  signals.predictor || decision.calibration
    ? [
        "It was calibrated with outcomes: where these rows were among them, its figures flatter it. `calibrate` tells those of rows held out.",
      ]
    : [];

function outlookOf(result: Parameters<typeof outlook>[0], scenario: Scenario): Outlook {
  try {
    return outlook(result, scenario);
  } catch (error) {
    throw error instanceof UnfitScenario ? new Failure(`--scenario: ${error.message}`) : error;
  }
}

async function foldsOf(
  { file, chosen: { pool } }: Opened,
  { learn, fold, seed }: RoutingOptions,
  abort: AbortSignal,
): Promise<{ readonly folds: readonly Fold[]; readonly notes: readonly string[] }> {
  const halves = { file, pool, abort };
  if (learn !== undefined) {
    const teacher = await openFile(learn);
    const notes = [`Learned from ${basename(learn)}; its rows are taken not to stand in the file that is reported.`];
    return { folds: apart(halves, { file: teacher, pool: poolIn(pool, teacher) }), notes };
  }
  if (fold === undefined) {
    const notes = [
      "Cross-fitted: each half of the rows, by hash of the id, was decided by what the other half taught.",
    ];
    return { folds: crossed(halves, seed), notes };
  }
  const ids = readFolds();
  if (fold === "report") {
    const notes = [
      "Learned from fold learn, reported on fold report, of which nothing that is packaged has seen a row.",
    ];
    return { folds: byIds(halves, ids.learn, ids.report), notes };
  }
  const notes = ["Cross-fitted within fold learn, whose questions the packaged encoder was trained with."];
  return { folds: crossed(halves, seed, ids.learn), notes };
}

async function compared(around: Surroundings, options: RoutingOptions, { abort, progress }: Doing): Promise<void> {
  const { terminal, load } = around;
  const { against: path, maxLoss } = options as RoutingOptions & { readonly against: string };
  const { file, chosen, config } = await opened(around, options);
  const before = accepted(await readConfig(terminal, path, standInFor), path);
  const old = choosePool(file, chosen.pool.models, { config: before.config, prices: {} });
  const ids = options.fold && readFolds()[options.fold];
  const reading = { file, pool: chosen.pool, abort, isWanted: (id: string) => ids?.has(id) ?? true };
  const changes = await withWorkshops([before, config!], load, async ([first, second]) => {
    const deciders = {
      before: await first.decider(before, old.names),
      after: await second.decider(config!, chosen.names),
    };
    const show = (rows: number) => progress.show(`${counted(rows)} rows decided by both; Ctrl-C stops and reports`);
    return compare(reading, deciders, show);
  });
  progress.end();
  if (changes.rows === 0)
    throw new Failure("no row was decided by both configs: nothing can be told", { code: "no_rows" });
  const lost = -changes.quality.difference * 100;
  terminal.out(options.json ? JSON.stringify({ against: changes }) : changesText(changes, terminal.screen));
  if (lost > maxLoss) {
    throw new Failure(`quality falls by ${lost.toFixed(2)} points, and --max-loss is ${maxLoss}`, { code: "lost" });
  }
  if (changes.bad_lines > 0 || !changes.complete) throw new Failure(partly(changes));
}

const partly = ({ bad_lines: bad, complete }: Changes): string =>
  complete ? `lines that are no rows, and were left out: ${counted(bad)}` : "stopped before the end of the file";

async function withWorkshops<T>(
  configs: readonly [Accepted, Accepted],
  load: LoadEncoder | undefined,
  act: (workshops: readonly [Workshop, Workshop]) => Promise<T>,
): Promise<T> {
  const first = await openWorkshop(configs[0].config.encoder, load);
  return withClosed(first, async () => {
    const second = await openWorkshop(configs[1].config.encoder, load);
    return withClosed(second, () => act([first, second]));
  });
}

async function withClosed<T>(workshop: Workshop, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } finally {
    await workshop.close();
  }
}

/** Everything that makes the figures tell less than they seem to. */
function doubts({ skipped, rows, complete }: RoutingReport): string[] {
  const shown = skipped.first_bad_lines.map(({ line, problem }) => `  line ${line}: ${problem}`);
  const { bad_lines: bad, learn_bad_lines: learnBad } = skipped;
  return [
    ...(bad > 0 ? [[`Lines that are no rows, and were left out: ${counted(bad)}.`, ...shown].join("\n")] : []),
    ...(bad === 0 && learnBad > 0 ? [`Lines of the learn file that are no rows: ${counted(learnBad)}.`] : []),
    ...(complete ? [] : [`Stopped: this is what the first ${counted(rows)} rows say.`]),
  ];
}

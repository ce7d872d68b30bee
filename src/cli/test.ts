import { basename, dirname, join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { accepted, configOption, DEFAULT_CONFIG, findConfig, jsonOption, readConfig } from "./config.ts";
import { writeWhole } from "./write.ts";
import { Failure } from "./failure.ts";
import { withRuntimes } from "./local.ts";
import { counted, createProgress, interruptible } from "./progress.ts";
import type { Terminal } from "./terminal.ts";
import { askedBy, type RoutingTest } from "./testing/form.ts";
import { type Result, runTests } from "./testing/judge.ts";
import { junitXml } from "./testing/junit.ts";
import { compare, type Comparison, matricesOf } from "./testing/matrix.ts";
import { readTests } from "./testing/read.ts";
import { comparisonText, failuresText, matrixText } from "./testing/text.ts";
import { standInFor } from "../config/stand-in.ts";

interface Options {
  readonly config?: string;
  readonly against?: string;
  readonly maxLoss: number;
  readonly only?: RegExp;
  readonly junit?: string;
  readonly showPrompts?: boolean;
  readonly json?: boolean;
}

const DEFAULT_TESTS = "signalbox.tests.yaml";

export function testCommand(terminal: Terminal): Command {
  return new Command("test")
    .description(
      "Run your own routing tests: prompts and the route, model, tier or labels that must come of them. Nothing is sent. Exit code 1 if any fails.",
    )
    .argument("[file]", `the tests, as YAML or JSON lines (default: ${DEFAULT_TESTS} beside the config)`)
    .addOption(configOption())
    .option(
      "--against <path>",
      "run them under this older config too, and fail for what it passed and this one does not",
    )
    .addOption(
      new Option("--max-loss <rows>", "with --against: so many tests may be lost").default(0).argParser(rowsOf),
    )
    .addOption(
      new Option("--only <pattern>", "only tests whose name this regular expression finds").argParser(patternOf),
    )
    .option("--junit <path>", "write the results there as JUnit's XML")
    .option("--show-prompts", "let reports quote the prompts")
    .addOption(jsonOption())
    .action((file: string | undefined, options: Options) => test(terminal, file, options));
}

function rowsOf(text: string): number {
  const rows = Number(text);
  if (!/^\d+$/u.test(text) || !Number.isSafeInteger(rows)) throw new InvalidArgumentError("Expected a whole number.");
  return rows;
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text, "iu");
  } catch {
    throw new InvalidArgumentError("Expected a regular expression.");
  }
}

async function test(terminal: Terminal, file: string | undefined, options: Options): Promise<void> {
  const own = await findConfig(terminal, options.config, { sends: false });
  const old = options.against === undefined ? [] : [await older(terminal, options.against)];
  const path = file ?? join(dirname(options.config ?? DEFAULT_CONFIG), DEFAULT_TESTS);
  const tests = chosen(await readTests(path, own.config), options.only);
  const [results, before] = await withRuntimes([own, ...old], (runtimes) => watched(terminal, tests, runtimes));

  const report: Report = {
    path,
    hash: own.hash,
    complete: results!.length === tests.length,
    tests: tests.length,
    results: results!,
    ...(before && { against: { hash: old[0]!.hash, ...compare(before, results!) } }),
  };
  if (options.junit !== undefined) {
    const suite = basename(path);
    writeWhole(options.junit, junitXml(report.results, { suite, showPrompts: options.showPrompts ?? false }));
  }
  terminal.out(options.json ? JSON.stringify(reportJson(report, options)) : reportText(report, terminal, options));
  if (isBad(report, options)) throw new Failure("");
}

async function older(terminal: Terminal, path: string) {
  return accepted(await readConfig(terminal, path, standInFor), path);
}

function chosen(tests: readonly RoutingTest[], only: RegExp | undefined): readonly RoutingTest[] {
  const some = only ? tests.filter(({ name }) => only.test(name)) : tests;
  if (some.length === 0) throw new Failure("--only finds no test by its name", { code: "no_tests" });
  return some;
}

function watched(terminal: Terminal, tests: readonly RoutingTest[], runtimes: Parameters<typeof runTests>[0]) {
  const progress = createProgress(terminal);
  return interruptible(async (abort) => {
    try {
      return await runTests(runtimes, tests, abort, (done) =>
        progress.show(`${counted(done)} of ${counted(tests.length)} tests; Ctrl-C stops and reports`),
      );
    } finally {
      progress.end();
    }
  });
}

interface Report {
  readonly path: string;
  readonly hash: string;
  /** Nobody stopped it. */
  readonly complete: boolean;
  /** How many there are, run or not. */
  readonly tests: number;
  readonly results: readonly Result[];
  readonly against?: Comparison & { readonly hash: string };
}

const failedIn = ({ results }: Report): number => results.filter(({ misses }) => misses.length > 0).length;

/** Against an older config what counts is what was lost: what failed under both is no news. */
function isBad(report: Report, { maxLoss }: Options): boolean {
  if (!report.complete) return true;
  return report.against ? report.against.lost > maxLoss : failedIn(report) > 0;
}

function reportText(report: Report, { screen }: Terminal, options: Options): string {
  const { results, tests, against, complete } = report;
  const failed = failedIn(report);
  const lines = [
    ...failuresText(results, screen, options.showPrompts ?? false),
    ...matricesOf(results).flatMap((matrix) => matrixText(matrix, screen)),
    ...(against ? [...comparisonText(against, screen), ""] : []),
    ...(complete ? [] : [`Stopped: this is what the first ${counted(results.length)} of ${counted(tests)} tests say.`]),
    `${counted(results.length)} tests: ${counted(results.length - failed)} passed, ${counted(failed)} failed`,
  ];
  return lines.join("\n");
}

function reportJson(report: Report, options: Options): object {
  const { path, hash, complete, results, against } = report;
  const failed = failedIn(report);
  return {
    path,
    hash,
    complete,
    tests: results.length,
    passed: results.length - failed,
    failed,
    results: results.map((result) => resultJson(result, options.showPrompts ?? false)),
    matrices: matricesOf(results),
    ...(against && {
      against: {
        ...against,
        max_loss: options.maxLoss,
        losses: against.losses.map(({ rows, ...loss }) => ({ ...loss, rows: rows.map(({ test: { name } }) => name) })),
      },
    }),
  };
}

function resultJson({ test: { name, line, ...asked }, came, misses }: Result, showPrompts: boolean): object {
  const { route, model, tier, blocked, because, reports } = came;
  return {
    name,
    line,
    ok: misses.length === 0,
    misses,
    came: { route, model, tier, blocked, because },
    signals: reports.map(({ signal, readings, failure }) => ({ signal, readings, ...(failure && { failure }) })),
    ...(showPrompts && { prompt: askedBy({ name, line, ...asked }) }),
  };
}

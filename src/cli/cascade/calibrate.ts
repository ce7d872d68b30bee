import { existsSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { Command, Option } from "commander";
import { collectRows } from "../../backtest/cascade/collect.ts";
import { changesOf, type GatesReport, promiseGates } from "../../backtest/cascade/gates.ts";
import { readReplies } from "../../backtest/cascade/replies.ts";
import { createTally } from "../../backtest/material.ts";
import { UnfitRows } from "../../cascade/fit.ts";
import { cascadeText, readCascade, UnfitCascade } from "../../cascade/learned.ts";
import type { Promised } from "../../cascade/promise.ts";
import { nearest } from "../../config/nearest.ts";
import type { Config } from "../../config/schema.ts";
import { type Change, patched, patchText } from "../../config/patch.ts";
import { standInFor } from "../../config/stand-in.ts";
import { readCases } from "../cases.ts";
import { accepted, configOption, DEFAULT_CONFIG, jsonOption, readConfig } from "../config.ts";
import { Failure } from "../failure.ts";
import { counted, createProgress, interruptible } from "../progress.ts";
import { replaceConfig } from "../replace.ts";
import { inWords, openFile, readFormFile } from "../routing/files.ts";
import { choosePool, pricesForm } from "../routing/pool.ts";
import type { Terminal } from "../terminal.ts";
import { writeWhole } from "../write.ts";
import { namesOf, within, wholeNumber } from "./arguments.ts";
import { gatesText } from "./gates-text.ts";

interface Options {
  readonly outcomes: string;
  readonly replies: string;
  readonly pool: readonly string[];
  readonly gate: Promised["ways"][number]["gate"] | "cheapest";
  readonly maxLoss: number;
  readonly confidence: number;
  readonly config?: string;
  readonly route: string;
  readonly out?: string;
  readonly prices?: string;
  readonly seed: number;
  readonly write?: boolean;
  readonly json?: boolean;
}

const USUAL_PATH = "gates.json";
const GATES = ["cheapest", "learned", "heuristics", "agreement", "logprobs"] satisfies Options["gate"][];

/** `calibrate gates`. */
export function gatesCommand(terminal: Terminal): Command {
  return new Command("gates")
    .description(
      "Fit the gates of a cascade to recorded replies, so that what they let through stays below a stated loss, and say how often they err.",
    )
    .requiredOption("-f, --outcomes <path>", "recorded outcomes, gzip or plain")
    .requiredOption("--replies <path>", "JSON lines: qid (or id), model, reply, and logprobs where they were recorded")
    .addOption(
      new Option("--pool <models>", "one or two cheap models, then the strong one, with commas between them")
        .argParser(namesOf)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option("--gate <gate>", "which gates: cheapest takes the one that costs least of those that keep the promise")
        .choices(GATES)
        .default("cheapest" satisfies Options["gate"]),
    )
    .addOption(
      new Option(
        "--max-loss <points>",
        "of 100 requests, those that may get a wrong answer where the strong model's is right",
      )
        .default(2)
        .argParser(within(0.01, 99)),
    )
    .addOption(
      new Option("--confidence <share>", "how surely, such as 0.95").default(0.95).argParser(within(0.5, 0.9999)),
    )
    .addOption(configOption())
    .option("--route <name>", "the route whose cascade the config's changes are for", "default")
    .option("-o, --out <path>", "write the learned gates there, as the config will name it")
    .option("--prices <path>", "YAML or JSON: input and output by model, USD per million tokens")
    .addOption(new Option("--seed <number>", "of all draws").default(1).argParser(wholeNumber(0, 2 ** 31 - 1)))
    .option("--write", "change the config file; without it the changes are printed")
    .addOption(jsonOption())
    .action((options: Options) => calibrateGates(terminal, options));
}

async function calibrateGates(terminal: Terminal, options: Options): Promise<void> {
  const { out, write } = options;
  checkPlace(out);
  const path = options.config ?? DEFAULT_CONFIG;
  const isConfigured = options.config !== undefined || write === true;
  const config = isConfigured ? accepted(await readConfig(terminal, path, standInFor), path).config : undefined;
  checkRoute(options.route, config);
  const { promised, report, names, doubts } = await measured(terminal, options, config);
  for (const sentence of doubts) terminal.err(sentence);
  if (promised.best === undefined) throw refusal(report, options);
  const isLearned = promised.best.gate === "learned";
  if (write && isLearned && out === undefined) {
    throw new Failure("--write needs --out: the config names the file of the learned gates");
  }
  const place = { route: options.route, before: config?.routes[options.route]?.cascade, path: out ?? USUAL_PATH };
  const changes = changesOf(promised, names, place);
  const patch = isConfigured ? patched(readFileSync(path, "utf8"), changes) : undefined;
  if (write && patch?.text === undefined) throw unchangeable(path, changes);
  if (out !== undefined && isLearned) writeWhole(out, cascadeText(promised.best.promised.cascade!));
  if (write) await replaceConfig(terminal, path, patch!.text!);
  const done = { path, patch: patchText(changes), isLearned };
  terminal.out(options.json ? jsonOf(report, changes, options, done) : textOf(report, terminal, options, done));
}

async function measured(
  terminal: Terminal,
  { outcomes, replies, pool: models, prices, seed, gate, maxLoss, confidence }: Options,
  config: Config | undefined,
) {
  const progress = createProgress(terminal);
  try {
    return await interruptible(async (abort) => {
      const file = await openFile(outcomes);
      const priced = prices === undefined ? {} : readFormFile(prices, pricesForm);
      const { pool, names } = choosePool(file, models, { config, prices: priced });
      const badReplies = createTally();
      const heard = await readReplies(readCases(replies), models.slice(0, -1), badReplies.onto);
      progress.show(`${heard.size} rows with replies; Ctrl-C stops`);
      const { rows, tally, unheard } = await collectRows({ file, pool, isWanted: () => true, abort }, heard);
      if (abort.aborted) throw new Failure("stopped; nothing was written", { code: "stopped" });
      const wish = { mostLoss: maxLoss / 100, delta: 1 - confidence, gate: gate === "cheapest" ? undefined : gate };
      const left = { incomplete: tally.incomplete, unheard };
      return {
        ...promiseGates(names, rows, { ...wish, seed }),
        names,
        doubts: [...badLines(outcomes, tally), ...badLines(replies, badReplies), ...leftOut(left)],
      };
    });
  } catch (error) {
    throw error instanceof UnfitRows
      ? new Failure(`${outcomes}: ${error.message}`, { code: "outcomes", cause: error })
      : inWords(error, outcomes);
  } finally {
    progress.end();
  }
}

const badLines = (path: string, { bad, firstBad }: Pick<ReturnType<typeof createTally>, "bad" | "firstBad">) =>
  bad === 0
    ? []
    : [
        [
          `Lines of ${path} that cannot be read, and were left out: ${counted(bad)}.`,
          ...firstBad.map(({ line, problem }) => `  line ${line}: ${problem}`),
        ].join("\n"),
      ];

const leftOut = ({ incomplete, unheard }: { readonly incomplete: number; readonly unheard: number }) => [
  ...(incomplete > 0 ? [`Rows without an outcome at every model, which were left out: ${counted(incomplete)}.`] : []),
  ...(unheard > 0 ? [`Rows without a reply of every cheap model, which were left out: ${counted(unheard)}.`] : []),
];

/** A file with anything but gates is somebody's work. */
function checkPlace(out: string | undefined): void {
  if (out === undefined) return;
  if (!existsSync(dirname(out))) throw new Failure(`--out: there is no directory ${dirname(out)}`);
  if (!existsSync(out)) return;
  try {
    readCascade(readFileSync(out, "utf8"));
  } catch (error) {
    if (!(error instanceof UnfitCascade)) throw new Failure(`--out: cannot read what is at ${out}`, { cause: error });
    throw new Failure(`${out} is there and holds something else than gates: choose another --out`, { code: "exists" });
  }
}

function checkRoute(route: string, config: Config | undefined): void {
  if (config === undefined || route === "default" || Object.hasOwn(config.routes, route)) return;
  const known = ["default", ...Object.keys(config.routes)];
  const near = nearest(route, known);
  throw new Failure(
    `--route: the config has no route ${JSON.stringify(route)}${near === undefined ? "" : `; did you mean ${JSON.stringify(near)}?`}`,
  );
}

const percent = (share: number) => `${Number((share * 100).toFixed(2))}%`;

function refusal({ offer, rows, gates, confidence }: GatesReport, { outcomes, maxLoss }: Options): Failure {
  const instead =
    offer === null
      ? "They carry no promise at all: more rows are needed, or other models."
      : `They carry ${Number((offer * 100).toFixed(1))} (--max-loss ${Number((offer * 100).toFixed(1))}); for less, more rows are needed.`;
  const looked = [...new Set(gates.map(({ gate }) => gate))].join(", ");
  return new Failure(
    `nothing was written: no gate (${looked}) saves anything and is shown, with ${percent(confidence)} confidence, to lose at most ${maxLoss} of 100 requests, by ${counted(rows.tested)} rows of ${basename(outcomes)} that taught it nothing. ${instead}`,
    { code: "not_promised" },
  );
}

const unchangeable = (path: string, changes: readonly Change[]): Failure =>
  new Failure(
    `nothing was written: ${path} cannot be changed in place, since it is no whole YAML now or an anchor (& or *) shares what would change. Put this into it by hand, and run without --write for the gates:\n${patchText(changes).trimEnd()}`,
    { code: "not_written" },
  );

interface Done {
  readonly path: string;
  readonly patch: string;
  readonly isLearned: boolean;
}

function jsonOf(report: GatesReport, changes: readonly Change[], { out, write }: Options, { path, isLearned }: Done) {
  const told = changes.map(({ path: steps, value }) => ({ path: steps.join("."), after: value }));
  const file = isLearned && out !== undefined ? out : null;
  return JSON.stringify({ ...report, changes: told, file, written: write ? path : null });
}

function textOf(report: GatesReport, { screen }: Terminal, { out, write, outcomes }: Options, done: Done): string {
  const { isLearned, path, patch } = done;
  const file =
    isLearned && out !== undefined
      ? `The gates are in ${out}.`
      : isLearned
        ? "The learned gates were not written: --out names their file."
        : "A plain gate needs no file: its threshold stands in the config.";
  const config = write ? `Changed in ${path}:` : "For the config (--write puts it there):";
  return [...gatesText(report, basename(outcomes), screen), "", file, "", config, patch.trimEnd()].join("\n");
}

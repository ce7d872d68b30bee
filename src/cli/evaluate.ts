import { existsSync, readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { performance } from "node:perf_hooks";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Model } from "../contracts.ts";
import { type Question, readQuestion } from "../evaluation/questions.ts";
import type { Pool } from "../pool/pool.ts";
import { type Asker, withAsker } from "./asker.ts";
import { readCases } from "./cases.ts";
import { configOption, findConfig, jsonOption } from "./config.ts";
import { writeWhole } from "./write.ts";
import { Failure } from "./failure.ts";
import { appendOutcomes, type OutcomeLine, readOutcomes, replaceOutcomes } from "./outcome-file.ts";
import { counted, createProgress, interruptible } from "./progress.ts";
import { isQualityPatch, qualityPatch, qualityTable, qualityText } from "./quality.ts";
import { askAll, type Progress, type Tally } from "./questioning.ts";
import type { Terminal } from "./terminal.ts";

interface Options {
  readonly config?: string;
  readonly questions: string;
  readonly models?: readonly string[];
  readonly out?: string;
  readonly resume?: boolean;
  readonly table?: string;
  readonly parallel: number;
  readonly maxTokens: number;
  readonly maxCost?: number;
  readonly limit?: number;
  readonly json?: boolean;
}

const MOST_QUESTIONS = 100_000;
const MOST_PARALLEL = 64;
const MOST_TOKENS = 131_072;

export function evaluateCommand(terminal: Terminal): Command {
  return new Command("evaluate")
    .description("Ask the models of the pool questions whose answers are known, and tell how good each is at what.")
    .requiredOption("-q, --questions <path>", "the questions, one JSON object a line, gzip or plain")
    .addOption(configOption())
    .option("--models <names>", "only these models of the pool, such as small,large", listOf)
    .option("-o, --out <path>", "write what became of each question there, as JSON lines")
    .option("--resume", "go on with the file that --out names: only what is not in it is asked")
    .option("--table <path>", "write the part of a config that follows from it there, as YAML")
    .addOption(
      new Option("--parallel <requests>", "requests under way together").default(4).argParser(whole(MOST_PARALLEL)),
    )
    .addOption(new Option("--max-tokens <tokens>", "longest reply").default(4096).argParser(whole(MOST_TOKENS)))
    .addOption(new Option("--max-cost <usd>", "stop before this run has cost more").argParser(amount))
    .addOption(new Option("--limit <questions>", "at most so many questions").argParser(whole(MOST_QUESTIONS)))
    .addOption(jsonOption())
    .action((_own: unknown, command: Command) => evaluate(terminal, command.optsWithGlobals<Options>()));
}

const listOf = (text: string) =>
  text
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);

function whole(most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (Number.isInteger(number) && number >= 1 && number <= most) return number;
    throw new InvalidArgumentError(`Expected a whole number from 1 to ${most}.`);
  };
}

function amount(text: string): number {
  const usd = Number(text);
  if (text.trim() !== "" && usd >= 0 && Number.isFinite(usd)) return usd;
  throw new InvalidArgumentError("Expected an amount of USD, such as 2.50.");
}

async function evaluate(terminal: Terminal, options: Options): Promise<void> {
  const { out, resume, table, json } = options;
  if (resume && out === undefined) throw new Failure("--resume goes on with a file: name it with --out PATH");
  if (out !== undefined && !resume && existsSync(out)) {
    throw new Failure(`${out} is there already: --resume goes on with it, --out PATH writes another`, {
      code: "exists",
    });
  }
  if (table !== undefined) checkTable(table);
  const accepted = await findConfig(terminal, options.config, { sends: true });
  if (accepted.demo) throw new Failure("this needs a config: the demo has nobody to ask", { code: "no_config" });
  const questions = await readQuestions(options);
  const known = out === undefined ? new Map<string, OutcomeLine>() : await readOutcomes(out);
  checkSame(questions, known, out);

  const { models, tally } = await withAsker(accepted, async (asker) => {
    const judges = questions.flatMap(({ judge }) => judge?.model ?? []);
    for (const name of new Set(judges)) inPool(asker.pool, name);
    const wanted = chosen(asker.pool, options.models);
    const tallied = await interruptible((abort) => run(terminal, asker, wanted, questions, known, options, abort));
    return { models: wanted, tally: tallied };
  });

  const ids = new Set(questions.map(({ id }) => id));
  const lines = [...known.values()].filter(({ id }) => ids.has(id));
  const names = models.map(({ name }) => name);
  const quality = qualityTable(lines, names);
  const day = new Date().toISOString().slice(0, 10);
  if (table !== undefined && Object.keys(quality.models).length > 0)
    writeWhole(table, qualityPatch(quality, { file: basename(options.questions), day }));
  const left = lines.filter(({ scores }) => names.every((name) => Object.hasOwn(scores, name))).length;
  const complete = left === questions.length;
  if (json) terminal.out(JSON.stringify({ questions: questions.length, ...quality, run: tally, complete }));
  else terminal.out(qualityText(quality, terminal.screen));
  for (const sentence of remarks(tally, options)) terminal.err(sentence);
  if (!complete) throw new Failure("");
}

/** A file with anything but a table of an earlier run is somebody's work, such as the config itself. */
function checkTable(path: string): void {
  if (!existsSync(path) || (statSync(path).isFile() && isQualityPatch(readFileSync(path, "utf8")))) return;
  throw new Failure(`${path} is there and holds something else than such a table: choose another --table`, {
    code: "exists",
  });
}

async function readQuestions({ questions: path, limit }: Options): Promise<Question[]> {
  const questions: Question[] = [];
  const places = new Map<string, number>();
  const problems: string[] = [];
  for await (const { number, bytes } of readCases(path)) {
    if (questions.length === (limit ?? MOST_QUESTIONS)) {
      if (limit !== undefined) break;
      throw new Failure(`${path} has more than ${counted(MOST_QUESTIONS)} questions: --limit N asks the first ones`);
    }
    const parsed = readQuestion(bytes);
    const twice = "row" in parsed ? places.get(parsed.row.id) : undefined;
    if ("problem" in parsed) problems.push(`  line ${number}: ${parsed.problem}`);
    else if (twice !== undefined) problems.push(`  line ${number}: has the id of line ${twice}`);
    else {
      questions.push(parsed.row);
      places.set(parsed.row.id, number);
    }
    if (problems.length === MOST_SHOWN) break;
  }
  // Asking costs money: nothing is asked before the whole file is understood.
  if (problems.length > 0)
    throw new Failure(`${path} has lines that are no questions; correct or remove them:\n${problems.join("\n")}`, {
      code: "bad_questions",
    });
  if (questions.length === 0) throw new Failure(`${path} has no questions`, { code: "no_rows" });
  return questions;
}

const MOST_SHOWN = 10;

/** Answers to another question under the same id would be counted for this one. */
function checkSame(questions: readonly Question[], known: ReadonlyMap<string, OutcomeLine>, out = ""): void {
  const other = questions.find(({ id, prompt }) => (known.get(id)?.prompt ?? prompt) !== prompt);
  if (other)
    throw new Failure(`${out} holds another prompt for the question ${other.id}: give --out another path`, {
      code: "other_questions",
    });
}

function chosen(pool: Pool, names: readonly string[] | undefined): readonly Model[] {
  return names && names.length > 0 ? [...new Set(names)].map((name) => inPool(pool, name)) : pool.models;
}

function inPool({ models, byName }: Pool, name: string): Model {
  const model = byName.get(name);
  if (model) return model;
  const known = models.map((each) => each.name).join(", ");
  throw new Failure(`no model of the pool is called "${name}"; it has ${known}`, { code: "unknown_model" });
}

async function run(
  terminal: Terminal,
  asker: Asker,
  models: readonly Model[],
  questions: readonly Question[],
  known: Map<string, OutcomeLine>,
  { out, parallel, maxTokens, maxCost }: Options,
  abort: AbortSignal,
): Promise<Tally> {
  const progress = createProgress(terminal);
  const started = performance.now();
  const writer = out === undefined ? undefined : appendOutcomes(out);
  let isDoubled = false;
  try {
    return await askAll(asker, {
      questions,
      models,
      known: new Map(known),
      parallel,
      maxTokens,
      ...(maxCost !== undefined && { maxCostUsd: maxCost }),
      abort,
      line(line) {
        isDoubled ||= known.has(line.id);
        known.set(line.id, line);
        writer?.write(line);
      },
      progress: (now) => progress.show(progressText(now, performance.now() - started)),
    });
  } finally {
    progress.end();
    writer?.close();
    if (out !== undefined && isDoubled) replaceOutcomes(out, known.values());
  }
}

function progressText({ done, of, costUsd }: Progress, elapsedMs: number): string {
  const minutes = Math.ceil(((elapsedMs / done) * (of - done)) / 60_000);
  return `${counted(done)} of ${counted(of)} answers, ${usd(costUsd)} so far, some ${counted(minutes)} min left; Ctrl-C stops`;
}

const usd = (cost: number) => `${cost.toFixed(cost < 0.1 ? 4 : 2)} USD`;

function remarks(
  { asked, costUsd, unclear, cut, failed, dropped, stopped }: Tally,
  { out, maxCost }: Options,
): string[] {
  const some = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).flatMap(([name, count]) => (count > 0 ? [`${name} ${counted(count)}`] : []));
  const goOn = out === undefined ? "with --out it could go on later" : "--resume goes on";
  const lost = Object.entries(failed).flatMap(([model, reasons]) =>
    some(reasons).map((reason) => `${model}: ${reason}`),
  );
  const unclearOnes = some(unclear);
  const cutOnes = some(cut);
  return [
    `This run: ${counted(asked)} answers, ${usd(costUsd)}.`,
    ...(unclearOnes.length > 0
      ? [`Replies without an answer in them, which count as wrong: ${unclearOnes.join(", ")}.`]
      : []),
    ...(cutOnes.length > 0 ? [`Replies that --max-tokens cut short: ${cutOnes.join(", ")}.`] : []),
    ...(lost.length > 0 ? [`Not answered: ${lost.join(", ")}; --resume asks again.`] : []),
    ...(dropped.length > 0 ? [`Failed too often in a row, and not asked any more: ${dropped.join(", ")}.`] : []),
    ...(stopped === "cost" ? [`Stopped before it would cost more than ${maxCost} USD; ${goOn}.`] : []),
    ...(stopped === "interrupted" ? [`Stopped; ${goOn}.`] : []),
  ];
}

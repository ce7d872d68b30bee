import { fileURLToPath } from "node:url";
import type { Said } from "../../src/backtest/cascade/course.ts";
import { type HeldFigures, poolContest } from "../../src/backtest/cascade/pool.ts";
import { poolRows } from "../../src/backtest/cascade/pool-rows.ts";
import { type CascadeReport, cascadeReport } from "../../src/backtest/cascade/report.ts";
import { openWorkshop } from "../../src/backtest/decider.ts";
import { readCases } from "../../src/cli/cases.ts";
import { openFile, readFolds } from "../../src/cli/routing/files.ts";
import { choosePool } from "../../src/cli/routing/pool.ts";
import { encoderOptions } from "../../src/inference/options.ts";
import { fieldsOf, numbersAt, textAt, textsAt, amountOf } from "../../src/outcomes/line.ts";
import type { Pool } from "../../src/outcomes/table.ts";

const MODELS = [
  "Meta-Llama-3.1-8B-Instruct",
  "gemini-1.5-flash-002",
  "Meta-Llama-3.1-70B-Instruct",
  "gemini-1.5-pro-002",
];
/** Flash is the better of the two, so it keeps its answer. */
const PAIR = [0, 1] as const;
const WITHIN_SHARE = 0.5;
const SEED = 1;
const PATH = fileURLToPath(new URL("../../models/data/routing/mmlu_pro.dev.jsonl.gz", import.meta.url));

/** MMLU-Pro: learned on fold learn, chosen by cross-fitting inside of it, reported once on fold report. */
export async function measuredPool(): Promise<{ readonly report: CascadeReport; readonly held: HeldFigures }> {
  const file = await openFile(PATH);
  const { pool } = choosePool(file, MODELS, { prices: {} });
  const folds = readFolds();
  const part = (ids: ReadonlySet<string>) => ({ file, pool, isWanted: (id: string) => ids.has(id) });
  const workshop = await openWorkshop(encoderOptions.parse({}));
  try {
    const { encoder } = workshop;
    const reading = {
      learn: part(folds.learn),
      report: part(folds.report),
      encoder,
      said: await saidBy(pool),
      seed: SEED,
    };
    const rows = await poolRows({ ...reading, progress: () => undefined });
    const result = poolContest(MODELS, rows, { pair: PAIR, within: WITHIN_SHARE, progress: () => undefined });
    const skipped = { bad_lines: 0, incomplete: 0, unheard: 0 };
    const report = cascadeReport(result, { models: MODELS, seed: SEED, within: WITHIN_SHARE, skipped, complete: true });
    return { report, held: result.held };
  } finally {
    await workshop.close();
  }
}

/** The letter that each model came to, and what is to be seen of that: the reply itself was not recorded. */
async function saidBy({ at }: Pool): Promise<ReadonlyMap<string, readonly Said[]>> {
  const all = new Map<string, Said[]>();
  for await (const line of readCases(PATH)) {
    const fields = fieldsOf(line);
    const letters = textAt(fields, "pred");
    const options = textsAt(fields, "options");
    const lengths = numbersAt(fields, "chars", letters.length, amountOf);
    const said = Array.from(at, (model) => answerOf(letters[model]!, options, lengths[model]!));
    all.set(textAt(fields, "qid"), said);
  }
  return all;
}

const FIRST_LETTER = "A".charCodeAt(0);
const CHARACTERS_A_TOKEN = 4;

function answerOf(letter: string, options: readonly string[], length: number): Said {
  const place = letter.charCodeAt(0) - FIRST_LETTER;
  const option = options[place];
  const tokens = Math.log1p((Number.isNaN(length) ? 0 : length) / CHARACTERS_A_TOKEN);
  const usual = options.reduce((sum, { length: own }) => sum + own, 0) / options.length;
  return {
    final: option === undefined ? "" : letter,
    numbers: Float64Array.from([
      Number(option === undefined),
      tokens,
      tokens ** 2,
      option === undefined ? 0 : place / options.length,
      (option ?? "").length / (usual + 1),
      Number(/none|all of|cannot|not /iu.test(option ?? "")),
      extremeness(place, options),
      Number(/\d/u.test(option ?? "")),
      Number(place === options.length - 1),
    ]),
  };
}

/** Of an option that is a number: how far from the middle of all that are; 0 for one that is none. */
function extremeness(place: number, options: readonly string[]): number {
  const numbers = options.map((option) => Number.parseFloat(option.replaceAll(/[^\d.eE-]/gu, "")));
  const own = numbers[place];
  if (own === undefined || Number.isNaN(own)) return 0;
  return Math.abs(numbers.filter((other) => other < own).length / options.length - 0.5);
}

import { existsSync, readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { setImmediate as turn } from "node:timers/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import { collect, type LeftOut, type Material, MOST_EXAMPLES } from "../evaluation/examples.ts";
import { type Fitted, fitHead, type Gate, headFile, UnfitExamples } from "../evaluation/head.ts";
import { type Encoder, EncoderError, type Stage } from "../inference/encoder.ts";
import { readCases } from "./cases.ts";
import { jsonOption } from "./config.ts";
import { encoderOption, type OpenEncoder, openEncoder, withEncoder } from "./encoder.ts";
import { writeWhole } from "./write.ts";
import { Failure } from "./failure.ts";
import { counted, createProgress, interruptible, type Progress } from "./progress.ts";
import type { Screen } from "./screen.ts";
import { table } from "./table.ts";
import type { Terminal } from "./terminal.ts";

interface Options {
  readonly task: string;
  readonly file: string;
  readonly dev?: string;
  readonly out: string;
  readonly config?: string;
  readonly stage: Stage;
  readonly classWeights: "none" | "balanced";
  readonly force?: boolean;
  readonly json?: boolean;
}

export function trainCommand(terminal: Terminal, open: OpenEncoder = openEncoder): Command {
  const heads = new Command("heads")
    .description("Fit a head to labelled texts of your own; it is written where it is better than what stands today.")
    .addOption(
      new Option("-t, --task <name>", "name of the head, such as domain, or one of your own")
        .makeOptionMandatory()
        .argParser(headName),
    )
    .requiredOption("-f, --file <path>", "the labelled texts: JSON lines with text and label, gzip or plain")
    .option("--dev <path>", "judge by these instead of by a part of the file")
    .option("-o, --out <path>", "where to; the config's encoder.heads names it", "heads.json")
    .addOption(encoderOption())
    .addOption(
      new Option("--stage <stage>", "the stage whose features it reads")
        .choices(["static", "full"])
        .default("static" satisfies Stage),
    )
    .addOption(
      new Option("--class-weights <kind>", "balanced: rare labels count as much as frequent ones")
        .choices(["none", "balanced"])
        .default("none"),
    )
    .option("--force", "write it even where it is not better, or over another file")
    .addOption(jsonOption())
    .action((options: Options) => trainHeads(terminal, open, options));
  return new Command("train").description("Learn from examples of your own.").addCommand(heads);
}

function headName(text: string): string {
  if (/^[a-zA-Z][a-zA-Z0-9._-]{0,127}$/u.test(text)) return text;
  throw new InvalidArgumentError("A name starts with a letter and has letters, digits and . _ - only.");
}

async function trainHeads(terminal: Terminal, open: OpenEncoder, options: Options): Promise<void> {
  checkPlace(options);
  const { material, fitted, text } = await interruptible((abort) => trained(terminal, open, options, abort));
  const { gate } = fitted;
  const writes = gate.better || options.force === true;
  if (writes) writeWhole(options.out, text);
  for (const sentence of leftOut(material.left)) terminal.err(sentence);
  if (options.json) terminal.out(JSON.stringify(resultOf(material, fitted, writes ? options.out : null)));
  else terminal.out(told(material, fitted, options, terminal.screen));
  if (!writes) throw new Failure(options.json ? "" : refusal(gate), { code: "not_better" });
}

interface Trained {
  readonly material: Material;
  readonly fitted: Fitted;
  /** Of the file. */
  readonly text: string;
}

async function trained(terminal: Terminal, open: OpenEncoder, options: Options, abort: AbortSignal): Promise<Trained> {
  const progress = createProgress(terminal);
  try {
    return await withEncoder(terminal, open, options.config, async (encoder) => {
      const material = await collected(encoder, options, abort, progress);
      const fitted = await fitHead(material, { balance: options.classWeights === "balanced" }, async ({ l2, step }) => {
        await turn();
        stopWhere(abort);
        progress.show(
          `fitting ${counted(material.truth.length)} rows: L2 ${l2.toPrecision(2)}, step ${step}; Ctrl-C stops`,
        );
      });
      return {
        material,
        fitted,
        text: headFile(encoder, { name: options.task, stage: options.stage }, material, fitted),
      };
    });
  } catch (error) {
    if (error instanceof UnfitExamples) throw new Failure(`${options.file}: ${error.message}`, { code: "examples" });
    if (error instanceof EncoderError) throw new Failure(error.message, { code: "encoder", cause: error });
    throw error;
  } finally {
    progress.end();
  }
}

async function collected(
  encoder: Encoder,
  { task, stage, file, dev }: Options,
  abort: AbortSignal,
  progress: Progress,
): Promise<Material> {
  if (stage === "full" && !encoder.hasFullStage) throw new Failure("this encoder has no full stage");
  const material = await collect(encoder, {
    name: task,
    stage,
    file: readCases(file),
    ...(dev !== undefined && { dev: readCases(dev) }),
    clock: () => performance.now(),
    abort,
    progress: (rows) => progress.show(`${counted(rows)} rows read`),
  });
  stopWhere(abort);
  return material;
}

function stopWhere(abort: AbortSignal): void {
  if (abort.aborted) throw new Failure("stopped; nothing was written", { code: "stopped" });
}

/** A file with anything but a head of this name is somebody's work. */
function checkPlace({ out, task, force }: Options): void {
  if (force === true || !existsSync(out)) return;
  let name: unknown;
  try {
    ({ name } = JSON.parse(readFileSync(out, "utf8")) as { name?: unknown });
  } catch {
    name = undefined;
  }
  if (name !== task) {
    throw new Failure(`${out} is there and holds something else than a head ${task}: choose another --out, or --force`);
  }
}

function refusal({ figure, against, gain, interval }: Gate): string {
  const than = against === "head" ? "the head of the encoder" : "always giving the most frequent label";
  const range = interval ? ` (95% interval ${signed(interval[0])} to ${signed(interval[1])})` : "";
  const name = figure === "accuracy" ? "accuracy" : "macro F1";
  return `nothing was written: the head is not surely better than ${than}: ${name} ${signed(gain)}${range}. More examples may help; --force writes it all the same.`;
}

const signed = (value: number) => `${value < 0 ? "-" : "+"}${Math.abs(value).toFixed(3)}`;

function leftOut({ bad, firstBad, repeated, contradicting, beyond, failed }: LeftOut): string[] {
  const lines = firstBad.map(({ line, problem }) => `  line ${line}: ${problem}`);
  return [
    ...(bad > 0 ? [[`Lines that are no rows, and were left out: ${counted(bad)}.`, ...lines].join("\n")] : []),
    ...(repeated > 0 ? [`Texts that stand there twice, and were taken once: ${counted(repeated)}.`] : []),
    ...(contradicting > 0
      ? [`Texts that stand there with another label too; the first one counts: ${counted(contradicting)}.`]
      : []),
    ...(failed > 0 ? [`Rows that the encoder could not read: ${counted(failed)}.`] : []),
    ...(beyond ? [`Only the first ${counted(MOST_EXAMPLES)} rows were taken.`] : []),
  ];
}

function resultOf(
  { names, left }: Material,
  { l2, temperature, abstainBelow, learned, gate }: Fitted,
  written: string | null,
) {
  const { bad, repeated, contradicting, failed } = left;
  const skipped = { bad_lines: bad, repeated, contradicting, failed };
  return {
    written,
    labels: names,
    learned_rows: learned,
    l2,
    temperature,
    abstain_below: abstainBelow,
    ...skipped,
    gate,
  };
}

function told(
  { names }: Material,
  { l2, temperature, learned, gate }: Fitted,
  { task, out, force }: Options,
  screen: Screen,
): string {
  const { fresh, today, against, rows, gain, interval, better } = gate;
  const columns = [
    { head: `${counted(rows)} rows` },
    ...["new", against === "head" ? "today" : "majority"].map((head) => ({ head, align: "right" as const })),
  ];
  const figures = [
    ["accuracy", fresh.accuracy.toFixed(3), today.accuracy.toFixed(3)],
    ["macro F1", fresh.macro_f1.toFixed(3), today.macro_f1.toFixed(3)],
    ["expected calibration error", (fresh.ece ?? 0).toFixed(3), ""],
  ];
  const range = interval ? `, 95% interval ${signed(interval[0])} to ${signed(interval[1])}` : "";
  const verdict = `${gate.figure === "accuracy" ? "Accuracy" : "Macro F1"} ${signed(gain)}${range}.`;
  const written =
    better || force === true ? [`Written to ${out}; put \`encoder: { heads: ${out} }\` into the config.`] : [];
  return [
    `head ${task}: ${names.length} labels, learned from ${counted(learned)} rows, L2 ${l2.toPrecision(2)}, temperature ${temperature.toFixed(2)}`,
    ...table(screen, columns, figures),
    verdict,
    ...written,
  ].join("\n");
}

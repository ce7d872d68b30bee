import { createHash } from "node:crypto";
import type { Clock } from "../contracts.ts";
import type { Encoder, Prediction, Stage } from "../inference/encoder.ts";
import type { Examples } from "../statistics/regression.ts";
import type { Line } from "./evaluate.ts";
import { createReader, isPassing } from "./reader.ts";
import type { BadLine } from "./report.ts";
import { choiceRow, parseRow } from "./rows.ts";

/** Rows that one head is fitted with: at 512 features they take 200 MB. */
export const MOST_EXAMPLES = 100_000;
const BAD_LINES_TOLD = 10;
/** In a file that says so, rows to judge by rather than to learn from. */
const DEV = "dev";

/** Labelled texts as numbers. Rows to judge by are never among those to learn from, and no text stands twice. */
export interface Material extends Examples {
  readonly names: readonly string[];
  readonly learn: Uint32Array;
  readonly judge: Uint32Array;
  /** A number in [0,1) for each row that depends on its text alone: parts are cut by it, whatever the order of the file. */
  readonly place: Float64Array;
  /** What the encoder's own head of that name says today of the rows to judge by; undefined where it has none with these labels. */
  readonly today?: Int32Array;
  readonly left: LeftOut;
}

/** Rows that were not taken. */
export interface LeftOut {
  readonly bad: number;
  readonly firstBad: readonly BadLine[];
  readonly repeated: number;
  /** The same text with another label. */
  readonly contradicting: number;
  /** Beyond the most that can be taken. */
  readonly beyond: boolean;
  readonly failed: number;
}

export interface Sources {
  readonly name: string;
  readonly stage: Stage;
  /** Judged by alone; read first, so that none of its texts is learned. */
  readonly dev?: AsyncIterable<Line>;
  readonly file: AsyncIterable<Line>;
  readonly clock: Clock;
  readonly abort?: AbortSignal;
  progress?(rows: number): void;
}

/** Encodes the rows. A row whose `split` is `dev` is judged by. Errors: EncoderError where the encoder is broken. */
export async function collect(encoder: Encoder, sources: Sources): Promise<Material> {
  const reader = createReader(encoder, sources.stage, sources.clock);
  const pile = createPile();
  const takeLine = async ({ number, bytes }: Line, isDev: boolean): Promise<void> => {
    const parsed = parseRow(choiceRow, bytes);
    if ("problem" in parsed) return pile.bad({ line: number, problem: parsed.problem });
    const { text, label, split } = parsed.row;
    const key = keyOf(text);
    if (!pile.isNew(key, label)) return;
    try {
      const { answer } = await reader.encoding(text);
      if (answer.stage === sources.stage) {
        pile.add({ key, label, judge: isDev || split === DEV }, answer.features, answer.heads[sources.name]);
      } else pile.fail();
    } catch (error) {
      if (!isPassing(error)) throw error;
      pile.fail();
    }
  };
  const takeAll = async (lines: AsyncIterable<Line>, isDev: boolean): Promise<void> => {
    for await (const line of lines) {
      if (sources.abort?.aborted === true || pile.isFull()) break;
      await takeLine(line, isDev);
      sources.progress?.(pile.rows());
    }
  };
  if (sources.dev) await takeAll(sources.dev, true);
  await takeAll(sources.file, false);
  return pile.material(encoder.labels[sources.name]);
}

interface Item {
  readonly key: string;
  readonly label: string;
  readonly judge: boolean;
}

function createPile() {
  const items: { readonly label: string; readonly judge: boolean; readonly place: number; readonly today: string }[] =
    [];
  const labelOf = new Map<string, string>();
  const firstBad: BadLine[] = [];
  let features = new Float32Array(0);
  let width = 0;
  let [bad, repeated, contradicting, failed] = [0, 0, 0, 0];
  let beyond = false;
  return {
    rows: () => items.length,
    isFull: () => (beyond ||= items.length === MOST_EXAMPLES),
    bad(line: BadLine) {
      bad += 1;
      if (firstBad.length < BAD_LINES_TOLD) firstBad.push(line);
    },
    fail: () => void (failed += 1),
    isNew(key: string, label: string): boolean {
      const before = labelOf.get(key);
      if (before === undefined) {
        labelOf.set(key, label);
        return true;
      }
      if (before === label) repeated += 1;
      else contradicting += 1;
      return false;
    },
    add({ key, label, judge }: Item, own: Float32Array, prediction: Prediction | undefined) {
      width = own.length;
      const from = items.length * width;
      if (from + width > features.length) {
        const longer = new Float32Array(Math.max(1024 * width, features.length * 2));
        longer.set(features);
        features = longer;
      }
      features.set(own, from);
      items.push({ label, judge, place: Number.parseInt(key.slice(0, 8), 16) / 2 ** 32, today: topOf(prediction) });
    },
    material(todaysLabels: readonly string[] | undefined): Material {
      const found = new Set(items.map(({ label }) => label));
      const isTodays = todaysLabels?.length === found.size && todaysLabels.every((label) => found.has(label));
      const names = isTodays ? todaysLabels : [...found].toSorted();
      const number = new Map(names.map((name, at) => [name, at]));
      const rows = [...items.keys()];
      return {
        names,
        features,
        width,
        labels: names.length,
        truth: Int32Array.from(items, ({ label }) => number.get(label)!),
        learn: Uint32Array.from(rows.filter((row) => !items[row]!.judge)),
        judge: Uint32Array.from(rows.filter((row) => items[row]!.judge)),
        place: Float64Array.from(items, ({ place }) => place),
        ...(isTodays && { today: Int32Array.from(items, ({ today }) => number.get(today) ?? -1) }),
        left: { bad, firstBad, repeated, contradicting, beyond, failed },
      };
    },
  };
}

function topOf(prediction: Prediction | undefined): string {
  const all = Object.entries(prediction?.probabilities ?? {});
  return all.reduce<readonly [string, number]>((best, own) => (own[1] > best[1] ? own : best), ["", -1])[0];
}

/** The same for texts that differ in case and white space only. */
function keyOf(text: string): string {
  const plain = text.normalize("NFKC").toLowerCase().replaceAll(/\s+/gu, " ").trim();
  return createHash("sha256").update(plain).digest("hex").slice(0, 32);
}

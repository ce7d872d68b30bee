import type { Encoder, Stage } from "../inference/encoder.ts";
import { predict } from "../inference/prediction.ts";
import { calibrationError, fitTemperature, reliability, softmax } from "../statistics/calibration.ts";
import { accuracy, confusion, labelScores, macroF1 } from "../statistics/classification.ts";
import { fitLogistic, type LinearModel, logitsOf } from "../statistics/regression.ts";
import { bootstrap, percentile, type Weights } from "../statistics/sample.ts";
import { boundsOf } from "./choice.ts";
import type { Material } from "./examples.ts";
import { short } from "./measure.ts";
import type { Bounds } from "./report.ts";

/** Examples that each label must have, so that every part has some of it. */
const FEWEST_PER_LABEL = 10;

/** From the strongest pull to the weakest; each fit starts where the one before ended. */
const PULLS = [1, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001];
/** Weaker pulls are not tried once so many in a row were worse. */
const PATIENCE = 2;
/** The pull is searched by so many rows; the head is then fitted to all. */
const SEARCH_ROWS = 10_000;
/** Of the examples: to choose the pull and the temperature by; and to judge by where no others are given. */
const CHOOSE_SHARE = 0.15;
const JUDGE_SHARE = 0.15;
/** Of texts like the examples this share is called unlike them. */
const ABSTAIN_SHARE = 0.01;

export interface FitChoices {
  /** `balanced`: rare labels count as much as frequent ones, and the gate compares macro F1. */
  readonly balance: boolean;
}

export interface Fitted {
  readonly model: LinearModel;
  readonly temperature: number;
  readonly abstainBelow: number;
  readonly l2: number;
  readonly learned: number;
  readonly gate: Gate;
}

/** The new head and what stands today, by the same rows, which neither was fitted to. */
export interface Gate {
  readonly rows: number;
  readonly figure: "accuracy" | "macro_f1";
  /** The encoder's own head, or the answer that is most frequent. */
  readonly against: "head" | "majority";
  readonly fresh: HeadFigures;
  readonly today: HeadFigures;
  /** Fresh less today in the figure that counts, and its 95% interval over the same resamples. */
  readonly gain: number;
  readonly interval?: Bounds;
  /** The whole interval lies above 0. */
  readonly better: boolean;
}

export interface HeadFigures {
  readonly accuracy: number;
  readonly macro_f1: number;
  readonly ece?: number;
}

/** The examples do not do. The message says what is missing. */
export class UnfitExamples extends Error {
  override readonly name = "UnfitExamples";
}

/** Told between the steps of a fit, so that the caller can breathe, show it, or throw to stop. */
export type OnStep = (says: { readonly l2: number; readonly step: number }) => Promise<void>;

/** Fits a linear head and compares it with what stands today. Errors: UnfitExamples. */
export async function fitHead(material: Material, { balance }: FitChoices, onStep: OnStep): Promise<Fitted> {
  check(material);
  const parts = partsOf(material);
  const labelWeights = balance ? balanced(material, parts.learn) : undefined;
  const sample = sampleOf(material, parts.learn);
  const fit = (rows: Uint32Array, l2: number, start?: LinearModel) =>
    stepped(
      fitLogistic(material, rows, { l2, ...(labelWeights && { labelWeights }), ...(start && { start }) }),
      (step) => onStep({ l2, step }),
    );
  const searched = await search(material, parts.choose, (l2, start) => fit(sample, l2, start));
  // The mean loss over more rows needs a weaker pull for the same strength against each row.
  const l2 = searched.l2 * (sample.length / parts.learn.length);
  const model = sample === parts.learn ? searched.model : await fit(parts.learn, l2, searched.model);
  const chosenTruth = truthOf(material, parts.choose);
  const logits = logitsOf(model, material, parts.choose);
  const temperature = fitTemperature(logits, material.labels, chosenTruth);
  const abstainBelow = percentile(knownOf(logits, material.names, temperature), ABSTAIN_SHARE);
  const gate = gateOf(material, parts, { model, temperature, balance });
  return { model, temperature, abstainBelow, l2: short(l2), learned: parts.learn.length, gate };
}

interface Searched {
  readonly model: LinearModel;
  readonly l2: number;
}

/** The pull whose model gives the chosen rows the highest likelihood. */
async function search(
  material: Material,
  choose: Uint32Array,
  fit: (l2: number, start?: LinearModel) => Promise<LinearModel>,
): Promise<Searched> {
  const truth = truthOf(material, choose);
  let best: (Searched & { readonly loss: number }) | undefined;
  let start: LinearModel | undefined;
  let worse = 0;
  for (const l2 of PULLS) {
    start = await fit(l2, start);
    const loss = lossOf(logitsOf(start, material, choose), material.labels, truth);
    if (best === undefined || loss < best.loss) {
      best = { model: start, l2, loss };
      worse = 0;
    } else worse += 1;
    if (worse === PATIENCE) break;
  }
  return best!;
}

/** Rows to search the pull by: as many as tell it, the last by their place. */
function sampleOf({ place }: Material, learn: Uint32Array): Uint32Array {
  if (learn.length <= SEARCH_ROWS) return learn;
  return learn
    .toSorted((a, b) => place[a]! - place[b]! || a - b)
    .slice(-SEARCH_ROWS)
    .sort();
}

async function stepped<T>(work: Generator<unknown, T>, onStep: (step: number) => Promise<void>): Promise<T> {
  for (let step = 1; ; step++) {
    const next = work.next();
    if (next.done === true) return next.value;
    await onStep(step);
  }
}

function check({ names, truth, learn, width, judge }: Material): void {
  if (learn.length === 0) throw new UnfitExamples("there are no rows to learn from; they need the columns text, label");
  if (width === 0) throw new UnfitExamples("this encoder gives no features to fit a head on");
  if (names.length < 2) throw new UnfitExamples("a head needs at least two labels");
  const counts = names.map(() => 0);
  for (const row of learn) counts[truth[row]!]! += 1;
  const few = names.flatMap((name, at) =>
    counts[at]! < FEWEST_PER_LABEL ? [`${JSON.stringify(name)} has ${counts[at]}`] : [],
  );
  if (few.length > 0) {
    const judged = judge.length > 0 ? ", beside those that it is judged by" : "";
    throw new UnfitExamples(
      `each label needs at least ${FEWEST_PER_LABEL} different texts to learn from${judged}; ${few.join(", ")}`,
    );
  }
}

interface Parts {
  readonly learn: Uint32Array;
  readonly choose: Uint32Array;
  readonly judge: Uint32Array;
}

/** Of each label the same shares, by the place that each text has of its own. */
function partsOf({ names, truth, learn, judge, place }: Material): Parts {
  const judgeShare = judge.length > 0 ? 0 : JUDGE_SHARE;
  const parts = { learn: [] as number[], choose: [] as number[], judge: [...judge] };
  for (const label of names.keys()) {
    const own = learn.filter((row) => truth[row] === label).sort((a, b) => place[a]! - place[b]! || a - b);
    const toJudge = Math.ceil(own.length * judgeShare);
    const toChoose = Math.ceil(own.length * CHOOSE_SHARE);
    parts.judge.push(...own.slice(0, toJudge));
    parts.choose.push(...own.slice(toJudge, toJudge + toChoose));
    parts.learn.push(...own.slice(toJudge + toChoose));
  }
  const rows = (of: number[]) => Uint32Array.from(of).sort();
  return { learn: rows(parts.learn), choose: rows(parts.choose), judge: rows(parts.judge) };
}

const truthOf = ({ truth }: Material, rows: Uint32Array) => Int32Array.from(rows, (row) => truth[row]!);

function countsOf({ labels, truth }: Material, rows: Uint32Array): Float64Array {
  const counts = new Float64Array(labels);
  for (const row of rows) counts[truth[row]!]! += 1;
  return counts;
}

function balanced(material: Material, rows: Uint32Array): Float64Array {
  return countsOf(material, rows).map((count) => rows.length / (material.labels * count));
}

/** Mean cross entropy at the temperature that suits the logits best. */
function lossOf(logits: Float64Array, labels: number, truth: Int32Array): number {
  const temperature = fitTemperature(logits, labels, truth);
  const probabilities = new Float64Array(labels);
  let loss = 0;
  for (let row = 0; row < truth.length; row++) {
    softmax(logits.subarray(row * labels, (row + 1) * labels), temperature, probabilities);
    loss -= Math.log(Math.max(probabilities[truth[row]!]!, Number.MIN_VALUE));
  }
  return loss / truth.length;
}

function knownOf(logits: Float64Array, names: readonly string[], temperature: number): Float64Array {
  const reading = { labels: names, kind: "choice", temperature } as const;
  return Float64Array.from(
    { length: logits.length / names.length },
    (_, row) => predict(logits.subarray(row * names.length, (row + 1) * names.length), reading).known,
  );
}

interface Candidate {
  readonly model: LinearModel;
  readonly temperature: number;
  readonly balance: boolean;
}

function gateOf(material: Material, { learn, judge }: Parts, { model, temperature, balance }: Candidate): Gate {
  const { labels, today } = material;
  const truth = truthOf(material, judge);
  const { given, confidence } = answers(logitsOf(model, material, judge), labels, temperature);
  const counts = countsOf(material, learn);
  const majority = counts.indexOf(Math.max(...counts));
  // A head of today that gave no answer is wrong there; it has a column of its own.
  const standing = Int32Array.from(judge, (row) => {
    if (today === undefined) return majority;
    return today[row] === -1 ? labels : today[row]!;
  });
  const figures = (of: Int32Array, weights?: Weights) => {
    const all = confusion(labels + 1, truth, of, weights);
    return { accuracy: accuracy(all), macro_f1: macroF1(labelScores(all).slice(0, labels)) };
  };
  const right = truth.map((label, row) => (label === given[row] ? 1 : 0));
  const figure = balance ? "macro_f1" : "accuracy";
  const gain = (weights?: Weights) => figures(given, weights)[figure] - figures(standing, weights)[figure];
  const interval = boundsOf({ gain: bootstrap(truth.length, gain) })["gain"];
  const [fresh, old] = [figures(given), figures(standing)];
  return {
    rows: judge.length,
    figure,
    against: today === undefined ? "majority" : "head",
    fresh: { ...rounded(fresh), ece: short(calibrationError(reliability(confidence, right))) },
    today: rounded(old),
    gain: short(gain()),
    ...(interval && { interval }),
    better: interval !== undefined && interval[0] > 0,
  };
}

const rounded = (figures: { accuracy: number; macro_f1: number }) => ({
  accuracy: short(figures.accuracy),
  macro_f1: short(figures.macro_f1),
});

function answers(logits: Float64Array, labels: number, temperature: number) {
  const rows = logits.length / labels;
  const given = new Int32Array(rows);
  const confidence = new Float64Array(rows);
  const probabilities = new Float64Array(labels);
  for (let row = 0; row < rows; row++) {
    softmax(logits.subarray(row * labels, (row + 1) * labels), temperature, probabilities);
    confidence[row] = Math.max(...probabilities);
    given[row] = probabilities.indexOf(confidence[row]!);
  }
  return { given, confidence };
}

/** The file that `encoder.heads` of the config names. */
export function headFile(
  { version }: Encoder,
  { name, stage }: { readonly name: string; readonly stage: Stage },
  { names }: Material,
  { model, temperature, abstainBelow }: Fitted,
): string {
  const { labels, width, weights, bias } = model;
  return `${JSON.stringify({
    format: 1,
    encoderVersion: version,
    name,
    stage,
    labels: names,
    kind: "choice",
    weights: Array.from({ length: labels }, (_, label) =>
      Array.from(weights.subarray(label * width, (label + 1) * width), short),
    ),
    bias: Array.from(bias, short),
    temperature: short(temperature),
    abstainBelow: short(abstainBelow),
  })}\n`;
}

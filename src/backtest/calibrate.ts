import type { Accepted } from "../config/check.ts";
import type { Change } from "../config/patch.ts";
import type { Calibration } from "../decision/confidence.ts";
import { createRows } from "../outcomes/columns.ts";
import type { OutcomeFile } from "../outcomes/open.ts";
import { placeOf } from "../outcomes/sample.ts";
import type { Lesson } from "../outcomes/policies/policy.ts";
import { type Pool, promptTokens } from "../outcomes/table.ts";
import { predictorFile } from "../prediction/file.ts";
import type { ModelFigures } from "../prediction/figures.ts";
import { bootstrap } from "../statistics/sample.ts";
import type { Predicted } from "./again.ts";
import { type ConfidenceFigures, fitConfidence } from "./confidence.ts";
import type { Workshop } from "./decider.ts";
import { collectLesson, createTally, type Reading, repeats, type Tally, wholeRows } from "./material.ts";
import { lossesOf, promise, type Setting, settingsFor } from "./promise.ts";
import { domainTable, type Method, otherVoters, rounded, teach, type Taught } from "./teach.ts";

export interface CalibrationOptions {
  readonly method: Method;
  /** Checked, and what it calls the models of the pool. */
  readonly accepted: Pick<Accepted, "config" | "hash">;
  readonly names: readonly string[];
  /** By name; the one with the best mean score unless given. */
  readonly reference?: string | undefined;
  /** In [0,1]: mean score may lie this far below the reference model's, at this error. */
  readonly most: number;
  readonly delta: number;
  /** Where the predictor will lie, as the config will name it. */
  readonly path: string;
  readonly seed: number;
  readonly workshop: Workshop;
  readonly abort: AbortSignal;
  readonly progress: (says: string) => void;
}

/** Quality in [0,1], cost in USD a request. */
export interface Figures {
  readonly quality: number;
  readonly cost: number;
  /** Quality of the reference less this one's, and its 95% interval. */
  readonly loss: number;
  readonly interval: readonly [number, number] | null;
  /** Of the reference's cost. */
  readonly cost_share: number;
}

export interface Calibrated {
  readonly rows: number;
  readonly tally: Tally;
  /** Rows with the text of a row that taught what decided them: they are not held out. */
  readonly repeated: number;
  readonly reference: string;
  readonly promised: { readonly kept: boolean; readonly most: number; readonly confidence: number };
  /** What could be promised where the wish could not; absent where nothing can. */
  readonly offer?: number;
  /** Absent where nothing is promised. */
  readonly setting?: {
    readonly price_of_quality: number;
    /** Each row decided by what other rows taught, and by what all rows, itself among them, taught. */
    readonly held: Figures;
    readonly fitted: Figures;
    readonly confidence: ConfidenceFigures;
    readonly shares: Readonly<Record<string, number>>;
  };
  /** Of rows held out, by model. */
  readonly models: readonly ModelFigures[];
  readonly changes: readonly Change[];
  /** Text of the predictor's file. */
  readonly file?: string;
}

/** Parts that the rows are cut into: each is decided by what the others teach. */
const PARTS = 4;

/** Outcomes to learn from: the file, and the models of it that the config has. */
export interface Source {
  readonly file: OutcomeFile;
  readonly pool: Pool;
}

/** Errors: UnfitOutcomes, EncoderError; what aborts it. */
export async function calibrate(source: Source, options: CalibrationOptions): Promise<Calibrated> {
  const { abort, progress } = options;
  const held = await decidedByOthers(source, options);
  const all = { ...source, abort, isWanted: () => true };
  return withTaught(all, { ...options, progress: (what) => progress(`all rows: ${what}`) }, async (taught) => {
    const again = createTrial(source.pool);
    await again.decide(all, taught.decide, (what) => progress(`all rows: ${what}`));
    abort.throwIfAborted();
    return judged(options, { held, fitted: again.taken(), taught });
  });
}

/** Every row, decided by what the rows of the other parts taught. Errors: as `calibrate`. */
export async function decidedByOthers(
  { file, pool }: Source,
  options: Omit<CalibrationOptions, "reference" | "most" | "delta" | "path">,
): Promise<Taken> {
  const { abort, seed, progress } = options;
  const trial = createTrial(pool);
  for (let part = 0; part < PARTS; part++) {
    const isHeld = (id: string) => Math.floor(placeOf(id, seed + 1) * PARTS) === part;
    const says = (what: string) => progress(`part ${part + 1} of ${PARTS}: ${what}`);
    const learn = { file, pool, abort, isWanted: (id: string) => !isHeld(id) };
    await withTaught(learn, { ...options, progress: says }, ({ decide, lesson }) =>
      trial.decide({ file, pool, abort, isWanted: isHeld }, decide, says, repeats(lesson)),
    );
    abort.throwIfAborted();
  }
  return trial.taken();
}

interface Ready {
  readonly taught: Taught;
  readonly lesson: Lesson;
  decide: Awaited<ReturnType<Workshop["decider"]>>["decide"];
}

/** The user's own router with what the rows teach, for as long as `act` runs. */
async function withTaught<T>(
  learn: Reading,
  {
    method,
    accepted,
    names,
    workshop,
    seed,
    abort,
    progress,
  }: Omit<CalibrationOptions, "reference" | "most" | "delta" | "path">,
  act: (ready: Ready) => Promise<T>,
): Promise<T> {
  const { encoder } = workshop;
  const says = (count: number) => progress(`${count} rows to learn from`);
  const { lesson, rows } = await collectLesson(encoder, learn, { seed, progress: says });
  abort.throwIfAborted();
  const fileModels = learn.file.facts.models.map((_, at) => names[learn.pool.at.indexOf(at)] ?? `other-${at}`);
  const context = { encoder, names, fileModels, seed, abort, progress };
  const taught = await teach(method, accepted.config, lesson, rows, context);
  try {
    const config = { ...accepted.config, signals: taught.signals };
    const decider = await workshop.decider({ config, hash: accepted.hash }, names);
    return await act({ taught, lesson, decide: decider.decide }).finally(() => decider.release());
  } finally {
    await taught.close();
  }
}

/** Rows as they were decided, beside what became of them. */
function createTrial(pool: Pool) {
  const models = pool.models.length;
  const columns = () => createRows(models);
  const [quality, costUsd, scores, costs] = [columns(), columns(), columns(), columns()];
  const places: number[] = [];
  const tally = createTally();
  let repeated = 0;
  return {
    async decide(
      reading: Reading,
      decide: Ready["decide"],
      progress: (says: string) => void,
      isRepeated: ReturnType<typeof repeats> = () => false,
    ): Promise<void> {
      for await (const { id, row, outcomes } of wholeRows(reading, tally)) {
        const decided = await decide(row.text, promptTokens(row, pool.lengths));
        if (decided === undefined) continue;
        quality.push(decided.quality);
        costUsd.push(decided.costUsd);
        scores.push(outcomes.scores);
        costs.push(outcomes.costs);
        places.push(placeOf(id, 0));
        repeated += Number(isRepeated(row));
        progress(`${scores.length} rows decided`);
      }
    },
    taken: () => ({
      predicted: { models, quality: quality.all(), costUsd: costUsd.all() } satisfies Predicted,
      recorded: { models, scores: scores.all(), costs: costs.all() },
      /** In an order that chance drew. */
      order: Uint32Array.from(places, (_, row) => row).sort((a, b) => places[a]! - places[b]!),
      tally,
      repeated,
    }),
  };
}

/** Rows as a router decided them, beside what became of them. */
export type Taken = ReturnType<ReturnType<typeof createTrial>["taken"]>;

interface Evidence {
  readonly held: Taken;
  readonly fitted: Taken;
  readonly taught: Ready;
}

function judged(options: CalibrationOptions, { held, fitted, taught: { lesson, taught } }: Evidence): Calibrated {
  const { names, most, delta } = options;
  const reference = options.reference === undefined ? lesson.best : names.indexOf(options.reference);
  const found = promise(settingsFor(held.predicted), held.recorded, held.order, { reference, most, delta });
  const known = {
    rows: held.order.length,
    tally: held.tally,
    repeated: held.repeated,
    reference: names[reference]!,
    promised: { kept: found.kept, most, confidence: 1 - delta },
    models: taught.predictor?.heldOut ?? [],
  };
  if (!found.kept) return { ...known, ...(found.most !== undefined && { offer: found.most }), changes: [] };

  const { setting } = found;
  const { calibration, held: confidence } = fitConfidence(held.predicted, held.recorded, setting);
  const own = settingsFor(fitted.predicted, [setting.usdPerPoint])[0]!;
  return {
    ...known,
    setting: {
      price_of_quality: setting.usdPerPoint,
      held: figuresOf(setting, held, reference),
      fitted: figuresOf(own, fitted, reference),
      confidence,
      shares: sharesOf(setting, names),
    },
    changes: changesOf(options, lesson, { usdPerPoint: setting.usdPerPoint, calibration }),
    ...(taught.predictor && { file: predictorFile(taught.predictor.learned) }),
  };
}

function figuresOf(setting: Setting, { recorded, order }: Taken, reference: number): Figures {
  const { models, scores, costs } = recorded;
  const losses = lossesOf(setting, recorded, order, reference);
  const mean = (of: (row: number) => number) => order.reduce((sum, row) => sum + of(row), 0) / order.length;
  const interval = bootstrap(losses.length, (weights) => {
    let sum = 0;
    for (let at = 0; at < losses.length; at++) sum += weights[at]! * losses[at]!;
    return sum / losses.length;
  });
  const cost = mean((row) => costs[row * models + setting.chosen[row]!]!);
  return {
    quality: mean((row) => scores[row * models + setting.chosen[row]!]!),
    cost,
    loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
    interval: interval ? [interval.low, interval.high] : null,
    cost_share: cost / mean((row) => costs[row * models + reference]!),
  };
}

const sharesOf = ({ chosen }: Setting, names: readonly string[]) =>
  Object.fromEntries(
    names.map((name, model) => [name, chosen.reduce((sum, own) => sum + +(own === model), 0) / chosen.length]),
  );

/** What the config must say for the promise to hold. */
function changesOf(
  { method, accepted: { config }, names, path, workshop }: CalibrationOptions,
  lesson: Lesson,
  { usdPerPoint, calibration }: { readonly usdPerPoint: number; readonly calibration: Calibration },
): Change[] {
  const own: Change[] =
    method === "predictor"
      ? [{ path: ["signals", "predictor"], value: { path, weight: 1 } }]
      : [
          { path: ["signals", "domain", "weight"], value: 1 },
          { path: ["signals", "domain", "scores"], value: domainTable(lesson, { encoder: workshop.encoder, names }) },
        ];
  const mute = otherVoters(config).filter((name) => method === "predictor" || name !== "domain");
  return [
    ...own,
    ...mute.map((name) => ({ path: ["signals", name, "weight"], value: 0 })),
    { path: ["decision", "price_of_quality"], value: usdPerPoint },
    { path: ["decision", "calibration"], value: calibration.map((weight) => Number(weight.toPrecision(4))) },
    // What a doubt is worth is in the price: a threshold of its own would undo what was tested.
    { path: ["decision", "threshold"], value: 0 },
    ...names.map((name, model) => ({ path: ["models", name, "quality"], value: rounded(lesson.meanScore[model]!) })),
  ];
}

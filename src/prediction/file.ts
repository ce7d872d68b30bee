import { z } from "zod";
import { BUCKETS, FORM_WIDTH } from "./features.ts";
import type { Learned } from "./predictor.ts";
import { kindInputs, lengthInputs } from "./stack.ts";
import { columnsOf } from "./tasks.ts";

/** Changes with the meaning of any number in the file: a file of another format is not read. */
const FORMAT = 1;
const MOST_FILE_BYTES = 67_108_864;
const MOST_MODELS = 256;
const MOST_COLUMNS = 512;
const MOST_WIDTH = 65_536;

/** A file of a predictor cannot be used. The message says why, without the file's name. */
export class UnfitPredictor extends Error {
  override readonly name = "UnfitPredictor";
  /** It is a predictor, of another format. */
  readonly isOld: boolean;
  constructor(message: string, isOld = false) {
    super(message);
    this.isOld = isOld;
  }
}

/** Numbers as base64 of little-endian 32-bit floats, or of 8-bit whole numbers. */
const packed = z.base64().max(MOST_FILE_BYTES);
const number = z.number();
const count = z.int().min(0).max(MOST_COLUMNS);
/** A number by model. */
const perModel = z.array(number).max(MOST_MODELS);
const linear = z.strictObject({ bias: perModel, weights: packed });

const fileOf = z.strictObject({
  format: z.literal(FORMAT),
  encoderVersion: z.string().min(1).max(256),
  models: z.array(z.string().min(1).max(256)).min(1).max(MOST_MODELS),
  width: z.int().min(1).max(MOST_WIDTH),
  space: z.strictObject({
    formMean: packed,
    formUnit: packed,
    vectorMean: packed,
    vectorUnit: number,
    rarity: packed,
  }),
  familiarity: z.strictObject({ landmarks: packed, near: number, far: number }),
  first: z.strictObject({
    mean: z.array(number).min(1).max(MOST_COLUMNS),
    dense: packed,
    words: packed,
    wordUnit: z.array(number).max(MOST_COLUMNS),
  }),
  layout: z.strictObject({ categories: count, lengths: count, gaps: count }),
  middle: number,
  kinds: linear,
  directions: z.array(perModel).max(MOST_COLUMNS),
  blend: z.strictObject({ offset: perModel, level: perModel, kind: perModel, gap: perModel }),
  tokens: linear,
  longest: z.array(z.number().nullable()).max(MOST_MODELS),
});
type PredictorFile = z.output<typeof fileOf>;

/** What `signals.predictor.path` of the config names: JSON, some two megabytes at most. */
export function predictorFile({
  models,
  encoderVersion,
  space,
  familiarity,
  first,
  scorer,
  tokens,
  longest,
}: Learned): string {
  const { layout, middle, kinds, directions, blend } = scorer;
  const file: PredictorFile = {
    format: FORMAT,
    encoderVersion,
    models: [...models],
    width: space.vectorMean.length,
    space: {
      formMean: packFloats(space.formMean),
      formUnit: packFloats(space.formUnit),
      vectorMean: packFloats(space.vectorMean),
      vectorUnit: space.vectorUnit,
      rarity: packFloats(space.rarity),
    },
    familiarity: { landmarks: packFloats(familiarity.landmarks), near: familiarity.near, far: familiarity.far },
    first: {
      mean: [...first.mean],
      dense: packFloats(first.dense),
      words: Buffer.from(first.words.buffer, first.words.byteOffset, first.words.length).toString("base64"),
      wordUnit: [...first.wordUnit],
    },
    layout,
    middle,
    kinds: { bias: [...kinds.bias], weights: packFloats(kinds.weights) },
    directions: directions.map((direction) => [...direction]),
    blend: {
      offset: [...blend.offset],
      level: [...blend.level],
      kind: [...blend.kind],
      gap: [...blend.gap],
    },
    tokens: { bias: [...tokens.bias], weights: packFloats(tokens.weights) },
    longest: Array.from(longest, (most) => (Number.isNaN(most) ? null : most)),
  };
  return `${JSON.stringify(file)}\n`;
}

/** Errors: UnfitPredictor. */
export function readPredictor(bytes: Uint8Array): Learned {
  if (bytes.length > MOST_FILE_BYTES) throw new UnfitPredictor(`it is larger than ${MOST_FILE_BYTES} bytes`);
  const file = parsed(bytes);
  checkSizes(file);
  const { models, encoderVersion, width, space, familiarity, first, layout, middle, kinds, directions, blend } = file;
  const columns = columnsOf(layout);
  const each = models.length;
  return {
    models,
    encoderVersion,
    space: {
      formMean: floats("space.formMean", space.formMean, FORM_WIDTH),
      formUnit: floats("space.formUnit", space.formUnit, FORM_WIDTH),
      vectorMean: floats("space.vectorMean", space.vectorMean, width),
      vectorUnit: space.vectorUnit,
      rarity: floats("space.rarity", space.rarity, BUCKETS),
    },
    familiarity: { ...familiarity, width, landmarks: landmarksOf(familiarity.landmarks, width) },
    first: {
      columns,
      mean: Float64Array.from(first.mean),
      dense: floats("first.dense", first.dense, (FORM_WIDTH + width) * columns),
      words: wordsOf(first.words, BUCKETS * columns),
      wordUnit: Float64Array.from(first.wordUnit),
    },
    scorer: {
      layout,
      middle,
      kinds: smallLinear("kinds", kinds, kindInputs(layout), each),
      directions: directions.map((direction) => Float64Array.from(direction)),
      blend: {
        offset: Float64Array.from(blend.offset),
        level: Float64Array.from(blend.level),
        kind: Float64Array.from(blend.kind),
        gap: Float64Array.from(blend.gap),
      },
    },
    tokens: smallLinear("tokens", file.tokens, lengthInputs(layout), each),
    longest: Float64Array.from(file.longest, (most) => most ?? Number.NaN),
  };
}

function parsed(bytes: Uint8Array): PredictorFile {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new UnfitPredictor("it is not JSON");
  }
  const format = typeof json === "object" && json !== null && "format" in json ? json.format : undefined;
  if (typeof format === "number" && format !== FORMAT) {
    throw new UnfitPredictor(
      `it is of format ${format}, and this version reads format ${FORMAT}: calibrate again`,
      true,
    );
  }
  const checked = fileOf.safeParse(json);
  if (checked.success) return checked.data;
  const { path, message } = checked.error.issues[0]!;
  throw new UnfitPredictor(`${path.length === 0 ? "" : `${path.join(".")}: `}${message}`);
}

/** Lists are as long as the models and columns say. */
function checkSizes({ models, layout, first, directions, blend, kinds, tokens, longest }: PredictorFile): void {
  if (new Set(models).size < models.length) throw new UnfitPredictor("models: a model stands twice");
  const columns = columnsOf(layout);
  const expected: readonly (readonly [string, number, number])[] = [
    ["first.mean", first.mean.length, columns],
    ["first.wordUnit", first.wordUnit.length, columns],
    ["directions", directions.length, layout.gaps],
    ...directions.map((direction, at) => [`directions.${at}`, direction.length, models.length] as const),
    ...Object.entries(blend).map(([part, of]) => [`blend.${part}`, of.length, models.length] as const),
    ["kinds.bias", kinds.bias.length, models.length],
    ["tokens.bias", tokens.bias.length, models.length],
    ["longest", longest.length, models.length],
  ];
  for (const [name, length, wanted] of expected) checkLength(name, length, wanted);
}

function checkLength(name: string, length: number, wanted: number): void {
  if (length !== wanted) throw new UnfitPredictor(`${name} has ${length} numbers; ${wanted} belong there`);
}

function smallLinear(name: string, { bias, weights }: PredictorFile["kinds"], inputs: number, columns: number) {
  const own = Float64Array.from(floats(`${name}.weights`, weights, inputs * columns));
  return { columns, bias: Float64Array.from(bias), weights: own };
}

const FLOAT_BYTES = 4;

function packFloats(values: ArrayLike<number>): string {
  const bytes = Buffer.alloc(values.length * FLOAT_BYTES);
  for (let at = 0; at < values.length; at++) bytes.writeFloatLE(values[at]!, at * FLOAT_BYTES);
  return bytes.toString("base64");
}

function unpackFloats(name: string, text: string): Float32Array {
  const bytes = Buffer.from(text, "base64");
  const values = Float32Array.from({ length: Math.floor(bytes.length / FLOAT_BYTES) }, (_, at) =>
    bytes.readFloatLE(at * FLOAT_BYTES),
  );
  if (!values.every(Number.isFinite)) throw new UnfitPredictor(`${name} has what is no number`);
  return values;
}

function floats(name: string, text: string, wanted: number): Float32Array {
  const values = unpackFloats(name, text);
  checkLength(name, values.length, wanted);
  return values;
}

function landmarksOf(text: string, width: number): Float32Array {
  const values = unpackFloats("familiarity.landmarks", text);
  if (values.length % width !== 0) throw new UnfitPredictor(`familiarity.landmarks are not of ${width} numbers each`);
  return values;
}

function wordsOf(text: string, wanted: number): Int8Array {
  const bytes = Buffer.from(text, "base64");
  checkLength("first.words", bytes.length, wanted);
  return Int8Array.from(bytes, (byte) => (byte << 24) >> 24);
}

import { z } from "zod";
import { EncoderError, type Encoding, type Prediction, type Stage } from "./encoder.ts";
import { headKind, labels, readJson } from "./manifest.ts";
import { predict } from "./prediction.ts";

const MOST_FILE_BYTES = 67_108_864;
const MOST_HEADS = 32;

const number = z.number();
const linearHead = z
  .strictObject({
    format: z.literal(1),
    encoderVersion: z.string().min(1).max(256),
    name: z.string().min(1).max(128),
    stage: z.enum(["static", "full"]).default("static"),
    labels,
    kind: headKind,
    weights: z.array(z.array(number)).max(1000),
    bias: z.array(number),
    temperature: z.number().positive().max(1000),
    abstainBelow: z.number().min(0).max(1),
  })
  .refine((head) => head.weights.length === head.labels.length, "weights have one row for each label")
  .refine((head) => head.bias.length === head.labels.length, "bias has one number for each label")
  .refine((head) => head.weights.every((row) => row.length === head.weights[0]!.length), "rows are of one length");

/** A linear layer over an encoding's features, as `signalbox train heads` writes it; `weights` are [labels][features]. */
export type LinearHead = z.output<typeof linearHead>;

const headsFile = z.preprocess(
  (value) => (Array.isArray(value) ? value : [value]),
  z.array(linearHead).min(1).max(MOST_HEADS),
);

/** A head of one's own, ready to answer. */
export interface OwnHead extends Pick<
  LinearHead,
  "name" | "stage" | "labels" | "kind" | "temperature" | "abstainBelow"
> {
  predict(features: Float32Array): Prediction;
}

/** The space in which heads answer. */
export interface Space {
  readonly version: string;
  /** Width of the features by stage; undefined where it is known only when a text was read. */
  readonly features: Readonly<Partial<Record<Stage, number>>>;
}

/**
 * Reads heads of one's own: one head, or a list of them.
 * @throws EncoderError `model` where the file is wrong, or its heads were learned with another encoder
 */
export async function readHeads(path: string, space: Space): Promise<readonly OwnHead[]> {
  const heads = await readJson(path, headsFile, MOST_FILE_BYTES);
  const names = new Set(heads.map(({ name, stage }) => `${name} ${stage}`));
  if (names.size < heads.length) throw new EncoderError("model", `${path} has a head twice.`);
  const labelings = new Set(heads.map(({ name, labels: own }) => JSON.stringify([name, own])));
  if (labelings.size > new Set(heads.map(({ name }) => name)).size) {
    throw new EncoderError("model", `${path} gives a head other labels in one stage than in the other.`);
  }
  return heads.map((head) => {
    check(path, head, space);
    return ownHead(head);
  });
}

function check(path: string, { name, encoderVersion, stage, weights }: LinearHead, { version, features }: Space): void {
  if (encoderVersion !== version) {
    throw new EncoderError(
      "model",
      `The head ${name} of ${path} was learned with the encoder ${encoderVersion}, and this one is ${version}. ` +
        "Train it again with `signalbox train heads`.",
    );
  }
  const width = features[stage];
  if (width !== undefined && weights[0]!.length !== width) {
    throw new EncoderError(
      "model",
      `The head ${name} of ${path} reads ${weights[0]!.length} features; the ${stage} stage has ${width}.`,
    );
  }
}

function ownHead(head: LinearHead): OwnHead {
  const { name, stage, labels: names, kind, temperature, abstainBelow, bias } = head;
  const rows = head.weights.map((row) => Float32Array.from(row));
  return {
    name,
    stage,
    labels: names,
    kind,
    temperature,
    abstainBelow,
    predict(features) {
      if (features.length !== rows[0]!.length) {
        throw new EncoderError("model", `The head ${name} reads ${rows[0]!.length} features, not ${features.length}.`);
      }
      const logits = rows.map((row, label) => {
        let sum = bias[label]!;
        for (let index = 0; index < row.length; index++) sum += row[index]! * features[index]!;
        return sum;
      });
      return predict(logits, { labels: names, kind, temperature });
    },
  };
}

/**
 * The encoding with the answers of one's own heads. A head that replaces one of the model's replaces it in both
 * stages: the stage that it was not learned for has no answer then, rather than one with other labels.
 */
export function withHeads(encoding: Encoding, own: readonly OwnHead[]): Encoding {
  if (own.length === 0) return encoding;
  const heads: Record<string, Prediction> = { ...encoding.heads };
  for (const { name } of own) delete heads[name];
  for (const head of own) if (head.stage === encoding.stage) heads[head.name] = head.predict(encoding.features);
  return { ...encoding, heads };
}

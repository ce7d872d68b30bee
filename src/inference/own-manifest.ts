import { dirname, join } from "node:path";
import { z } from "zod";
import { fileName, headKind, labels, readJson } from "./manifest.ts";

const outputName = z.string().min(1).max(256);

const ownManifest = z.strictObject({
  format: z.literal(1),
  /** ONNX file: `input_ids` and `attention_mask` in, `output` out. */
  model: fileName,
  /** The tokenizer.json that goes with it. */
  tokenizer: fileName,
  version: z.string().min(1).max(128),
  dimensions: z.int().min(1).max(65_536),
  maxTokens: z.int().min(8).max(8192),
  /** [batch, tokens, dimensions] where it is pooled, [batch, dimensions] where `pooling` is `none`. */
  output: outputName.default("last_hidden_state"),
  pooling: z.enum(["mean", "first", "none"]).default("mean"),
  /** Put before every text, for models that want to be told what they read. */
  prefix: z.string().max(1024).default(""),
  heads: z
    .record(
      z.string().min(1).max(128),
      z.strictObject({
        output: outputName,
        labels,
        kind: headKind,
        temperature: z.number().positive().max(1000).default(1),
        abstainBelow: z.number().min(0).max(1).default(0),
      }),
    )
    .default({}),
});

/** What a model of one's own gives, as its manifest says. */
export type OwnManifest = z.output<typeof ownManifest>;

/** A model of one's own: paths of its files, which lie beside the manifest or below it. */
export interface OwnSource {
  readonly model: string;
  readonly tokenizer: string;
  readonly manifest: OwnManifest;
}

/** @throws EncoderError (as a rejection) `model` that says what is wrong */
export async function readOwnSource(path: string): Promise<OwnSource> {
  const manifest = await readJson(path, ownManifest);
  const beside = (file: string) => join(dirname(path), file);
  return { model: beside(manifest.model), tokenizer: beside(manifest.tokenizer), manifest };
}

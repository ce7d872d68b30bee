import { z } from "zod";
import { headKind, labels, readJson } from "./manifest.ts";

const outputName = z.string().min(1).max(256);

const ownManifest = z.strictObject({
  format: z.literal(1),
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

export function readOwnManifest(path: string): Promise<OwnManifest> {
  return readJson(path, ownManifest);
}

import type { Encoding, Entity, Suspect } from "./encoder.ts";
import type { Manifest } from "./manifest.ts";
import type { Tensors } from "./safetensors.ts";

/** What the static stage makes of one text. */
export type StaticReading = Pick<Encoding, "vector" | "features" | "heads">;

/** What is looked for in a scan. */
export interface Wants {
  readonly safety: boolean;
  readonly entities: boolean;
}

export interface ScanReading {
  /** Of all windows the highest probability of each safety label but benign; empty where not wanted. */
  readonly safety: Readonly<Record<string, number>>;
  /** Windows that the full stage should read too, where the manifest says from which suspicion on. */
  readonly suspects: readonly Suspect[];
  readonly entities: readonly Entity[];
}

/** The static stage's forward pass. Synchronous; reads tables that threads share. */
export interface StaticStage {
  /** `ids` without special tokens, perhaps none; `text` for what its shape tells. */
  encode(ids: Int32Array, text: string): StaticReading;
  /**
   * Reads some of a text, in the manifest's windows. Token `i` stands at `starts[i]` to `ends[i]` of `text`, which is
   * the whole text and may be long: read of it only what the tokens cover.
   */
  scan(ids: Int32Array, starts: Int32Array, ends: Int32Array, text: string, wants: Wants): ScanReading;
}

/** What a module that holds a static stage exports. */
export interface StageModule {
  createStatic(tensors: Tensors, manifest: Manifest): StaticStage;
}

/** What a thread needs to make the stage; all of it can be sent to another one, and the tensors are shared. */
export interface StageSource {
  /** URL of the module that makes it. */
  readonly module: string;
  readonly tensors: Tensors;
  readonly manifest: Manifest;
}

export async function loadStage({ module, tensors, manifest }: StageSource): Promise<StaticStage> {
  const { createStatic } = (await import(module)) as StageModule;
  return createStatic(tensors, manifest);
}

/** The URL of a module of this room, as it is called where we run from: `.ts` in src, `.js` in dist. */
export function moduleUrl(name: string): string {
  return new URL(`./${name}${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url).href;
}

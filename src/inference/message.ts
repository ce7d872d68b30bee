import type { ComparingSource, PairInput } from "./compare.ts";
import type { EncoderFault, Scan } from "./encoder.ts";
import type { FullInput, FullSource, RawReading } from "./full.ts";
import type { OwnSource } from "./own-manifest.ts";
import type { StaticAnswer } from "./scan.ts";
import type { StageSource, Wants } from "./stage.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** What a worker is given when it starts. Tables are in shared memory. */
export interface WorkerSetup {
  readonly static?: { readonly source: StageSource; readonly vocabulary: Vocabulary };
  readonly full?: FullSource;
  readonly compare?: ComparingSource;
  readonly own?: OwnSource;
}

/** Work that is read in batches, one batch at a time. */
export type BatchTask =
  | { readonly kind: "full"; readonly input: FullInput }
  | { readonly kind: "compare"; readonly pair: PairInput }
  | { readonly kind: "own"; readonly text: string };

/** Work that is done in steps, in turns with other such work. */
export type SteppedTask =
  | { readonly kind: "encode"; readonly text: string }
  | { readonly kind: "scan"; readonly texts: readonly string[]; readonly wants: Wants };

export type Task = BatchTask | SteppedTask;
/** What comparing two texts gave. */
export interface Compared {
  readonly logit: number;
}

export type Value = RawReading | StaticAnswer | Scan | Compared;

export type ToWorker =
  | { readonly kind: "batch"; readonly jobs: readonly { readonly id: number; readonly task: BatchTask }[] }
  /** `endsAt` on the clock that all threads share, see `sharedNow`. */
  | { readonly kind: "stepped"; readonly id: number; readonly task: SteppedTask; readonly endsAt: number }
  | { readonly kind: "cancel"; readonly id: number };

export type Answer =
  | { readonly id: number; readonly value: Value }
  | { readonly id: number; readonly fault: EncoderFault; readonly message: string };

export type FromWorker =
  | { readonly kind: "ready" }
  /** It could not start. */
  | { readonly kind: "failed"; readonly fault: EncoderFault; readonly message: string }
  /** `ms` is what the batch took; undefined for stepped work. */
  | { readonly kind: "answers"; readonly answers: readonly Answer[]; readonly ms?: number };

/** Milliseconds of the machine's monotonic clock, the same in every thread. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

import type { z } from "zod";
import type { TaskFigures } from "./report.ts";

/** What every row may say of itself. */
export interface Origin {
  readonly source?: string | null | undefined;
  readonly lang?: string | null | undefined;
  readonly split?: string | null | undefined;
}

/** What one answer cost. */
export interface Cost {
  /** Of each text of the row. */
  readonly ms: readonly number[];
  readonly second: boolean;
  /** Only the beginning of a text was read. */
  readonly cut: boolean;
}

/** A row, read: how to keep what it says, in the order of the file. */
export interface Answer extends Cost {
  /** Keeps it, and gives the row of `--rows`: its label, prediction and scores, no text. */
  keep(): Readonly<Record<string, unknown>>;
}

/** How one task is measured. `read` may run ahead for several rows; `keep` runs in order. */
export interface Measure<R extends Origin = Origin> {
  readonly schema: z.ZodType<R>;
  read(row: R): Promise<Answer>;
  figures(): TaskFigures;
}

/** The encoder cannot do the task. The message names what it lacks. */
export class UnfitEncoder extends Error {
  override readonly name = "UnfitEncoder";
}

/** As many digits as say something. */
export const short = (value: number): number => Number(value.toPrecision(6));

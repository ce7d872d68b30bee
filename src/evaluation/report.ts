import type { Stage } from "../inference/encoder.ts";

export const TASKS = ["domain", "intent", "difficulty", "safety", "similarity", "pii"] as const;
export type Task = (typeof TASKS)[number];

/** Lowest and highest value of a 95% bootstrap interval. */
export type Bounds = readonly [low: number, high: number];

/** Rows that share a source, a language or a type; figures that do not apply are absent. */
export interface GroupFigures {
  readonly rows: number;
  readonly accuracy?: number;
  /** Safety: share of the rows that is flagged at 1% false positives of all the benign rows of the file. */
  readonly flagged?: number;
  readonly spearman?: number;
  readonly span_f1?: number;
}

export interface LabelFigures {
  /** Rows (for pii: spans) whose true label it is, and that were given it. */
  readonly rows: number;
  readonly given: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export interface ConfusionFigures {
  /** Labels of the head first, then labels of the file that the head does not know. */
  readonly labels: readonly string[];
  /** counts[true label][given label]. */
  readonly counts: readonly (readonly number[])[];
}

export interface Reliability {
  readonly rows: number;
  readonly confidence: number;
  readonly accuracy: number;
}

/** What the pii signal's validators found of one kind of identifier: whether it named the kind for a text that holds one. */
export interface IdentifierFigures {
  readonly texts: number;
  readonly reported: number;
  readonly recall: number;
  /** Texts in which one of the kind holds together (checksum, ranges), and how many of them were not reported; only for kinds that can be checked. */
  readonly valid?: number;
  readonly valid_missed?: number;
}

/** What one task measures beside what every task does. Shares in [0,1]; absent where a figure does not apply. */
export interface TaskFigures {
  readonly accuracy?: number;
  readonly macro_f1?: number;
  readonly ece?: number;
  /** Rows that the head would abstain from, being unlike what it was trained on; and the accuracy of the others. */
  readonly abstain_share?: number;
  readonly accuracy_answered?: number;
  readonly reliability?: readonly Reliability[];
  readonly confusion?: ConfusionFigures;
  /** Labels of the file that the head does not have, with their rows: each counts as an error. */
  readonly unknown_labels?: Readonly<Record<string, number>>;
  /** By false-positive rate. */
  readonly recall_at_fpr?: Readonly<Record<string, number>>;
  /** A row is flagged at this score or above; null where no score is high enough. */
  readonly threshold_at_fpr?: Readonly<Record<string, number | null>>;
  /** Points [false-positive rate, recall] up to a rate of 0.1. */
  readonly roc?: readonly (readonly [number, number])[];
  readonly positives?: number;
  readonly negatives?: number;
  /** Difficulty: that the small model fails, told by the failure head; and of every label of that head. */
  readonly auc?: number;
  readonly auc_per_label?: Readonly<Record<string, number>>;
  readonly outcome_rows?: number;
  readonly spearman?: number;
  readonly per_language?: Readonly<Record<string, GroupFigures>>;
  readonly per_type?: Readonly<Record<string, GroupFigures>>;
  readonly per_source?: Readonly<Record<string, GroupFigures>>;
  readonly span_f1?: number;
  readonly per_label?: Readonly<Record<string, LabelFigures>>;
  readonly identifiers?: Readonly<Record<string, IdentifierFigures>>;
  /** By name of the figure. */
  readonly intervals?: Readonly<Record<string, Bounds>>;
}

export interface LatencyFigures {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export interface BadLine {
  readonly line: number;
  readonly problem: string;
}

/** Everything that was measured, as `--json` prints it. */
export interface Report extends TaskFigures {
  readonly task: Task;
  readonly encoder: string;
  readonly stage: Stage;
  /** Rows that were measured. */
  readonly rows: number;
  /** Rows of another split or source than was asked for. */
  readonly skipped_rows: number;
  /** False where it was stopped before the end of the file. */
  readonly complete: boolean;
  /** Lines that are no rows of the task, and the first of them. */
  readonly bad_lines: number;
  readonly first_bad_lines: readonly BadLine[];
  /** Rows without an answer of the encoder, by its fault. */
  readonly failed_rows: Readonly<Record<string, number>>;
  /** Rows of which the stage that answered read only the beginning. */
  readonly cut_rows: number;
  /** Milliseconds that one text took, one after the other. */
  readonly latency_ms: LatencyFigures;
  readonly second_stage_share: number;
}

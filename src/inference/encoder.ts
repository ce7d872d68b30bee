/**
 * What a text means, in numbers. The encoder has two stages, each with its own vector space: `static` reads token
 * vectors and is always computed; `full` is a small transformer, asked only where a better answer could matter.
 */
export type Stage = "static" | "full";

/** One head's answer: a probability for each of its labels, calibrated. */
export interface Prediction {
  /** In the order of the head's labels. One sum for a choice; each on its own for a head of independent questions. */
  readonly probabilities: Readonly<Record<string, number>>;
  /** In [0,1]: how much the text is like what the head was trained on. Below the head's `abstainBelow` it has nothing to say. */
  readonly known: number;
}

/** Personal data that only a reader of words can see. Positions in UTF-16 units of the text. */
export interface Entity {
  readonly start: number;
  readonly end: number;
  readonly type: string;
  readonly probability: number;
}

export interface Encoding {
  readonly stage: Stage;
  /** Unit length. Vectors of different stages, or of different encoders, are never compared. */
  readonly vector: Float32Array;
  /** What heads are trained on: the last hidden layer. Empty where the model does not give it. */
  readonly features: Float32Array;
  /** By name of head: domain, intent, difficulty, failure, safety. A model of one's own may have fewer, or others. */
  readonly heads: Readonly<Record<string, Prediction>>;
  /** Tokens that were read; fewer than the text has where `cut` is true. */
  readonly tokens: number;
  readonly cut: boolean;
}

/** A place of a text that may be an attack, as the static stage reads it. Positions in UTF-16 units of the text. */
export interface Suspect {
  readonly start: number;
  readonly end: number;
  /** In [0,1]: probability of jailbreak and injection together. */
  readonly suspicion: number;
  /** Of each safety label. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** How a second reading went: windows that the full stage read, and windows that it should have read and did not. */
export interface SecondReading {
  readonly read: number;
  readonly missed: number;
  /** Why windows were missed, where something kept the full stage from them; the first of several reasons. */
  readonly fault?: EncoderFault;
}

/** What reading all of several texts found, window by window. */
export interface Scan {
  /** For each text the worst window: the highest probability of each safety label but benign. */
  readonly safety: ReadonlyArray<Readonly<Record<string, number>>>;
  /**
   * For each text the places that a second reading is worth, the most suspicious first; none where safety was not
   * looked for, or nothing is known of a full stage.
   */
  readonly suspects: ReadonlyArray<readonly Suspect[]>;
  readonly entities: ReadonlyArray<readonly Entity[]>;
  readonly tokens: number;
  /**
   * UTF-16 units of all texts together that were not read when time ran out; after a second reading for entities, also
   * those that the full stage should have read and did not.
   */
  readonly unreadUnits: number;
  /** Absent where nothing was read twice. */
  readonly second?: SecondReading;
}

export interface ScanOptions {
  readonly safety: boolean;
  readonly entities: boolean;
  readonly deadlineMs: number;
}

export interface RescanOptions extends ScanOptions {
  readonly abort?: AbortSignal;
}

/**
 * Reads texts. Short ones are answered at once on the calling thread by the static stage; long ones, and all of the
 * full stage, by worker threads. Errors are EncoderError: never with text of a prompt in them.
 */
export interface Encoder {
  /** Names the weights: what was learned with one version holds for that version alone. */
  readonly version: string;
  readonly hasFullStage: boolean;
  /** Labels by name of head, in the order in which the model gives them. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
  /**
   * How surely two texts ask for the same, by a model that reads both at once: a logit, whichever is first. Undefined
   * where both together are too long for it; absent where there is no such model. Rejects as `refine` does.
   */
  compare?(a: string, b: string, deadlineMs: number, abort?: AbortSignal): Promise<number | undefined>;
  /** The static stage. A promise only where the text is long. */
  encode(text: string, deadlineMs: number): Encoding | Promise<Encoding>;
  /**
   * The full stage, within `deadlineMs`, its answers mixed with the static one's as the weights say; rejects with
   * `deadline`, `overloaded`, `worker` or `cancelled` when it cannot.
   */
  refine(text: string, deadlineMs: number, abort?: AbortSignal): Promise<Encoding>;
  /** Every window of every text, by the static stage. A promise only where the texts are long. */
  scan(texts: readonly string[], options: ScanOptions): Scan | Promise<Scan>;
  /**
   * A second reading, by the full stage, of what `scan` found in the same texts. For safety it reads around the most
   * suspicious places and mixes both answers; for entities it reads every window that may hold names or addresses. What
   * it does not come to, for want of time or room, keeps the first answer, and `second` says how much that is. Resolves
   * with the scan unchanged where there is nothing to read again, or no full stage; rejects with `cancelled` or `model`.
   */
  rescan(texts: readonly string[], scan: Scan, options: RescanOptions): Promise<Scan>;
  /** Ends its workers; what waits is rejected with `cancelled`. */
  close(): Promise<void>;
}

export type EncoderFault = "deadline" | "overloaded" | "worker" | "cancelled" | "model";

export class EncoderError extends Error {
  readonly fault: EncoderFault;
  constructor(fault: EncoderFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "EncoderError";
    this.fault = fault;
  }
}

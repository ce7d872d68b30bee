/** One long run that shows a promise kept. It prints figures; the first tier runs a short version of it. */
export interface Story {
  readonly name: string;
  /** What holds when it passes, as one sentence. */
  readonly says: string;
  /** How long it runs unless told otherwise; a story that counts inputs instead has none. */
  readonly seconds?: number;
  run(options: StoryOptions): Promise<Figures>;
}

export interface StoryOptions {
  readonly seconds: number;
  /** Inputs at each door, for stories that count them. */
  readonly inputs: number;
  readonly seed: number;
  /** Only this input of that seed, to see a failure again. */
  readonly at?: number;
  /** Ends the story early and cleanly. */
  readonly signal: AbortSignal;
  /** `part` in [0,1]. */
  progress(part: number, what: string): void;
}

export interface Figures {
  readonly rows: Readonly<Record<string, string | number>>;
  /** What broke, ready to be looked into; empty when the story passed. */
  readonly failures: readonly string[];
}

const MOST_FAILURES = 20;

/** Collects what broke: all of it is counted, the first ones are told. */
export function createFailures() {
  const told: string[] = [];
  let count = 0;
  return {
    add(failure: string): void {
      count += 1;
      if (told.length < MOST_FAILURES) told.push(failure);
    },
    check(holds: boolean, failure: string): void {
      if (!holds) this.add(failure);
    },
    list: (): string[] => (count > told.length ? [...told, `and ${count - told.length} more`] : told),
  };
}

export type Failures = ReturnType<typeof createFailures>;

/** The options of a short run inside the first tier. */
export function short(options: { seconds?: number; inputs?: number }): StoryOptions {
  return {
    seconds: options.seconds ?? 1,
    inputs: options.inputs ?? 300,
    seed: 1,
    signal: new AbortController().signal,
    progress: () => undefined,
  };
}

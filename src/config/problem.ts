/** A step into the config: a key, or a position in a list. */
export type Step = string | number;

/** One thing that is wrong with a config. `line` and `column` count from 1; 0 means the file as a whole. */
export interface Problem {
  /** Such as `models["llama-3.1"].targets[0].upstream`; empty for the file as a whole. */
  readonly path: string;
  readonly line: number;
  readonly column: number;
  /** Where the value is not the file's: the flag of the command line that set it. */
  readonly flag?: string;
  /** Never holds the value of a secret. */
  readonly message: string;
  /** What was probably meant, or what to do. */
  readonly hint?: string;
}

/** A problem before it is known where it stands. `at: "key"` points at the name, not at its value. */
export interface Finding {
  readonly steps: readonly Step[];
  readonly message: string;
  readonly hint?: string;
  readonly at?: "key";
}

const PLAIN = /^[A-Za-z_][A-Za-z0-9_-]*$/u;
const LONGEST_NAME = 64;

export function pathText(steps: readonly Step[]): string {
  let text = "";
  for (const step of steps) {
    if (typeof step === "number") text += `[${step}]`;
    else if (PLAIN.test(step)) text += text === "" ? step : `.${step}`;
    else text += `[${quote(step)}]`;
  }
  return text;
}

/** The same with its hint, where there is one. */
export function hinted<T extends object>(what: T, hint: string | undefined): T & { readonly hint?: string } {
  return hint === undefined ? what : { ...what, hint };
}

/** A name as messages show it: short, printable, in quotes. */
export function quote(name: string): string {
  return JSON.stringify(name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}...` : name);
}

/** One line for people: `signalbox.yaml:12:5 models.llama.tier: no tier is called "smal" (did you mean "small"?)`. Of a flag: `--listen: ...`. */
export function problemText(file: string, problem: Problem): string {
  const hint = problem.hint === undefined ? "" : ` (${problem.hint})`;
  if (problem.flag !== undefined) return `${problem.flag}: ${problem.message}${hint}`;
  const where = problem.line === 0 ? file : `${file}:${problem.line}:${problem.column}`;
  const path = problem.path === "" ? "" : ` ${problem.path}`;
  return `${where}${path}: ${problem.message}${hint}`;
}

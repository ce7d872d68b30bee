import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { z } from "zod";
import { parseRow } from "../evaluation/rows.ts";
import { readCases } from "./cases.ts";
import { Failure } from "./failure.ts";

const byModel = z.record(z.string(), z.number());

/**
 * One line of a file of outcomes: what became of one question at each model that answered it. `failed` says of the
 * others why they did not.
 */
const outcomeLine = z.object({
  id: z.string(),
  prompt: z.string(),
  category: z.string().optional(),
  scores: byModel,
  input_tokens: z.number().optional(),
  output_tokens: byModel.default({}),
  cost_usd: byModel.default({}),
  latency_ms: byModel.default({}),
  failed: z.record(z.string(), z.string()).optional(),
});

export type OutcomeLine = z.output<typeof outcomeLine>;

/** Outcomes of earlier runs, by question. A line that was cut short at the end of the file is cut off. */
export async function readOutcomes(path: string): Promise<Map<string, OutcomeLine>> {
  const found = new Map<string, OutcomeLine>();
  if (!existsSync(path)) return found;
  let broken: { readonly number: number; readonly problem: string; readonly bytes: number } | undefined;
  for await (const { number, bytes } of readCases(path)) {
    if (broken) throw malformed(path, broken);
    const parsed = parseRow(outcomeLine, bytes);
    // A later line of a question knows more than an earlier one.
    if ("row" in parsed) found.set(parsed.row.id, parsed.row);
    else broken = { number, problem: parsed.problem, bytes: bytes.length };
  }
  if (isPacked(path))
    throw new Failure(`${path} is packed with gzip, and lines cannot be added to that: unpack it first`);
  if (broken) cutOff(path, broken);
  else if (found.size > 0 && !endsWithBreak(path)) sure(path, () => appendFileSync(path, "\n"));
  return found;
}

interface Broken {
  readonly number: number;
  readonly problem: string;
  readonly bytes: number;
}

/** Only a line that was being written when the process died has no end. */
function cutOff(path: string, broken: Broken): void {
  if (endsWithBreak(path)) throw malformed(path, broken);
  sure(path, () => truncateSync(path, statSync(path).size - broken.bytes));
}

const endsWithBreak = (path: string): boolean => bytesAt(path, Math.max(0, statSync(path).size - 1), 1)[0] === 0x0a;

function isPacked(path: string): boolean {
  const [first, second] = bytesAt(path, 0, 2);
  return first === 0x1f && second === 0x8b;
}

/** Zeros beyond the end. */
function bytesAt(path: string, from: number, count: number): Buffer {
  const file = openSync(path, "r");
  const bytes = Buffer.alloc(count);
  readSync(file, bytes, 0, count, from);
  closeSync(file);
  return bytes;
}

const malformed = (path: string, { number, problem }: Broken) =>
  new Failure(`${path}: line ${number} ${problem}; this is no file of outcomes: give --out another path`);

/** Adds lines, each whole before the next one begins. */
export interface OutcomeWriter {
  write(line: OutcomeLine): void;
  close(): void;
}

export function appendOutcomes(path: string): OutcomeWriter {
  const file = sure(path, () => openSync(path, "a"));
  return {
    write: (line) => void sure(path, () => writeSync(file, `${JSON.stringify(line)}\n`)),
    close: () => closeSync(file),
  };
}

/** Leaves one line a question where a run has added a better one; beside its place first, so that there is never half a file. */
export function replaceOutcomes(path: string, lines: Iterable<OutcomeLine>): void {
  const beside = `${path}.${process.pid}.new`;
  sure(path, () => {
    const file = openSync(beside, "w");
    for (const line of lines) writeSync(file, `${JSON.stringify(line)}\n`);
    closeSync(file);
    renameSync(beside, path);
  });
}

function sure<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "error";
    throw new Failure(`cannot write ${path} (${code})`, { cause: error });
  }
}

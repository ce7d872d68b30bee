import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import { readForm } from "../../config/form.ts";
import { problemText } from "../../config/problem.ts";
import { type OutcomeFile, openOutcomes } from "../../outcomes/open.ts";
import { UnfitOutcomes } from "../../outcomes/outcome.ts";
import { readCases } from "../cases.ts";
import { Failure } from "../failure.ts";
import { REASONS } from "../input.ts";

const LARGEST = 16 * 1024 * 1024;

/** The file of outcomes at the path, with what its meta file says where one lies beside it. Errors: Failure. */
export async function openFile(path: string): Promise<OutcomeFile> {
  const meta = metaBeside(path);
  try {
    return await openOutcomes(() => readCases(path), meta === undefined ? undefined : readMeta(meta));
  } catch (error) {
    throw inWords(error, path);
  }
}

/** Faults of the rows, for the person at the terminal; anything else as it is. */
export function inWords(error: unknown, path: string): unknown {
  return error instanceof UnfitOutcomes
    ? new Failure(`${path}: ${error.message}`, { code: "outcomes", cause: error })
    : error;
}

/** `set.dev.jsonl.gz` has `set.meta.json`, or `set.dev.meta.json`. */
function metaBeside(path: string): string | undefined {
  const parts = basename(path).split(".");
  const names = parts.map((_, at) => `${parts.slice(0, parts.length - at).join(".")}.meta.json`);
  return names.map((name) => join(dirname(path), name)).find((name) => existsSync(name));
}

/** A small file of YAML or JSON that is of this form. Errors: Failure, with the line. */
export function readFormFile<S extends z.ZodType>(path: string, schema: S): z.output<S> {
  const form = readForm(readSmall(path), schema);
  if ("value" in form) return form.value;
  const lines = form.problems.map((problem) => `  ${problemText(path, problem)}`);
  throw new Failure(`${path} is not usable:\n${lines.join("\n")}`, { problems: form.problems });
}

/** The project's own folds: ids of rows that may be learned from, and of those that are only reported. */
export function readFolds(): { readonly learn: ReadonlySet<string>; readonly report: ReadonlySet<string> } {
  const path = fileURLToPath(new URL("../../../models/folds.json", import.meta.url));
  const { outcomes } = JSON.parse(readSmall(path)) as { outcomes: Readonly<Record<"learn" | "report", string[]>> };
  return { learn: new Set(outcomes.learn), report: new Set(outcomes.report) };
}

function readMeta(path: string): unknown {
  try {
    return JSON.parse(readSmall(path));
  } catch (error) {
    throw error instanceof SyntaxError ? new Failure(`${path} is not JSON`) : error;
  }
}

function readSmall(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > LARGEST) throw new Failure(`${path} is larger than ${LARGEST} bytes`);
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
    if (error instanceof Failure || code === undefined) throw error;
    throw new Failure(`cannot read ${path}: ${REASONS[code] ?? code}`);
  }
}

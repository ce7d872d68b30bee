import type { Case } from "./case.ts";
import type { Gate, Verdict } from "./gate.ts";
import { type Chance, chanceOf } from "./linear.ts";
import { type Cascade, cascadeForm } from "./plan.ts";

/** The file is no cascade. The message says what is wrong with it; never more of it than the names of its keys. */
export class UnfitCascade extends Error {
  override readonly name = "UnfitCascade";
}

/** Reads a cascade as `cascadeText` writes it. Errors: UnfitCascade. */
export function readCascade(text: string): Cascade {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UnfitCascade("it is not JSON");
  }
  const read = cascadeForm.safeParse(value);
  if (read.success) return read.data;
  const [{ path, message }] = read.error.issues as [(typeof read.error.issues)[number]];
  throw new UnfitCascade(`${path.length === 0 ? "it" : path.join(".")} is wrong: ${message}`);
}

export const cascadeText = (cascade: Cascade): string => `${JSON.stringify(cascade, shortened)}\n`;

const DIGITS = 6;
const shortened = (_: string, value: unknown) =>
  typeof value === "number" ? Number(value.toPrecision(DIGITS)) : value;

/** Judges by what was learned from recorded answers: over whatever can be told of this one. */
export function createLearned(chance: Chance): Gate {
  return { name: "learned", judge: ({ features }: Case): Verdict => verdictOf(chanceOf(chance, features)) };
}

const verdictOf = (good: number): Verdict => ({
  good,
  says: `answers that looked like it were right ${(good * 100).toFixed(0)} times of 100`,
});

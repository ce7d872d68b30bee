import type { Turn } from "./turn.ts";

/**
 * One way in which two questions that look alike may ask for different things. Pure, symmetric, in time that grows with
 * the lengths of the two. What a guard cannot read it passes over: others see the words themselves.
 */
export interface Guard {
  readonly name: string;
  /**
   * What it sees is said in many ways: where the two are built otherwise altogether it is a doubt among others, and no
   * verdict.
   */
  readonly isDoubt?: true;
  differ(a: Turn, b: Turn): boolean;
}

/** Whether both hold the same elements. */
export function isSameSet<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean {
  return a.size === b.size && [...a].every((element) => b.has(element));
}

/** Words of a list in which white space separates. */
export const wordsIn = (list: string): string[] => list.trim().split(/\s+/u);

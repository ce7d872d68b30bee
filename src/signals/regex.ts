import { RE2JS, RE2JSException, RE2Set } from "re2js";
import { z } from "zod";

/** Why a pattern of the config is no regular expression in RE2 syntax, as a sentence; undefined when it is one. */
export function regexFault(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof RE2JSException) return `not a regular expression (RE2 syntax): ${error.message}`;
    throw error;
  }
}

/** A regular expression of the config. It takes time linear in the text, whatever it says. */
export const regexOption = z
  .string()
  .min(1)
  .max(1000)
  .superRefine((pattern, context) => {
    const fault = regexFault(pattern);
    if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
  });

/**
 * Says which of the patterns occur in a text, as ascending indices, in one pass for all of them. Case is ignored, but
 * for what stands behind `(?-i)` in a pattern.
 */
export type PatternSet = (text: string) => readonly number[];

export function createPatternSet(patterns: readonly string[]): PatternSet {
  if (patterns.length === 0) return () => [];
  const set = new RE2Set(RE2Set.UNANCHORED, RE2JS.CASE_INSENSITIVE);
  for (const pattern of patterns) set.add(pattern);
  set.compile();
  return (text) => set.match(text);
}

import { isDeepStrictEqual } from "node:util";
import type { Case } from "./corpus.ts";
import { allowed, type Way } from "./differences.ts";
import type { Fate } from "./expected.ts";

/** One sentence for each part of a fate that is not what it should be, and that no difference allows. */
export function unlike(way: Way, one: Case, wanted: Fate, found: Fate): string[] {
  const may = allowed(way, one);
  const say = (part: string, a: unknown, b: unknown) => [
    `${one.name}: ${part} is ${brief(b)} and should be ${brief(a)}`,
  ];
  if (wanted.kind === "refuse" || found.kind === "refuse") {
    if (may.has("verdict") || isSameRefusal(wanted, found)) return [];
    return say("verdict", wanted, found);
  }
  return [
    ...(wanted.model === found.model || may.has("model") ? [] : say("model", wanted.model, found.model)),
    ...(isDeepStrictEqual(wanted.body, found.body) || may.has("body") ? [] : say("body", wanted.body, found.body)),
  ];
}

/** Not every API's errors have room for a code. */
const isSameRefusal = (a: Fate, b: Fate): boolean =>
  a.kind === "refuse" &&
  b.kind === "refuse" &&
  a.status === b.status &&
  (a.code === b.code || a.code === "" || b.code === "");

const brief = (value: unknown): string => (JSON.stringify(value) ?? "nothing").slice(0, 300);

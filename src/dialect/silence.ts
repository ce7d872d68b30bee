import type { Fields } from "./shape.ts";

/** Nobody nests what is empty any deeper. */
const DEEPEST = 8;

/** Whether a member tells nothing: null, false, empty, or made of nothing but such. Zero tells something. */
export function saysNothing(value: unknown, depth = 0): boolean {
  if (typeof value !== "object" || value === null) return (value ?? false) === false || value === "";
  return depth < DEEPEST && Object.values(value).every((member) => saysNothing(member, depth + 1));
}

/** Whether nothing is told beside the members that a reader knows. */
export function holdsOnly(fields: Fields, known: ReadonlySet<string>): boolean {
  for (const name in fields) if (!known.has(name) && !saysNothing(fields[name])) return false;
  return true;
}

import { RouterError } from "../errors.ts";
import { fold } from "../text/writing.ts";
import { isFields, type Fields } from "./shape.ts";

/** Members that a reader takes by name. */
export interface Names {
  has(name: string): boolean;
  /** The known name that differs from this one in case only. */
  alike(name: string): string | undefined;
}

/** `list` names them, white space between. */
export function names(list: string): Names {
  const known = new Set(list.trim().split(/\s+/));
  const folded = new Map([...known].map((name) => [fold(name), name]));
  return { has: (name) => known.has(name), alike: (name) => folded.get(fold(name)) };
}

/** Takes what stands beside the conversation: whatever no reader takes by name and a model might see all the same. */
export interface Aside {
  aside(name: string, value: unknown): void;
}

/**
 * Hands on every member that is not taken by name. A name that differs from a known one only in case is an
 * invalid_request: some servers match names that way, and would read what we did not.
 */
export function readRest({ aside }: Aside, fields: Fields, known: Names): void {
  for (const name of Object.keys(fields)) {
    if (known.has(name)) continue;
    const alike = known.alike(name);
    if (alike !== undefined) {
      throw new RouterError("invalid_request", `A member differs from \`${alike}\` in case only.`, { param: alike });
    }
    aside(name, fields[name]);
  }
}

/** Shows each object of the list there to `read`; anything else there is handed on. */
export function eachFields(to: Aside, name: string, value: unknown, read: (fields: Fields) => void): void {
  if (!Array.isArray(value)) return to.aside(name, value);
  for (const element of value) {
    if (isFields(element)) read(element);
    else to.aside(name, element);
  }
}

import { isFields, type Fields } from "../shape.ts";

/** Deeper values could not be written again without exhausting the stack; nobody sends them in earnest. */
const DEEPEST = 200;

/** The JSON object that a text is; undefined for any other text. */
export function objectIn(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) && isShallow(value, DEEPEST) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A JSON object as text; undefined for anything else. */
export function textOfObject(value: unknown): string | undefined {
  return isFields(value) && isShallow(value, DEEPEST) ? JSON.stringify(value) : undefined;
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1));
}

import { isFields, type Fields } from "../shape.ts";

/** The arguments of a call, which this API has as an object. Models write none as nothing or null. Undefined: they are no object. */
export function parseArguments(json: string): Fields | undefined {
  if (json.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(json);
    if (value === null) return {};
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** An object as the text of a call's arguments; undefined for what is none, or is nested too deep to be spelled. */
export function spellArguments(input: unknown): string | undefined {
  if (!isFields(input)) return undefined;
  try {
    return JSON.stringify(input);
  } catch {
    return undefined;
  }
}

/** Tells, piece by piece, whether a JSON object is complete. Says nothing of whether it is valid. */
export interface ObjectWatch {
  push(text: string): void;
  readonly whole: boolean;
}

export function watchObject(): ObjectWatch {
  let depth = 0;
  let inString = false;
  let escaped = false;
  let whole = false;

  function take(char: string): void {
    if (escaped) escaped = false;
    else if (inString) {
      if (char === "\\") escaped = true;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "{" || char === "[") depth += 1;
    else if ((char === "}" || char === "]") && --depth === 0) whole = true;
  }

  return {
    push(text) {
      for (let at = 0; at < text.length && !whole; at++) take(text[at]!);
    },
    get whole() {
      return whole;
    },
  };
}

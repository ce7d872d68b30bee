import type { Edit } from "../contracts.ts";
import { findSpans, type Span } from "../dialect/json.ts";
import { endOf } from "./body.ts";
import { partsOf, type Part } from "../dialect/parts.ts";

/** One change of a body. `path` such as messages.0.content; lengths in bytes. Texts only where they were asked for. */
export interface Change {
  readonly path: string;
  readonly kind: "added" | "removed" | "replaced";
  readonly before: number;
  readonly after: number;
  /** Members or elements that are gone as a whole. */
  readonly parts?: number;
  readonly textBefore?: string;
  readonly textAfter?: string;
}

export interface DiffOptions {
  /** Show what changed, which may be text of the prompt: so many characters of it at most. None where absent. */
  readonly textChars?: number;
}

const MOST_CHANGES = 200;

/**
 * What edits change in a valid JSON body, in the order of the body; of very many only the first. Without `textChars`
 * nothing of the body is shown but names of members.
 */
export function diffOf(before: Uint8Array, edits: readonly Edit[], options: DiffOptions = {}): readonly Change[] {
  const [whole] = findSpans(before, []);
  return edits.slice(0, MOST_CHANGES).map((edit) => changeOf(before, whole!, edit, options));
}

function changeOf(json: Uint8Array, whole: Span, edit: Edit, { textChars }: DiffOptions): Change {
  const { path, parts } = placeOf(json, whole, edit);
  const added = edit.length === 0 ? /^,?"((?:[^"\\]|\\.){1,64})":/u.exec(textOf(edit.bytes)) : null;
  const kind = edit.length === 0 ? "added" : edit.bytes.length === 0 ? "removed" : "replaced";
  const gone = parts.filter(({ span }) => edit.offset <= span.offset && endOf(span) <= endOf(edit)).length;
  const isMember = added && parts[0]?.key !== undefined;
  return {
    path: (isMember ? [...path, shown(added[1]!)] : path).join("."),
    kind,
    before: edit.length,
    after: edit.bytes.length,
    ...(gone > 0 && { parts: gone }),
    ...(textChars !== undefined && {
      textBefore: textOf(json.subarray(edit.offset, endOf(edit))).slice(0, textChars),
      textAfter: textOf(edit.bytes).slice(0, textChars),
    }),
  };
}

/** The innermost value that holds all of an edit, and what it is made of. */
function placeOf(json: Uint8Array, whole: Span, edit: Edit): { path: readonly string[]; parts: readonly Part[] } {
  const path: string[] = [];
  let parts = partsOf(json, whole);
  for (;;) {
    const index = parts.findIndex(({ value }) => holds(value, edit));
    if (index < 0) return { path, parts };
    const { key, value } = parts[index]!;
    path.push(key ? shownName(json, key) : String(index));
    parts = partsOf(json, value);
  }
}

/** What is put at the edge of a value stands beside it. */
function holds(value: Span, edit: Edit): boolean {
  if (edit.length === 0) return value.offset < edit.offset && edit.offset < endOf(value);
  return value.offset <= edit.offset && endOf(edit) <= endOf(value);
}

const shownName = (json: Uint8Array, { offset, length }: Span): string =>
  shown(textOf(json.subarray(offset + 1, offset + length - 1)));

/** Names of members are the client's too: what is no plain name is not shown. */
const shown = (name: string): string => (/^[\w.-]{1,64}$/u.test(name) ? name : "?");

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");

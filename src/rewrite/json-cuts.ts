import { skipSpace, skipValue, type Span } from "../dialect/json.ts";
import { endOf } from "./body.ts";
import { headAndTail, type Cut } from "./cut.ts";
import { escapeLength } from "./string-places.ts";
import { partsOf, type Part } from "../dialect/parts.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
/** Deeper down nothing is shortened. */
const MOST_DEPTH = 64;
/** Bytes below which a part is not worth keeping, and bytes of a mark. */
const LEAST_PART = 32;
const MARK_BYTES = 48;
/** Of the parts of an array each may be so large a share of it before it is shortened itself. */
const SHARE = 4;

/** The cuts that bring JSON near to a number of bytes and leave it JSON. Numbers, and the keys of what stays, stay. */
export function jsonCuts(json: Uint8Array, budget: number): readonly Cut[] {
  const offset = skipSpace(json, 0);
  return cutsOf(json, { offset, length: skipValue(json, offset) - offset }, budget, 0);
}

function cutsOf(json: Uint8Array, span: Span, budget: number, depth: number): readonly Cut[] {
  if (span.length <= budget || depth > MOST_DEPTH) return [];
  const first = json[span.offset];
  if (first === QUOTE) return stringCuts(json, span, budget);
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return [];
  const parts = partsOf(json, span);
  const keep = countKept(parts, budget, first === OPEN_BRACKET);
  const { head, tail } = headAndTail(keep);
  const gone = parts.slice(head, parts.length - tail);
  const kept = [...parts.slice(0, head), ...parts.slice(parts.length - tail)];
  const level = levelFor(kept, budget - (gone.length > 0 ? MARK_BYTES : 0));
  const shorter = kept.flatMap(({ span: part, value }) =>
    part.length > level ? cutsOf(json, value, Math.max(2, level - (part.length - value.length)), depth + 1) : [],
  );
  const hole = gone.length > 0 ? [holeOf(gone, first === OPEN_BRACKET)] : [];
  return [...shorter, ...hole].toSorted((a, b) => a.start - b.start);
}

/** All of them where each is worth keeping. Of an array rather few whole elements than many pieces. */
function countKept(parts: readonly Part[], budget: number, isArray: boolean): number {
  const average = parts.reduce((sum, { span }) => sum + span.length, 0) / Math.max(1, parts.length);
  const least = isArray ? Math.max(LEAST_PART, Math.min(average, budget / SHARE)) : LEAST_PART;
  const fitting = Math.max(2, Math.floor((budget - MARK_BYTES) / least));
  return parts.length <= fitting ? parts.length : fitting;
}

/** How long a part may be so that all fit: what short ones leave is the long ones'. */
function levelFor(parts: readonly Part[], budget: number): number {
  let left = budget;
  const lengths = parts.map(({ span }) => span.length + 1).toSorted((a, b) => a - b);
  for (const [index, length] of lengths.entries()) {
    const fair = left / (lengths.length - index);
    if (length > fair) return Math.floor(fair);
    left -= length;
  }
  return Infinity;
}

function holeOf(gone: readonly Part[], isArray: boolean): Cut {
  const mark = isArray ? `"[... ${gone.length} elements left out ...]"` : `"...":"${gone.length} members left out"`;
  return { start: gone[0]!.span.offset, end: endOf(gone.at(-1)!.span), mark };
}

function stringCuts(json: Uint8Array, span: Span, budget: number): readonly Cut[] {
  const { head, tail } = headAndTail(Math.max(0, budget - MARK_BYTES));
  const from = wholeBefore(json, span, span.offset + 1 + head);
  const to = wholeBefore(json, span, endOf(span) - 1 - tail);
  return to - from <= MARK_BYTES ? [] : [{ start: from, end: to, mark: `[... ${to - from} bytes left out ...]` }];
}

/** The last place at or before `at` that is in the middle of no escape, no pair of escapes and no character. */
function wholeBefore(json: Uint8Array, span: Span, at: number): number {
  let place = span.offset + 1;
  for (let next = place; next <= at; next = after(json, next)) place = next;
  return place;
}

function after(json: Uint8Array, at: number): number {
  if (json[at] !== BACKSLASH) {
    let end = at + 1;
    while ((json[end]! & 0xc0) === 0x80) end += 1;
    return end;
  }
  return at + escapeLength(json, at);
}

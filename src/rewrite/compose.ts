import type { Edit } from "../contracts.ts";
import { joinEdits } from "../dialect/json.ts";

/**
 * Edits of one body from several hands, as one list without overlaps. Who stands first wins: an edit that lies within
 * a stronger one is dropped with the bytes that it was about. Of two that overlap otherwise both ranges go, and what
 * replaces them stands side by side, so that nothing of what the weaker one hides comes back.
 */
export function composeEdits(...strongestFirst: readonly (readonly Edit[])[]): readonly Edit[] {
  return strongestFirst.reduce<readonly Edit[]>(overlay, []);
}

/** An edit, and whether a weaker one that lies within it is dropped. */
interface Ranked extends Edit {
  readonly wins: boolean;
}

function overlay(strong: readonly Edit[], weak: readonly Edit[]): readonly Edit[] {
  const isStrong = new Set(strong);
  const settled: Ranked[] = [];
  for (const edit of joinEdits(strong, weak)) {
    const next = { ...edit, wins: isStrong.has(edit) };
    const last = settled.at(-1);
    if (last && next.offset < endOf(last)) settled.splice(-1, 1, merge(last, next));
    else settled.push(next);
  }
  return settled.map(({ offset, length, bytes }) => ({ offset, length, bytes }));
}

/** `next` begins within `last`, or where it does. */
function merge(last: Ranked, next: Ranked): Ranked {
  if (last.wins && !next.wins && endOf(next) <= endOf(last)) return last;
  if (next.wins && !last.wins && next.offset === last.offset && endOf(last) <= endOf(next)) return next;
  const end = Math.max(endOf(last), endOf(next));
  const bytes = Buffer.concat([last.bytes, next.bytes]);
  return { offset: last.offset, length: end - last.offset, bytes, wins: true };
}

const endOf = ({ offset, length }: Edit): number => offset + length;

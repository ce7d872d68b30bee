import type { Edit } from "../contracts.ts";
import { joinEdits } from "../dialect/json.ts";
import { isFields, type Fields } from "../dialect/shape.ts";

/**
 * Edits of one body from several hands, as one list without overlaps. Who stands first wins: an edit that lies within
 * a stronger one is dropped with the bytes that it was about. Of two that overlap otherwise both ranges go, and what
 * replaces them stands side by side, so that nothing of what the weaker one hides comes back. Of two that put an object
 * in the same place, whether as a member or as the value of one, its members come together.
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
    const united = last && unite(last, next);
    if (united) settled.splice(-1, 1, united);
    else if (last && next.offset < endOf(last)) settled.splice(-1, 1, merge(last, next));
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

/** Two that stand in the same place as one, where they can: members of one name, members of an empty object, or objects. */
function unite(last: Ranked, next: Ranked): Ranked | undefined {
  if (last.offset !== next.offset || last.length !== next.length) return undefined;
  const [first, second] = [membersIn(last.bytes), membersIn(next.bytes)];
  if (!first || !second || first.form !== second.form) return undefined;
  if (first.form === "whole" && last.length === 0) return undefined;
  const isSame = Object.keys(second.members).every((name) => Object.hasOwn(first.members, name));
  // Behind a comma any other member may follow as it is.
  if (first.form === "later" && !isSame) return undefined;
  const json = JSON.stringify(together(second.members, first.members));
  const text = { later: `,${json.slice(1, -1)}`, first: json.slice(1, -1), whole: json }[first.form];
  return { ...last, bytes: Buffer.from(text), wins: last.wins || next.wins };
}

interface Written {
  /** Behind other members, as the first of them, or an object of its own. */
  readonly form: "later" | "first" | "whole";
  readonly members: Fields;
}

function membersIn(bytes: Uint8Array): Written | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  const form = text.startsWith(',"')
    ? "later"
    : text.startsWith('"')
      ? "first"
      : text.startsWith("{")
        ? "whole"
        : undefined;
  if (form === undefined) return undefined;
  try {
    const members: unknown = JSON.parse(form === "whole" ? text : `{${text.slice(form === "later" ? 1 : 0)}}`);
    return isFields(members) ? { form, members } : undefined;
  } catch {
    return undefined;
  }
}

/** Objects in both are one; of anything else that of the stronger counts. */
function together(weak: Fields, strong: Fields): Fields {
  const both = Object.entries(strong).map(([name, value]) => {
    const other = weak[name];
    return [name, isFields(value) && isFields(other) ? together(other, value) : value] as const;
  });
  return {
    ...Object.fromEntries(both),
    ...Object.fromEntries(Object.entries(weak).filter(([name]) => !Object.hasOwn(strong, name))),
  };
}

const endOf = ({ offset, length }: Edit): number => offset + length;

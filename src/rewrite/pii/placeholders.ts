import { inspect } from "node:util";
import type { Placeholder, Placeholders } from "../../contracts.ts";

/** A map that holds these. */
export function placeholdersOf(entries: readonly Placeholder[]): Placeholders {
  const shown = `[${entries.length} placeholders]`;
  const hide = () => shown;
  const hidden = { size: entries.length, reveal: () => entries, toJSON: hide, toString: hide, [inspect.custom]: hide };
  return hidden;
}

/** The word in a placeholder: `us_ssn` is `US_SSN`. */
export function labelOf(entity: string): string {
  return entity.toUpperCase();
}

/**
 * The form that models copy as it is: an upper-case name that says what it stands for, so that they can speak of it,
 * and a number, so that they keep two of them apart; in angle brackets, so that it is no word of any language, starts
 * nowhere else than it seems to, and needs no escape in JSON.
 */
function placeholderOf(label: string, number: number): string {
  return `<${label}_${number}>`;
}

/** The entity of the first placeholder or hash in a text; undefined where there is none. */
export function labelIn(text: string): string | undefined {
  return /<([A-Z][A-Z_]{0,31})(?:_\d{1,9}|:[\da-f]{16})>/u.exec(text)?.[1]?.toLowerCase();
}

/** Gives out placeholders, the same for the same value. */
export interface Issue {
  /** @param canonical what all spellings of the value have in common */
  placeholderFor(entity: string, canonical: string, value: string): string;
  /** All that are in use, those of before included. */
  entries(): readonly Placeholder[];
}

/**
 * @param texts all that the client wrote: what looks like a placeholder there is not given out
 * @param known placeholders of the same conversation
 * @param options `start` is the first number that is given out
 */
export function createIssue(
  texts: readonly string[],
  known: readonly Placeholder[],
  options: { readonly start: number; readonly canonicalOf: (entity: string, value: string) => string },
): Issue {
  const { start, canonicalOf } = options;
  const taken = new Map<string, ReadonlySet<number>>();
  const next = new Map<string, number>();
  const byValue = new Map<string, Placeholder>();
  const kept: Placeholder[] = [];

  function takenOf(label: string): ReadonlySet<number> {
    const own = taken.get(label) ?? numbersIn(texts, label);
    taken.set(label, own);
    return own;
  }

  for (const each of known) {
    const label = labelOf(each.entity);
    const number = Number(/_(\d+)>$/.exec(each.placeholder)?.[1] ?? 0);
    next.set(label, Math.max(next.get(label) ?? 0, number));
    if (takenOf(label).has(number)) continue;
    byValue.set(`${each.entity}\n${canonicalOf(each.entity, each.value)}`, each);
    kept.push(each);
  }

  return {
    placeholderFor(entity, canonical, value) {
      const key = `${entity}\n${canonical}`;
      const before = byValue.get(key);
      if (before) return before.placeholder;
      const label = labelOf(entity);
      let number = Math.max((next.get(label) ?? 0) + 1, start);
      while (takenOf(label).has(number)) number += 1;
      next.set(label, number);
      const issued = { placeholder: placeholderOf(label, number), value, entity };
      byValue.set(key, issued);
      kept.push(issued);
      return issued.placeholder;
    },
    entries: () => kept,
  };
}

/** Numbers that stand behind the label, however it is spelled. */
function numbersIn(texts: readonly string[], label: string): Set<number> {
  const pattern = new RegExp(`${label.split("_").join("[\\s_*\\\\-]{0,3}")}[\\s_*\\\\-]{0,3}(\\d{1,9})`, "giu");
  return new Set(texts.flatMap((text) => Array.from(text.matchAll(pattern), ([, digits]) => Number(digits))));
}

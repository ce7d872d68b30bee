import { inWords } from "./values.ts";

/**
 * By name: wordings with " / " between them, and the lists that fill them. `{thing}` is filled from the list of that
 * name, `{thing!}` is what a trap changes, `{x}` and `{y}` are two of the list `xy`, `{n#}` is a number in words, and
 * `<one|other>` is what a negation or a comparison turns.
 */
export type Families = Readonly<Record<string, readonly [forms: string, lists: Readonly<Record<string, string>>]>>;

/** Families of traps: hard ones leave the two texts as near as they can be. */
export interface Traps {
  readonly plain: Families;
  readonly hard: Families;
}

export interface Template {
  readonly name: string;
  readonly forms: readonly string[];
  readonly lists: Readonly<Record<string, readonly string[]>>;
  readonly hard: boolean;
  /** Each form is in another language, and so are the values, with "=" between them. */
  readonly translated: boolean;
}

export interface Filling {
  readonly values: Readonly<Record<string, string>>;
  readonly turn: number;
}

export type Random = () => number;

export function parse({ plain, hard }: Traps, translated = false): Template[] {
  const read = (families: Families, isHard: boolean) =>
    Object.entries(families).map(([name, [forms, lists]]) => ({
      name,
      forms: forms.split(" / "),
      lists: Object.fromEntries(Object.entries(lists).map(([slot, list]) => [slot, listed(list)])),
      hard: isHard,
      translated,
    }));
  return [...read(plain, false), ...read(hard, true)];
}

/** "a, b, c", or "10..50+5": each fifth number from ten to fifty. */
function listed(list: string): readonly string[] {
  const range = /^(\d+)\.\.(\d+)(?:\+(\d+))?$/u.exec(list);
  if (range === null) return list.split(", ");
  const [from, to, step] = [Number(range[1]), Number(range[2]), Number(range[3] ?? 1)];
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, at) => String(from + at * step));
}

export function fill({ lists }: Template, random: Random): Filling {
  const values: Record<string, string> = {};
  for (const [slot, list] of Object.entries(lists)) {
    if (slot !== "xy") values[slot] = pick(random, list);
    else {
      const x = pick(random, list);
      values["x"] = x;
      values["y"] = pick(
        random,
        list.filter((value) => value !== x),
      );
    }
  }
  return { values, turn: Math.floor(random() * 2) };
}

/** With another value in the slot that the wordings mark as changed. */
export function otherValue({ forms, lists }: Template, filling: Filling, random: Random): Filling {
  const slot = /\{(\w+)#?!\}/u.exec(forms[0]!)![1]!;
  const others = lists[slot]!.filter((other) => other !== filling.values[slot]);
  return { ...filling, values: { ...filling.values, [slot]: pick(random, others) } };
}

export function swapped({ values, turn }: Filling): Filling {
  return { turn, values: { ...values, x: values["y"]!, y: values["x"]! } };
}

export function render({ forms, hard, translated }: Template, form: number, { values, turn }: Filling): string {
  const text = forms[form]!.replaceAll(/<([^|>]*)\|([^>]*)>/gu, (_, one: string, other: string) =>
    turn === 0 ? one : other,
  ).replaceAll(/\{(\w+)(#?)!?\}/gu, (_, slot: string, words: string) => {
    const value = values[slot]!;
    if (translated) return value.split("=")[form] ?? value;
    return words === "" ? value : inWords(Number(value));
  });
  return hard ? text : text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
}

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)]!;
}

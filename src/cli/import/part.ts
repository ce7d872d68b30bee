import type { Foreign } from "../../config/foreign.ts";
import { pathText, type Step } from "../../config/problem.ts";

/** What of a foreign file has no place in ours, or is said in another way. */
export interface Note {
  readonly line: number;
  readonly path: string;
  readonly why: string;
}

/**
 * A part of a foreign file. What is asked for counts as understood; what nobody asked for is listed at the end, so
 * that nothing is dropped in silence. A value of another type than asked for is not understood.
 */
export interface Part {
  readonly value: unknown;
  has(key: string): boolean;
  /** The map or list there. */
  part(key: string): Part | undefined;
  /** Elements of the list there; none where there is no list. */
  list(key: string): readonly Part[];
  /** Entries of this map. */
  entries(): readonly (readonly [key: string, part: Part])[];
  text(key: string): string | undefined;
  /** A number, or a text that is one. */
  number(key: string): number | undefined;
  flag(key: string): boolean | undefined;
  /** A text, or a list of texts. */
  texts(key: string): readonly string[];
  /** This part is a scalar, and is understood. */
  asText(): string | undefined;
  /** Understood, and nothing comes of it, for this reason. */
  leave(key: string, why: string): void;
  /** Something to say of this part itself. */
  note(why: string): void;
}

export interface Reading {
  readonly root: Part;
  /** Everything there is to say, by line: notes, and what was not asked for. */
  notes(): readonly Note[];
}

/** @param why says of a path, such as `litellm_settings.cache`, why such a thing has no place here; undefined where it is not known */
export function createReading(foreign: Foreign, why: (path: string) => string | undefined): Reading {
  const understood = new Set<string>();
  const opened = new Set<string>();
  const noted: Note[] = [];
  const note = (steps: readonly Step[], reason: string) =>
    noted.push({ line: foreign.lineOf(steps), path: pathText(steps), why: reason });

  function partAt(value: unknown, steps: readonly Step[]): Part {
    const inside = (key: Step): unknown => (isMap(value) && Object.hasOwn(value, key) ? value[String(key)] : undefined);
    const at = (key: Step) => [...steps, key];
    const take = <T>(key: string, read: (value: unknown) => T | undefined): T | undefined => {
      const found = read(inside(key));
      if (found !== undefined) understood.add(keyOf(at(key)));
      return found;
    };
    const part: Part = {
      value,
      has: (key) => inside(key) !== undefined && inside(key) !== null,
      part(key) {
        const child = inside(key);
        if (typeof child !== "object" || child === null) return undefined;
        opened.add(keyOf(at(key)));
        return partAt(child, at(key));
      },
      list(key) {
        const child = inside(key);
        if (!Array.isArray(child)) return [];
        opened.add(keyOf(at(key)));
        return child.map((element: unknown, index) => {
          opened.add(keyOf([...at(key), index]));
          return partAt(element, [...at(key), index]);
        });
      },
      entries() {
        if (!isMap(value)) return [];
        return Object.entries(value).map(([key, child]) => {
          opened.add(keyOf(at(key)));
          return [key, partAt(child, at(key))] as const;
        });
      },
      text: (key) =>
        take(key, (child) => (typeof child === "string" || typeof child === "number" ? String(child) : undefined)),
      number: (key) => take(key, numberIn),
      flag: (key) => take(key, (child) => (typeof child === "boolean" ? child : undefined)),
      texts: (key) =>
        take(key, (child) => {
          const list: unknown[] = Array.isArray(child) ? child : [child];
          return list.every((each) => typeof each === "string") ? list : undefined;
        }) ?? [],
      asText() {
        if (typeof value !== "string") return undefined;
        understood.add(keyOf(steps));
        return value;
      },
      leave(key, reason) {
        if (inside(key) === undefined || understood.has(keyOf(at(key)))) return;
        understood.add(keyOf(at(key)));
        note(at(key), reason);
      },
      note: (reason) => void note(steps, reason),
    };
    return part;
  }

  function unread(value: unknown, steps: readonly Step[]): void {
    const children: readonly (readonly [Step, unknown])[] = Array.isArray(value)
      ? [...value.entries()]
      : isMap(value)
        ? Object.entries(value)
        : [];
    for (const [step, child] of children) {
      const path = [...steps, step];
      if (understood.has(keyOf(path)) || isEmpty(child)) continue;
      if (opened.has(keyOf(path)) && typeof child === "object") unread(child, path);
      else note(path, why(pathText(path)) ?? "nothing here answers to it");
    }
  }

  return {
    root: partAt(foreign.value, []),
    notes() {
      for (const { line, path, message } of foreign.problems) noted.push({ line, path, why: message });
      unread(foreign.value, []);
      return noted.toSorted((a, b) => a.line - b.line);
    },
  };
}

const keyOf = (steps: readonly Step[]) => JSON.stringify(steps);

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Says nothing, so that nothing is lost. */
const isEmpty = (value: unknown): boolean =>
  value === null || (typeof value === "object" && Object.keys(value).length === 0);

function numberIn(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

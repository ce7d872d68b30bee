import type { Foreign } from "../../config/foreign.ts";
import { quote, type Step } from "../../config/problem.ts";

/**
 * A part of a gateway's file. A key is found as it is written here, `snake_case`, or in `camelCase`, as protobuf's JSON
 * has it. What is there in another shape than asked for counts as absent, and is told once.
 */
export interface View {
  /** Such as `envoy.yaml:12`. */
  readonly place: string;
  readonly line: number;
  readonly value: unknown;
  /** What stands under the key, whatever it is; undefined for null too. */
  child(key: string): View | undefined;
  /** The map under the key. */
  map(key: string): View | undefined;
  /** What the list under the key holds. */
  list(key: string): readonly View[];
  /** Entries of this map. */
  entries(): readonly (readonly [key: string, part: View])[];
  /** A text, or a number as one. */
  text(key: string): string | undefined;
  /** A number, or a text that is one. */
  number(key: string): number | undefined;
  flag(key: string): boolean | undefined;
  /** A text, or a list of them. */
  texts(key: string): readonly string[];
}

/** What could not be read as what it should be. */
interface Unread {
  readonly place: string;
  readonly line: number;
  readonly message: string;
}

interface GatewayFile {
  readonly root: View;
  /** Told once all has been looked at. */
  unread(): readonly Unread[];
}

/** @param name of the file, as messages call it */
export function openFile(foreign: Foreign, name: string): GatewayFile {
  const unread = new Map<string, Unread>();
  const placeOf = (line: number) => (line > 0 ? `${name}:${line}` : name);

  function viewAt(value: unknown, steps: readonly Step[]): View {
    const line = foreign.lineOf(steps);
    const inside = (key: string): Found | undefined => {
      for (const [from, map] of layersOf(value)) {
        const called = [key, camel(key)].find((each) => Object.hasOwn(map, each));
        const found = called === undefined ? undefined : map[called];
        if (called !== undefined && found !== undefined && found !== null) {
          return { value: found, steps: [...steps, ...from, called] };
        }
      }
      return undefined;
    };
    const take = <T>(key: string, expected: string, read: (value: unknown) => T | undefined): T | undefined => {
      const found = inside(key);
      if (!found) return undefined;
      const taken = read(found.value);
      if (taken === undefined) miss(found.steps, expected);
      return taken;
    };
    const childOf = (key: string) => {
      const found = inside(key);
      return found && viewAt(found.value, found.steps);
    };
    return {
      place: placeOf(line),
      line,
      value,
      child: childOf,
      map: (key) => (take(key, "a map", (found) => (isMap(found) ? found : undefined)) ? childOf(key) : undefined),
      list(key) {
        const list = take(key, "a list", (found) => (Array.isArray(found) ? (found as unknown[]) : undefined));
        const from = inside(key)?.steps ?? [];
        return list?.map((element, index) => viewAt(element, [...from, index])) ?? [];
      },
      entries: () =>
        layersOf(value).flatMap(([from, map]) =>
          Object.entries(map)
            .filter(([key]) => key !== MERGED)
            .map(([key, each]) => [key, viewAt(each, [...steps, ...from, key])] as const),
        ),
      text: (key) => take(key, "a text", textOf),
      number: (key) => take(key, "a number", numberOf),
      flag: (key) => take(key, "true or false", flagOf),
      texts: (key) => take(key, "a text, or a list of texts", textsOf) ?? [],
    };
  }

  function miss(steps: readonly Step[], expected: string): void {
    const line = foreign.lineOf(steps);
    const message = `${quote(String(steps.at(-1)))} is not ${expected}, so it was not looked at`;
    unread.set(JSON.stringify(steps), { place: placeOf(line), line, message });
  }

  return {
    root: viewAt(foreign.value, []),
    unread: () => [
      ...foreign.problems.map(({ line, message }) => ({ place: placeOf(line), line, message })),
      ...unread.values(),
    ],
  };
}

/** Where a key stands, or where the map begins that lacks it. */
export const at = (view: View, key: string): View => view.child(key) ?? view;

/** Milliseconds of a duration as protobuf's JSON has it, such as `0.25s`. */
export function durationOf(view: View, key: string): number | undefined {
  const text = view.text(key);
  const seconds = /^(\d{1,12}(?:\.\d{1,9})?)s$/u.exec(text ?? "")?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

interface Found {
  readonly value: unknown;
  readonly steps: readonly Step[];
}

/** YAML's `<<`: what stands beside it goes before what it takes over. */
const MERGED = "<<";

type Layer = readonly [from: readonly Step[], map: Readonly<Record<string, unknown>>];

/** A map and those that it takes over. */
function layersOf(value: unknown): readonly Layer[] {
  if (!isMap(value)) return [];
  const merged = value[MERGED];
  const others: ReadonlyArray<readonly [from: readonly Step[], value: unknown]> = Array.isArray(merged)
    ? merged.map((each: unknown, index) => [[MERGED, index], each] as const)
    : [[[MERGED], merged]];
  return [
    [[], value],
    ...others.flatMap(([from, other]) => layersOf(other).map<Layer>(([more, map]) => [[...from, ...more], map])),
  ];
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const camel = (key: string) => key.replaceAll(/_([a-z])/gu, (_, letter: string) => letter.toUpperCase());

const textOf = (value: unknown) => (typeof value === "string" || typeof value === "number" ? String(value) : undefined);

function numberOf(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

const flagOf = (value: unknown) => (typeof value === "boolean" ? value : undefined);

function textsOf(value: unknown): readonly string[] | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.every((each) => typeof each === "string") ? list : undefined;
}

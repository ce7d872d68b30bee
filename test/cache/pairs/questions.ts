import { readdirSync, readFileSync } from "node:fs";
import { seeded } from "../../../src/statistics/sample.ts";
import type { Pair } from "./generate.ts";

/** Families of questions by hand; their README tells the format. */
const FAMILIES = new URL("../../../models/data/questions/", import.meta.url);

/** Questions about one thing that differ from each other: each in wordings that ask the same, with slots to fill. */
export interface Family {
  /** FILE/NAME, of the file what stands before its first hyphen. */
  readonly name: string;
  readonly lang: string;
  readonly questions: ReadonlyArray<readonly string[]>;
  /** By slot; `x` and `y` are two of the list `xy`. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
}

/** `paraphrase` asks the same; `subject` is another question of the family; `slot` the same about something else. */
export type QuestionPair = Omit<Pair, "type"> & { readonly type: "paraphrase" | "subject" | "slot" };

type Random = () => number;
type Filling = Readonly<Record<string, string>>;

/** Numbers that a slot of a range is filled with at most. */
const MOST_NUMBERS = 500;
const SLOT = /\{(\w+)\}/gu;

/** @throws Error that names the family and what is wrong with it */
export function readFamilies(folder: URL = FAMILIES): Family[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(".txt"));
  return files.toSorted().flatMap((file) => {
    const blocks = readFileSync(new URL(file, folder), "utf8").split(/\n\s*\n/u);
    return blocks.filter((block) => block.trim() !== "").map((block) => familyOf(block, file.split("-")[0]!));
  });
}

function familyOf(block: string, file: string): Family {
  const [head = "", ...rows] = block
    .split("\n")
    .map((row) => row.trim())
    .filter((row) => row !== "");
  const name = /^\[([a-z0-9-]+)\]$/u.exec(head)?.[1];
  if (name === undefined) throw new Error(`${file}: a family begins with [name] and not with ${head}`);
  const listed = rows.map((row) => [row, listIn(row)] as const);
  const family = {
    name: `${file}/${name}`,
    lang: /^(de|es|fr)-/u.exec(name)?.[1] ?? "en",
    questions: listed.flatMap(([row, list]) => (list ? [] : [row.split(" / ")])),
    lists: Object.fromEntries(listed.flatMap(([, list]) => (list ? [list] : []))),
  };
  const used = new Set(family.questions.flat().flatMap((wording) => slotsIn(wording).map(listNameOf)));
  const wrong = [...used, ...Object.keys(family.lists)].find((slot) => !used.has(slot) || !family.lists[slot]);
  if (wrong !== undefined) throw new Error(`${family.name}: the slot ${wrong} has no list, or its list no slot`);
  return family;
}

/** `slot: a, b, c` or `n: 3..60`. */
function listIn(row: string): readonly [string, readonly string[]] | undefined {
  const [, slot, list] = /^(\w+): (.+)$/u.exec(row) ?? [];
  if (slot === undefined || row.includes(" / ") || /[?.]$/u.test(row)) return undefined;
  const [, from, to] = /^(\d+)\.\.(\d+)$/u.exec(list!) ?? [];
  if (from === undefined) return list!.includes(", ") ? [slot, list!.split(", ")] : undefined;
  const length = Math.min(MOST_NUMBERS, Number(to) - Number(from) + 1);
  return [slot, Array.from({ length }, (_, at) => String(Number(from) + at))];
}

const slotsIn = (wording: string): string[] => [...new Set([...wording.matchAll(SLOT)].map(([, slot]) => slot!))];
const listNameOf = (slot: string): string => (slot === "x" || slot === "y" ? "xy" : slot);

/** Up to `count` different pairs of each family; the same ones for the same seed. */
export function questionPairs(families: readonly Family[], count: number, seed = 1): QuestionPair[] {
  const random = seeded(seed);
  return families.flatMap((family) => {
    const pairs = new Map<string, QuestionPair>();
    for (let tries = 0; pairs.size < count && tries < count * 4; tries++) {
      const pair = drawPair(family, random);
      if (pair && pair.text_a !== pair.text_b) pairs.set([pair.text_a, pair.text_b].toSorted().join("\n"), pair);
    }
    return [...pairs.values()];
  });
}

function drawPair(family: Family, random: Random): QuestionPair | undefined {
  const filling = fill(family, random);
  const chance = random();
  if (chance < 0.38) {
    const several = family.questions.filter((wordings) => wordings.length > 1);
    const wordings = random() < 0.5 ? family.questions[0]! : pick(random, several);
    const [a, b] = [pick(random, wordings), pick(random, wordings)];
    return a === b ? undefined : pairOf(family, "paraphrase", [render(a, filling), render(b, filling)], random);
  }
  if (chance < 0.85) {
    const [one, other] = [pick(random, family.questions), pick(random, family.questions)];
    if (one === other) return undefined;
    return pairOf(
      family,
      "subject",
      [render(pick(random, one), filling), render(pick(random, other), filling)],
      random,
    );
  }
  const wordings = pick(random, family.questions);
  const a = pick(random, wordings);
  const changed = otherwise(family, filling, slotsIn(a), random);
  const b = random() < 0.5 ? a : pick(random, wordings);
  return changed && pairOf(family, "slot", [render(a, filling), render(b, changed)], random);
}

function pairOf(
  { name, lang }: Family,
  type: QuestionPair["type"],
  [a, b]: readonly [string, string],
  random: Random,
): QuestionPair {
  return {
    text_a: typed(a, random, lang),
    text_b: typed(b, random, lang),
    score: type === "paraphrase" ? 0.95 : 0.3,
    type,
    lang,
    family: name,
    source: "own:questions",
    split: "learn",
  };
}

function fill({ lists }: Family, random: Random): Filling {
  const filling: Record<string, string> = {};
  for (const [slot, list] of Object.entries(lists)) {
    if (slot !== "xy") filling[slot] = pick(random, list);
    else {
      const x = (filling["x"] = pick(random, list));
      filling["y"] = pick(
        random,
        list.filter((value) => value !== x),
      );
    }
  }
  return filling;
}

/** With another value in one of the slots; undefined where there is none. */
function otherwise({ lists }: Family, filling: Filling, slots: readonly string[], random: Random): Filling | undefined {
  if (slots.length === 0) return undefined;
  const slot = pick(random, slots);
  const taken = slot === "x" || slot === "y" ? [filling["x"], filling["y"]] : [filling[slot]];
  const others = lists[listNameOf(slot)]!.filter((value) => !taken.includes(value));
  return others.length === 0 ? undefined : { ...filling, [slot]: pick(random, others) };
}

function render(wording: string, filling: Filling): string {
  return wording.replaceAll(SLOT, (_, slot: string) => filling[slot]!);
}

const OPENINGS = ["Please tell me: ", "Hi, ", "Quick question: ", "Hello! "];
const CLOSINGS = [" Thanks!", " Thank you.", " Please."];

/** As people type: in small letters, without a sign at the end, with a greeting; more often as it stands. */
function typed(text: string, random: Random, lang: string): string {
  const chance = random();
  const bare = text.replace(/\s?[?.]$/u, "");
  if (chance < 0.12) return text.toLowerCase();
  if (chance < 0.2) return bare;
  if (chance < 0.26) return bare.toLowerCase();
  if (lang === "en" && chance < 0.29) return `${pick(random, OPENINGS)}${text}`;
  return lang === "en" && chance < 0.32 ? `${text}${pick(random, CLOSINGS)}` : text;
}

function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)]!;
}

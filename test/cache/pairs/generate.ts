import { seeded } from "../../../src/statistics/sample.ts";
import { LEARN, LEARN_TRANSLATED } from "./families-learn.ts";
import { REPORT, REPORT_TRANSLATED } from "./families-report.ts";
import { inWords, pools, type Split, unitSets } from "./values.ts";

/** A line of a file of pairs. `score` 0.95 is the same question in other words, anything below 0.9 is another question. */
export interface Pair {
  readonly text_a: string;
  readonly text_b: string;
  readonly score: number;
  readonly type: string;
  readonly lang: string;
  readonly family: string;
  readonly source: string;
  readonly split: Split;
}

export const TYPES = [
  "paraphrase",
  "number",
  "unit",
  "date",
  "entity",
  "negation",
  "comparative",
  "role-swap",
  "language",
  "subject",
] as const;
export type PairType = (typeof TYPES)[number];

interface Family {
  readonly name: string;
  readonly lang: string;
  readonly forms: readonly string[];
  readonly slots: ReadonlySet<string>;
}

/** What a question is filled with; sides of the two turns, 0 or 1. */
interface Filling {
  readonly slots: Readonly<Record<string, string>>;
  readonly compared: number;
  readonly negated: number;
}

type Random = () => number;

const SLOT = /\{([^}]+)\}/gu;
const DATES = ["year", "month", "weekday", "d"];

/** The same pairs for the same split, number and seed: `count` of each type, all different. */
export function generatePairs(split: Split, count: number, seed = 8): Pair[] {
  const random = seeded(seed + (split === "learn" ? 0 : 1_000_003));
  const families = familiesOf(split);
  const seen = new Set<string>();
  const pairs: Pair[] = [];
  for (const type of TYPES) {
    let found = 0;
    for (let tries = 0; found < count && tries < count * 200; tries++) {
      const pair = drawPair(type, { families, split, random });
      const key = pair && `${pair.text_a}\n${pair.text_b}`;
      if (pair === undefined || pair.text_a === pair.text_b || seen.has(key!)) continue;
      seen.add(key!);
      pairs.push(pair);
      found += 1;
    }
  }
  return pairs;
}

function familiesOf(split: Split): Family[] {
  return Object.entries(split === "learn" ? LEARN : REPORT).map(([name, lines]) => {
    const forms = lines.split(" / ");
    const lang = /^(de|es|fr)[A-Z]/.exec(name)?.[1] ?? "en";
    return { name, lang, forms, slots: new Set([...lines.matchAll(SLOT)].map(([, slot]) => slot!)) };
  });
}

interface Draw {
  readonly families: readonly Family[];
  readonly split: Split;
  readonly random: Random;
}

function drawPair(type: PairType, draw: Draw): Pair | undefined {
  const { split, random } = draw;
  if (type === "language" && random() < 0.4) return translated(draw);
  const fitting = draw.families.filter((family) => canBe(type, family));
  const family = pick(random, fitting);
  const filling = fill(family, draw);
  const [a, b] = twoForms(family.forms, random, type === "paraphrase");
  const other = type === "subject" ? sibling(family, draw) : family;
  if (other === undefined) return undefined;
  const changed = type === "paraphrase" || type === "subject" ? filling : change(type, family, filling, draw);
  if (changed === undefined) return undefined;
  const isWord = type === "paraphrase" && random() < 0.3;
  return {
    text_a: dressed(render(a, filling, false), random, family.lang),
    text_b: dressed(
      render(type === "subject" ? pick(random, other.forms) : b, changed, isWord && family.lang === "en"),
      random,
      family.lang,
    ),
    score: type === "paraphrase" ? 0.95 : 0.3,
    type,
    lang: family.lang,
    family: family.name,
    source: "own:cache-pairs",
    split,
  };
}

function canBe(type: PairType, { slots, forms, lang }: Family): boolean {
  const [form] = forms as [string];
  if (type === "number") return slots.has("n") || slots.has("amount");
  if (type === "unit") return [...slots].some(isUnitSlot);
  if (type === "date") return DATES.some((slot) => slots.has(slot));
  if (type === "entity") return [...slots].some(isNamed);
  if (type === "negation") return form.includes("<");
  if (type === "comparative") return form.includes("[");
  if (type === "role-swap") return [...slots].some((slot) => slot.startsWith("x:")) && !form.includes("[");
  if (type === "language") return slots.has("language");
  if (type === "subject") return lang === "en" && slots.size > 0;
  return forms.length > 1;
}

const isUnitSlot = (slot: string) => /^(?:from|to)\b/u.test(slot);

const NAMED = new Set(
  "country city person company coding tool animal food plant element illness film book sport instrument land país pays verb thing attribute need office concept body text topic format system".split(
    " ",
  ),
);
const isNamed = (slot: string) => NAMED.has(slot.replace(/^[xy]:/u, ""));

/** Another question about the same things. */
function sibling(family: Family, { families, random }: Draw): Family | undefined {
  const fitting = families.filter(
    (other) =>
      other !== family &&
      other.lang === family.lang &&
      other.slots.size > 0 &&
      [...other.slots].every((slot) => family.slots.has(slot)),
  );
  return fitting.length === 0 ? undefined : pick(random, fitting);
}

function fill({ slots }: Family, { split, random }: Draw): Filling {
  const filled: Record<string, string> = {};
  // A family may say which kind of units it speaks of: {from:miles}.
  const told = [...slots].find((slot) => slot.startsWith("from:"))?.slice(5);
  const set = told === undefined ? pick(random, unitSets) : unitSets.find((units) => units.includes(told))!;
  for (const slot of slots) {
    const [, place, list] = /^(?:([xy]):)?(.+)$/u.exec(slot)!;
    if (isUnitSlot(slot) || slot === "amount") continue;
    if (slot === "n" || slot === "m") filled[slot] = String(number(random));
    else if (slot === "d") filled[slot] = String(1 + Math.floor(random() * 28));
    else if (slot === "year") filled[slot] = String(1950 + Math.floor(random() * 75));
    else if (place === "y") filled[slot] = unlike(random, pools[split][list!]!, filled[`x:${list}`]);
    else filled[slot] = pick(random, pools[split][list!]!);
  }
  // The other of the two may have come first.
  for (const slot of slots) {
    const [place, list] = [slot.slice(0, 2), slot.slice(2)];
    if (place === "y:" && filled[slot] === filled[`x:${list}`])
      filled[slot] = unlike(random, pools[split][list]!, filled[slot]);
  }
  const from = pick(random, set);
  return {
    slots: { ...filled, from, to: unlike(random, set, from), amount: `${number(random)} ${from}` },
    compared: Math.floor(random() * 2),
    negated: Math.floor(random() * 2),
  };
}

const number = (random: Random) => 2 + Math.floor(random() ** 2 * 400);

function change(type: PairType, family: Family, filling: Filling, draw: Draw): Filling | undefined {
  const { slots } = filling;
  const { random, split } = draw;
  const put = (own: Record<string, string>): Filling => ({ ...filling, slots: { ...slots, ...own } });
  const list = (slot: string) => pools[split][slot.replace(/^[xy]:/u, "")]!;
  if (type === "negation") return { ...filling, negated: 1 - filling.negated };
  if (type === "comparative") return { ...filling, compared: 1 - filling.compared };
  if (type === "number") {
    if (!family.slots.has("n")) return put({ amount: `${numberUnlike(random, slots["amount"]!)} ${slots["from"]}` });
    const slot = family.slots.has("m") && random() < 0.5 ? "m" : "n";
    return put({ [slot]: String(numberUnlike(random, slots[slot]!)) });
  }
  if (type === "unit") {
    const set = unitSets.find((units) => units.includes(slots["from"]!) && units.includes(slots["to"]!))!;
    const slot = family.slots.has("to") ? "to" : "from";
    const other = unlike(
      random,
      set.filter((unit) => unit !== slots["from"] && unit !== slots["to"]),
      slots[slot],
    );
    return put({ [slot]: other });
  }
  if (type === "date") {
    const slot = pick(
      random,
      DATES.filter((own) => family.slots.has(own)),
    );
    if (slot === "year") return put({ year: String(Number(slots["year"]) + pick(random, [-10, -2, -1, 1, 1, 2, 5])) });
    if (slot === "d") return put({ d: String((Number(slots["d"]) % 28) + 1) });
    return put({ [slot]: unlike(random, list(slot), slots[slot]) });
  }
  if (type === "language") return put({ language: unlike(random, list("language"), slots["language"]) });
  if (type === "role-swap") {
    const own = [...family.slots].find((slot) => slot.startsWith("x:"))!.slice(2);
    return put({ [`x:${own}`]: slots[`y:${own}`]!, [`y:${own}`]: slots[`x:${own}`]! });
  }
  const slot = pick(random, [...family.slots].filter(isNamed));
  const taken = [slots[slot], slots[slot.replace(/^x/u, "y")], slots[slot.replace(/^y/u, "x")]];
  return put({
    [slot]: unlike(
      random,
      list(slot).filter((word) => !taken.includes(word)),
      slots[slot],
    ),
  });
}

function numberUnlike(random: Random, text: string): number {
  const value = Number.parseInt(text, 10);
  const found = random() < 0.5 ? value + pick(random, [-1, 1, 2, 5, 10]) : number(random);
  return found === value || found < 2 ? value + 3 : found;
}

const TURN = /[[<]([^\]|>]*)\|([^\]>]*)[\]>]/gu;

function render(form: string, { slots, compared, negated }: Filling, isWord: boolean): string {
  return form
    .replaceAll(TURN, (whole, one: string, other: string) =>
      (whole.startsWith("[") ? compared : negated) === 0 ? one : other,
    )
    .replaceAll(SLOT, (_, slot: string) => {
      const value = slots[slot.startsWith("from:") ? "from" : slot]!;
      const isPlain = /^(?:n|m)$/u.test(slot) && isWord && Number(value) < 1000;
      return isPlain ? inWords(Number(value)) : value;
    });
}

const OPENINGS = ["Please tell me: ", "Hi, ", "Quick question: ", "Hello! "];
const CLOSINGS = [" Thanks!", " Thank you.", " Please."];

/** As people type: without a capital, without a sign at the end, with a greeting; more often as it stands. */
function dressed(text: string, random: Random, lang: string): string {
  const chance = random();
  if (chance < 0.08) return text.toLowerCase();
  if (chance < 0.16) return text.replace(/\s?[?.]$/u, "");
  if (chance < 0.2) return text.toLowerCase().replace(/\s?[?.]$/u, "");
  if (lang === "en" && chance < 0.24) return `${pick(random, OPENINGS)}${text}`;
  return lang === "en" && chance < 0.28 ? `${text}${pick(random, CLOSINGS)}` : text;
}

function twoForms(forms: readonly string[], random: Random, mustDiffer: boolean): readonly [string, string] {
  const a = pick(random, forms);
  return [a, mustDiffer ? unlike(random, forms, a) : random() < 0.6 ? a : pick(random, forms)];
}

function translated({ split, random }: Draw): Pair {
  const rows = split === "learn" ? LEARN_TRANSLATED : REPORT_TRANSLATED;
  const row = pick(random, rows);
  const a = pick(random, row);
  return {
    text_a: dressed(a, random, ""),
    text_b: dressed(unlike(random, row, a), random, ""),
    score: 0.3,
    type: "language",
    lang: "en",
    family: `translated${rows.indexOf(row)}`,
    source: "own:cache-pairs",
    split,
  };
}

function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)]!;
}

function unlike(random: Random, list: readonly string[], not: string | undefined): string {
  const others = list.filter((word) => word !== not);
  return pick(random, others.length === 0 ? list : others);
}

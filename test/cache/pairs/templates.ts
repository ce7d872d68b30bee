import { seeded } from "../../../src/statistics/sample.ts";
import { BLIND } from "./blind/index.ts";
import { fill, type Filling, otherValue, pick, type Random, render, swapped, type Template } from "./fill.ts";
import { LEARN, LEARN_TRANSLATED } from "./families-learn.ts";
import { REPORT, REPORT_TRANSLATED } from "./families-report.ts";
import { type Pair, type PairType, TYPES } from "./generate.ts";
import { HARD } from "./hard/index.ts";
import { readFamilies } from "./questions.ts";

type ByType = Readonly<Record<string, readonly Template[]>>;

/**
 * Splits by people who knew neither the cache nor the other splits. `hard` was looked at, and is learned from since;
 * `blind` is reported on alone, without its families that happen to say what is learned from in the same words.
 */
export const SPLITS = {
  hard: { families: HARD, seed: 20_27 },
  blind: { families: newOnes(BLIND), seed: 20_28 },
} as const satisfies Record<string, { families: ByType; seed: number }>;
export type TemplateSplit = keyof typeof SPLITS;
export type TemplatePair = Omit<Pair, "split"> & { readonly split: TemplateSplit };

function newOnes(families: ByType): ByType {
  const templates = [...Object.values(LEARN), ...Object.values(REPORT)].flatMap((line) => line.split(" / "));
  const translated = [...LEARN_TRANSLATED, ...REPORT_TRANSLATED].flat();
  const hard = Object.values(HARD).flatMap((all) => all.flatMap(({ forms }) => forms));
  const questions = readFamilies().flatMap((family) => family.questions.flat());
  const known = new Set([...templates, ...translated, ...hard, ...questions].map(shapeOf));
  const fresh = (all: readonly Template[]) =>
    all.filter(({ forms }) => !forms.some((form) => known.has(shapeOf(form))));
  return Object.fromEntries(Object.entries(families).map(([type, all]) => [type, fresh(all)]));
}

/** A wording without what fills it. */
export function shapeOf(form: string): string {
  return bare(form.replaceAll(/\{[^}]*\}/gu, "_"));
}

type Side = readonly [form: number, filling: Filling];
/** What the second text is, given the first. */
type Change = (template: Template, first: Side, random: Random) => Side;

const anotherForm: Change = ({ forms }, [form, filling], random) => [
  (form + 1 + Math.floor(random() * (forms.length - 1))) % forms.length,
  filling,
];

/** A hard trap differs in nothing else; another has other words around it now and then. */
const sameOrAnyForm = ({ hard, forms }: Template, form: number, random: Random): number =>
  hard || random() < 0.6 ? form : Math.floor(random() * forms.length);

const anotherValue: Change = (template, [form, filling], random) => [
  sameOrAnyForm(template, form, random),
  otherValue(template, filling, random),
];

const turned: Change = (template, [form, filling], random) => [
  sameOrAnyForm(template, form, random),
  { ...filling, turn: 1 - filling.turn },
];

const exchanged: Change = (template, [form, filling], random) => [
  sameOrAnyForm(template, form, random),
  swapped(filling),
];

const CHANGES: Readonly<Record<PairType, Change>> = {
  paraphrase: anotherForm,
  number: anotherValue,
  unit: anotherValue,
  date: anotherValue,
  entity: anotherValue,
  negation: turned,
  comparative: turned,
  "role-swap": exchanged,
  language: anotherValue,
  subject: anotherForm,
};

/** `count` pairs of each type, all different in either order; the same for the same seed. */
export function templatePairs(split: TemplateSplit, count: number, seed: number = SPLITS[split].seed): TemplatePair[] {
  const random = seeded(seed);
  return TYPES.flatMap((type) => {
    const seen = new Set<string>();
    const pairs: TemplatePair[] = [];
    for (let tries = 0; pairs.length < count && tries < count * 100; tries++) {
      const pair = drawPair(split, type, random);
      const key = [pair.text_a, pair.text_b].map(bare).toSorted().join("\n");
      if (seen.has(key)) continue;
      seen.add(key);
      pairs.push(pair);
    }
    return pairs;
  });
}

/** What is left of a text when all that a typist may leave out is gone. */
export function bare(text: string): string {
  return text.toLowerCase().replace(/\s?[?.!]$/u, "");
}

function drawPair(split: TemplateSplit, type: PairType, random: Random): TemplatePair {
  const template = pick(random, SPLITS[split].families[type]);
  const first: Side = [Math.floor(random() * template.forms.length), fill(template, random)];
  const change = template.translated ? anotherForm : CHANGES[type];
  const second = change(template, first, random);
  const [a, b] = typed([render(template, ...first), render(template, ...second)], template, random);
  return {
    text_a: a,
    text_b: b,
    score: type === "paraphrase" ? 0.95 : 0.3,
    type,
    lang: "en",
    family: template.hard ? `${template.name}-hard` : template.name,
    source: `own:cache-pairs-${split}`,
    split,
  };
}

/** As people type. Both texts of a hard trap alike, so that only the trap tells them apart. */
function typed(texts: readonly [string, string], { hard }: Template, random: Random): readonly [string, string] {
  const first = carelessness(random);
  const second = hard ? first : carelessness(random);
  return [first(texts[0]), second(texts[1])];
}

function carelessness(random: Random): (text: string) => string {
  const chance = random();
  if (chance < 0.1) return (text) => text.toLowerCase();
  if (chance < 0.2) return (text) => text.replace(/\s?[?.]$/u, "");
  if (chance < 0.3) return bare;
  return (text) => text;
}

import { seeded } from "../../../../src/statistics/sample.ts";
import { type Pair, type PairType, TYPES } from "../generate.ts";
import { COMPARATIVE } from "./comparative.ts";
import { DATE } from "./date.ts";
import { ENTITY } from "./entity.ts";
import { fill, type Filling, otherValue, parse, pick, type Random, render, swapped, type Template } from "./fill.ts";
import { LANGUAGE, TRANSLATED } from "./language.ts";
import { NEGATION } from "./negation.ts";
import { NUMBER } from "./number.ts";
import { PARAPHRASE } from "./paraphrase.ts";
import { ROLE_SWAP } from "./role-swap.ts";
import { SUBJECT } from "./subject.ts";
import { UNIT } from "./unit.ts";

/** A pair of the split that nothing was fitted to or looked at with. */
export type FinalPair = Omit<Pair, "split"> & { readonly split: "final" };

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

/** Families by type; of a translated family each form is another language. */
export const FINAL: Readonly<Record<PairType, readonly Template[]>> = {
  paraphrase: parse(PARAPHRASE),
  number: parse(NUMBER),
  unit: parse(UNIT),
  date: parse(DATE),
  entity: parse(ENTITY),
  negation: parse(NEGATION),
  comparative: parse(COMPARATIVE),
  "role-swap": parse(ROLE_SWAP),
  language: [...parse(LANGUAGE), ...parse(TRANSLATED, true)],
  subject: parse(SUBJECT),
};

/** `count` pairs of each type, all different in either order; the same for the same seed. */
export function generateFinal(count: number, seed = 20_27): FinalPair[] {
  const random = seeded(seed);
  return TYPES.flatMap((type) => {
    const seen = new Set<string>();
    const pairs: FinalPair[] = [];
    for (let tries = 0; pairs.length < count && tries < count * 100; tries++) {
      const pair = drawPair(type, random);
      const key = [pair.text_a, pair.text_b].map(bare).toSorted().join("\n");
      if (seen.has(key)) continue;
      seen.add(key);
      pairs.push(pair);
    }
    return pairs;
  });
}

/** What is left of a text when all that a typist may leave out is gone. */
export const bare = (text: string): string => text.toLowerCase().replace(/\s?[?.!]$/u, "");

function drawPair(type: PairType, random: Random): FinalPair {
  const template = pick(random, FINAL[type]);
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
    source: "own:cache-pairs-final",
    split: "final",
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

import { align } from "./alignment.ts";
import { asked } from "./asked.ts";
import { code } from "./code.ts";
import { comparison } from "./comparison.ts";
import { dates } from "./dates.ts";
import type { Guard } from "./guard.ts";
import { language } from "./languages.ts";
import { manner } from "./manner.ts";
import { names } from "./names.ts";
import { negation } from "./negation.ts";
import { numbers } from "./numbers.ts";
import { objects } from "./objects.ts";
import { opposites } from "./opposites.ts";
import { quotes } from "./quotes.ts";
import { roles } from "./roles.ts";
import { thesaurus } from "./synonyms.ts";
import type { Turn } from "./turn.ts";
import { units } from "./units.ts";
import { wording } from "./wording.ts";

/** The guards there are, the ones that know soonest first. Adding one: its file, a line here, its table of cases. */
export const GUARDS: readonly Guard[] = [
  language,
  numbers,
  units,
  dates,
  names,
  negation,
  comparison,
  asked,
  manner,
  quotes,
  code,
  wording,
  roles,
  opposites,
  objects,
];

/** With at most so many words that only one of them says, the two are near: one word of difference decides. */
const NEAR = 3;

export interface Difference {
  /** The first guard whose word is a verdict. */
  readonly verdict?: string;
  /** Guards that doubt, where there is no verdict. */
  readonly doubts: readonly string[];
}

/** What makes the two different questions, as far as their words tell. */
export function differenceOf(a: Turn, b: Turn): Difference {
  const doubts: string[] = [];
  for (const { name, isDoubt, differ } of GUARDS) {
    if (!differ(a, b)) continue;
    if (!isDoubt || isNear(a, b)) return { verdict: name, doubts: [] };
    doubts.push(name);
  }
  return { doubts };
}

function isNear(a: Turn, b: Turn): boolean {
  const { ours, theirs } = align(a, b, thesaurus());
  return ours.length + theirs.length <= NEAR;
}

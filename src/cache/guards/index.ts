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

/** The first guard that sees the two ask for different things; undefined where none does. */
export function firstDifference(a: Turn, b: Turn): string | undefined {
  return GUARDS.find((guard) => guard.differ(a, b))?.name;
}

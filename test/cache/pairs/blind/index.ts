import { parse, type Template } from "../fill.ts";
import type { PairType } from "../generate.ts";
import { COMPARATIVE } from "./comparative.ts";
import { DATE } from "./date.ts";
import { ENTITY } from "./entity.ts";
import { LANGUAGE, TRANSLATED } from "./language.ts";
import { NEGATION } from "./negation.ts";
import { NUMBER } from "./number.ts";
import { PARAPHRASE } from "./paraphrase.ts";
import { ROLE_SWAP } from "./role-swap.ts";
import { SUBJECT } from "./subject.ts";
import { UNIT } from "./unit.ts";

/** Families by type, written by somebody who did not know the cache; of a translated one each form is another language. */
export const BLIND: Readonly<Record<PairType, readonly Template[]>> = {
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

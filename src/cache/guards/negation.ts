import type { Guard } from "./guard.ts";
import { wordsIn } from "./guard.ts";
import type { Turn } from "./turn.ts";

/** Words that say no, by language; French "ne" and "pas" are one. */
const NEGATIONS: Readonly<Record<string, string>> = {
  en: "not no never without none nothing nobody neither nor cannot nowhere hardly except excluding excludes unless non lacking",
  de: "nicht kein keine keinen keinem keiner keines nie niemals ohne nichts niemand weder ausser",
  es: "no nunca sin jamás ningún ninguna ninguno nada nadie tampoco excepto salvo",
  fr: "pas jamais sans aucun aucune rien personne ni sauf nul",
  it: "non mai senza nessun nessuno nessuna niente nulla",
  pt: "não nunca sem nenhum nenhuma nada ninguém",
  nl: "niet geen nooit zonder niets niemand",
};
const WORDS: Readonly<Record<string, ReadonlySet<string>>> = Object.fromEntries(
  Object.entries(NEGATIONS).map(([language, list]) => [language, new Set(wordsIn(list))]),
);

/** How often the turn says no. "Whether or not" and "why not" say nothing of the kind. */
function negationsOf({ tokens, language }: Turn): number {
  const words = WORDS[language ?? "en"];
  if (words === undefined) return 0;
  return tokens.filter(({ text }, at) => {
    if (!words.has(text)) return false;
    const before = tokens[at - 1]?.text ?? "";
    return !(text === "not" && (before === "or" || (before === "why" && tokens[at + 1] === undefined)));
  }).length;
}

/** Whether one says no where the other does not. */
export const negation: Guard = {
  name: "negation",
  isDoubt: true,
  differ: (a, b) => negationsOf(a) !== negationsOf(b),
};

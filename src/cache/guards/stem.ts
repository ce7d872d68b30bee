import type { Language } from "../../text/language.ts";

/** Forms that no rule leads to their base. */
const IRREGULAR = new Map(
  `
  children:child men:man women:woman people:person feet:foot teeth:tooth mice:mouse geese:goose lives:life wives:wife
  knives:knife leaves:leaf wolves:wolf shelves:shelf halves:half indices:index indexes:index matrices:matrix
  vertices:vertex criteria:criterion phenomena:phenomenon analyses:analysis crises:crisis theses:thesis
  went:go gone:go goes:go bought:buy brought:bring built:build caught:catch chose:choose chosen:choose came:come
  did:do done:do does:do drew:draw drawn:draw drank:drink drunk:drink drove:drive driven:drive ate:eat eaten:eat
  fell:fall fallen:fall felt:feel fought:fight found:find flew:fly flown:fly forgot:forget forgotten:forget
  froze:freeze frozen:freeze got:get gotten:get gave:give given:give grew:grow grown:grow held:hold kept:keep
  knew:know known:know led:lead left:leave lost:lose made:make meant:mean met:meet paid:pay ran:run said:say sang:sing
  saw:see seen:see sold:sell sent:send shook:shake shot:shoot sat:sit slept:sleep spoke:speak spoken:speak spent:spend
  stood:stand stole:steal stolen:steal struck:strike swam:swim took:take taken:take taught:teach told:tell
  thought:think threw:throw thrown:throw understood:understand woke:wake wore:wear worn:wear won:win wrote:write
  written:write began:begin begun:begin became:become broke:break broken:break lay:lie laid:lay lit:light hid:hide
  hidden:hide rose:rise risen:rise dying:die died:die lying:lie tying:tie buying:buy
  `
    .trim()
    .split(/\s+/)
    .map((pair) => pair.split(":") as [string, string]),
);

const ENDINGS = ["ing", "ed"];
const VOWEL = /[aeiouy]/;
const TWICE = /([bdfglmnprt])\1$/;

/**
 * What forms of one word have in common; never a word for people. Comparatives keep their endings, for they mean
 * something else. A word of another language than English loses only what its plurals and genders add.
 */
export function stem(word: string, language: Language | undefined): string {
  if (word.length < 4 && word !== "did") return word;
  if (language === undefined || language === "en") return english(word);
  if (language === "de") return word.length > 5 ? word.replace(/(?:en|es|er|e|n|s)$/u, "") : word;
  if (language === "es" || language === "pt" || language === "it") {
    return word.length > 4 ? word.replace(/(?:es|s|[oae])$/u, "") : word;
  }
  return language === "fr" && word.length > 4 ? word.replace(/(?:es|e|s|x)$/u, "") : word;
}

function english(word: string): string {
  const known = IRREGULAR.get(word);
  if (known !== undefined) return bare(known);
  if (word.endsWith("ies") && word.length > 4) return `${word.slice(0, -3)}y`;
  if (word.endsWith("ied") && word.length > 4) return `${word.slice(0, -3)}y`;
  if (word.endsWith("s")) {
    if (/(?:sses|shes|ches|xes|zzes)$/.test(word)) return bare(word.slice(0, -2));
    if (!/(?:ss|us|is|ous)$/.test(word)) return bare(word.slice(0, -1));
  }
  for (const ending of ENDINGS) {
    const base = word.slice(0, -ending.length);
    if (word.endsWith(ending) && base.length > 2 && VOWEL.test(base)) return bare(base.replace(TWICE, "$1"));
  }
  return bare(word);
}

/** Whether a silent e stood behind `-ing` is not to be told: none has one. */
function bare(word: string): string {
  if (word.length > 4 && word.endsWith("e")) return word.slice(0, -1);
  return word.length > 4 ? word.replace(TWICE, "$1") : word;
}

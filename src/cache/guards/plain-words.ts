import type { Language } from "../../text/language.ts";
import { wordsIn } from "./guard.ts";

/** Words that hold a question together, or that a wish for an answer is wrapped in: said of the answer, not of the matter. */
const PLAIN: Readonly<Record<string, ReadonlySet<string>>> = Object.fromEntries(
  Object.entries({
    en: `
      a an the this that these those some any such
      is are was were be been being am do does did has have had having can could will would shall should may might must
      i you he she it we they me him her us them my your his its our their mine yours one someone somebody people person
      what which who whom whose when where why how whether if
      and or but so as then than also too just only even still yet
      of in on at to for from by with about into onto over under between among through during within around
      up down out off there here
      please kindly thanks thank hello hi hey dear ok okay well actually exactly really basically simply quickly
      briefly tell explain describe give show let know help want need like wondering wonder curious ask asking answer
      say question explanation explained understand learn look find get go make sure possible possibly able way ways
      many much something anything thing things stuff kind sort type exist exists happen called name named mean means
      detail details general information info`,
    de: `
      der die das den dem des ein eine einen einem einer eines und oder aber ist sind war waren sein wird werden hat
      haben ich du er sie es wir ihr mich mir dich dir man wie was wer wo wann warum welche welcher welches welchen kann
      können könnte könntest soll sollte muss darf zu zur zum im in am an auf aus bei mit nach von vom vor für gegen um
      über durch bitte mal mein meine meinen dein deine sich auch doch denn gibt heisst heissen erkläre erklären sag
      sagen zeig zeigen dass wenn als so viel viele`,
    es: `
      el la los las un una unos unas y o pero es son era eran ser está están estar fue fueron ha han hay yo tú usted él
      ella nosotros me te se mi mis tu tus su sus qué que cuál cuáles quién quiénes cuándo dónde cómo cuánto cuántos
      cuánta cuántas por para con de del al en a sobre desde hasta puedo puede puedes podría podrías debo debe hacer
      hago favor dime explica explicar dame lo le`,
    fr: `
      le la les l un une des et ou mais est sont était étaient être sera a ont avoir je j tu il elle on nous vous ils
      elles me te se m t s mon ma mes ton ta tes son sa ses quoi que qu qui quel quelle quels quelles quand où comment
      pourquoi combien ce c cette ces cet de d du en dans sur sous pour par avec à au aux y peux peut pouvez puis
      pourrais dois doit faire fait faut plaît expliquer explique dis dire donne donner moi n ne est-ce`,
    it: `
      il lo la gli i le un uno una e ed o di del dello della dei è sono che chi cosa come dove quando perché quale quali
      quanto per con a al in nel da su si mi ti ci posso può devo fare`,
    pt: `
      o a os as um uma e ou é são foi para por com do da dos das no na nos nas em de que quem como qual quais quando
      onde porquê eu você se me posso pode devo fazer`,
    nl: `
      de het een en of van is zijn was in op te voor met aan door over uit dat die dit wat wie waar wanneer waarom hoe
      welke ik je jij u we kan kun moet mag doen er om`,
  }).map(([language, list]) => [language, new Set(wordsIn(list))]),
);

/** Words of no weight in a language; English ones where it is not known. */
export function plainWordsOf(language: Language | undefined): ReadonlySet<string> {
  return PLAIN[language ?? "en"] ?? NONE;
}

const NONE: ReadonlySet<string> = new Set();

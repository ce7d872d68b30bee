import { wordsIn } from "./guard.ts";
import type { Turn } from "./turn.ts";

const ASKING = new Set(
  wordsIn(`
  what which who whom whose when where why how is are was were do does did can could will would shall should may might
  tell explain describe give show list name write summarize summarise translate convert calculate find compare create
  make help please compute draft compose rewrite port teach define outline suggest recommend generate build design
  implement fix debug solve plan provide discuss analyze analyse evaluate classify extract identify prove derive
  simplify improve edit proofread review express work add remove count sort order choose pick think imagine act let
  flying moving installing writing sorting opening tips
  wie was wer wen wem wo wohin woher wann warum weshalb wieso welche welcher welches welchen kann kannst können könntest
  darf ist sind gibt soll erkläre nenne schreib schreibe übersetze berechne zeig gib mit
  qué cuál cuáles quién quiénes cuándo dónde cómo cuánto cuánta cuántos cuántas es puedo puedes dime explica escribe
  traduce calcula dame
  quel quelle quels quelles qui quand où comment pourquoi combien est peux peut explique écris traduis calcule calculez
  donne dis manger
  che chi cosa come dove quando quanto perché quale quais quem onde quanto wat wie waar hoe waarom wanneer welke
  cost duration distance height age when why where who frequency
  `),
);
/** "I need ..." and "I would like ..." are wishes. */
const WISHES = new Set(wordsIn("need want would like wish möchte brauche will quiero necesito veux voudrais"));
const QUESTION_MARK = /[?\uff1f\u061f\u037e]/u;
const PARTICLE = /(?:\u304b|\u5417|\u5462|\uae4c|\ub098\uc694)[\u3002.!]?\s*$/u;
/** How a sentence that tells begins, where nothing asks. */
const TELLING = new Set(
  wordsIn(`
  a an the this that these those he she it they we you i my his her their our one two three four five six several some
  many der die das ein eine er sie es wir ihr dieser diese ich el la los las un una unos ella ellos nosotros yo le les
  une il elle ils elles nous je deux trois zwei drei dos tres
  `),
);
const BE = new Set(
  wordsIn("is are was were has have had will am ist sind war hat haben es son está están est sont a ont"),
);
const KEYWORDS = 12;
/** English of more words than these has small ones that tell it. */
const FEW = 4;
const SPELLED = new Set(["en", "de", "es", "fr", "it", "pt", "nl", undefined]);

/**
 * Whether a turn tells instead of asking: what it is answered by depends on more than its words. A few words without a
 * verb are a question as people type it into a box.
 */
export function isStatement({ text, tokens, language }: Turn): boolean {
  if (QUESTION_MARK.test(text) || PARTICLE.test(text)) return false;
  const words = tokens.filter(({ kind }) => kind !== "sign");
  if (!SPELLED.has(language)) return true;
  const [first, second] = [words.find(({ text: word }) => !OPENINGS.has(word)), words[1]];
  if (first === undefined || ASKING.has(first.text)) return false;
  if ((first.text === "i" || first.text === "ich" || first.text === "je") && WISHES.has(second?.text ?? ""))
    return false;
  const opening = tokens.findIndex(({ opens, text: word }, at) => at > 0 && opens && ASKING.has(word));
  if (opening > 0) return false;
  const asks = words.slice(0, KEYWORDS).some(({ text: word }) => QUESTION_WORDS.has(word));
  if (asks && language !== undefined) return TELLING.has(first.text);
  // What one types into a box: no verb that tells, no full stop, and nothing of a language that is not known here.
  const isBrief = words.length <= KEYWORDS && !words.some(({ text: word }) => BE.has(word));
  if (language === undefined && words.length > FEW) return !isBrief || !PLAIN_LETTERS.test(text);
  return !isBrief || (TELLING.has(first.text) && FULL_STOP.test(text));
}

/** No English keyword has others; most languages that are not known here have. */
const PLAIN_LETTERS = /^[\p{ASCII}\u2018\u2019\u201c\u201d\u2013\u2014°€£×÷²³½]*$/u;
const FULL_STOP = /[.!\u3002]\s*$/u;
const OPENINGS = new Set(wordsIn("hi hello hey please hallo hola bonjour ok okay so and now quickly bitte"));
const QUESTION_WORDS = new Set(
  wordsIn(
    "who whom whose what which when where why how wie was wer wo wann warum welche qué cuál quién dónde cómo quel quelle",
  ),
);

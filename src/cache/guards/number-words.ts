import type { Language } from "../../text/language.ts";
import { wordsIn } from "./guard.ts";

/** What number words of a language come to, the words that multiply what stands before them, and those that join. */
export interface NumberWords {
  readonly values: ReadonlyMap<string, number>;
  readonly scales: ReadonlyMap<string, number>;
  readonly joins: ReadonlySet<string>;
  /** Words that may stand for a number or for nothing: articles, "both", ordinals that also order sentences. */
  readonly loose: ReadonlyMap<string, number>;
}

const counted = (list: string, from: number): [string, number][] => wordsIn(list).map((word, at) => [word, from + at]);
const paired = (list: string): [string, number][] =>
  wordsIn(list).map((pair) => [pair.split(":")[0]!, Number(pair.split(":")[1])]);

const en: NumberWords = {
  values: new Map([
    ...counted("two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen", 2),
    ...paired("zero:0 nought:0 nil:0 seventeen:17 eighteen:18 nineteen:19 twenty:20 thirty:30 forty:40 fourty:40"),
    ...paired("fifty:50 sixty:60 seventy:70 eighty:80 ninety:90 half:0.5 quarter:0.25"),
    ...counted("third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth", 3),
    ...paired("fifteenth:15 sixteenth:16 seventeenth:17 eighteenth:18 nineteenth:19 twentieth:20 thirtieth:30"),
    ...paired("ii:2 iii:3 iv:4 vi:6 vii:7 viii:8 ix:9 xi:11 xii:12 xiii:13 xiv:14 xv:15 xvi:16"),
  ]),
  scales: new Map(paired("dozen:12 hundred:100 thousand:1e3 million:1e6 billion:1e9 trillion:1e12 k:1e3 bn:1e9")),
  joins: new Set(["and"]),
  loose: new Map(
    paired(
      "one:1 a:1 an:1 single:1 once:1 first:1 each:1 per:1 second:2 both:2 twice:2 double:2 pair:2 couple:2 triple:3",
    ),
  ),
};

const DE_ONES = wordsIn("ein zwei drei vier fünf sechs sieben acht neun");
const DE_TENS = wordsIn("zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig");
/** Folding writes sharp s as two. */
const folded = (word: string) => word.replaceAll("ß", "ss");

const de: NumberWords = {
  values: new Map([
    ...counted("zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn", 2),
    ...paired("null:0 eins:1 zwo:2 siebzehn:17 achtzehn:18 neunzehn:19 halb:0.5 halbe:0.5 halben:0.5 halber:0.5"),
    ...counted("dritte vierte fünfte sechste siebte achte neunte zehnte elfte zwölfte", 3),
    ...counted("dritten vierten fünften sechsten siebten achten neunten zehnten elften zwölften", 3),
    ...DE_TENS.flatMap((ten, at): [string, number][] => [
      [folded(ten), (at + 2) * 10],
      ...DE_ONES.map((one, by): [string, number] => [folded(`${one}und${ten}`), (at + 2) * 10 + by + 1]),
    ]),
    ...DE_ONES.flatMap((one, at): [string, number][] => [
      [`${one}hundert`, (at + 1) * 100],
      [`${one}tausend`, (at + 1) * 1000],
    ]),
  ]),
  scales: new Map(
    paired(
      "dutzend:12 hundert:100 tausend:1e3 million:1e6 millionen:1e6 milliarde:1e9 milliarden:1e9 billion:1e12 billionen:1e12",
    ),
  ),
  joins: new Set(["und"]),
  loose: new Map(
    paired(
      "ein:1 eine:1 einen:1 einem:1 einer:1 eines:1 einmal:1 erste:1 ersten:1 erster:1 erstes:1 pro:1 zweite:2 zweiten:2 zweiter:2 beide:2 beiden:2 zweimal:2 doppelt:2 paar:2",
    ),
  ),
};

const ES_ONES = wordsIn("uno dos tres cuatro cinco seis siete ocho nueve");

const es: NumberWords = {
  values: new Map([
    ...counted("dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis", 2),
    ...paired("cero:0 diecisiete:17 dieciocho:18 diecinueve:19 veinte:20 veintiún:21 veintidós:22 veintitrés:23"),
    ...paired("veintiséis:26 treinta:30 cuarenta:40 cincuenta:50 sesenta:60 setenta:70 ochenta:80 noventa:90"),
    ...paired("doscientos:200 trescientos:300 cuatrocientos:400 quinientos:500 seiscientos:600 setecientos:700"),
    ...paired("ochocientos:800 novecientos:900 medio:0.5 media:0.5 tercer:3 tercero:3 tercera:3 cuarto:4 cuarta:4"),
    ...paired("quinto:5 quinta:5 sexto:6 sexta:6 séptimo:7 octavo:8 noveno:9 décimo:10"),
    ...ES_ONES.map((one, at): [string, number] => [`veinti${one}`, 21 + at]),
  ]),
  scales: new Map(
    paired("docena:12 cien:100 ciento:100 cientos:100 mil:1e3 millón:1e6 millones:1e6 billón:1e12 billones:1e12"),
  ),
  joins: new Set(["y"]),
  loose: new Map(
    paired("un:1 una:1 uno:1 primer:1 primero:1 primera:1 segundo:2 segunda:2 ambos:2 ambas:2 doble:2 par:2"),
  ),
};

const fr: NumberWords = {
  values: new Map([
    ...counted("deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize", 2),
    ...paired("zéro:0 vingt:20 vingts:20 trente:30 quarante:40 cinquante:50 soixante:60 septante:70 huitante:80"),
    ...paired("nonante:90 demi:0.5 demie:0.5 moitié:0.5 troisième:3 quatrième:4 cinquième:5 sixième:6 septième:7"),
    ...paired("huitième:8 neuvième:9 dixième:10"),
  ]),
  scales: new Map(
    paired(
      "douzaine:12 cent:100 cents:100 mille:1e3 million:1e6 millions:1e6 milliard:1e9 milliards:1e9 billion:1e12 billions:1e12",
    ),
  ),
  joins: new Set(["et"]),
  loose: new Map(paired("un:1 une:1 premier:1 première:1 deuxième:2 second:2 seconde:2 double:2 paire:2")),
};

const BY_LANGUAGE: Readonly<Partial<Record<Language, NumberWords>>> = { en, de, es, fr };

/** The words of the language; English ones where it is not known, none for a language that is not spoken here. */
export function numberWordsOf(language: Language | undefined): NumberWords {
  return (language === undefined ? en : BY_LANGUAGE[language]) ?? NONE;
}

const NONE: NumberWords = { values: new Map(), scales: new Map(), joins: new Set(), loose: new Map() };

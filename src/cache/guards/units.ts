import { type Guard, wordsIn } from "./guard.ts";
import type { Token } from "./token.ts";
import { once } from "./once.ts";
import type { Turn } from "./turn.ts";

/** Spellings of one unit a line, the first its name; `:` before one that counts only right behind a number. */
const UNITS = `
  meter meters metre metres :m meters mètre mètres metro metros
  kilometer kilometers kilometre kilometres km kms kilomètre kilomètres kilómetro kilómetros
  centimeter centimeters centimetre centimetres cm zentimeter centimètre centimètres centímetro centímetros
  millimeter millimeters millimetre millimetres mm
  micrometer micrometers micron microns
  nanometer nanometers nm
  mile miles :mi meile meilen milla millas
  nautical
  yard yards yd yds
  foot feet ft fuß fuss pied pieds
  inch inches :in zoll pouce pouces pulgada pulgadas
  lightyear lightyears parsec parsecs
  furlong furlongs
  fathom fathoms
  gram grams gramme grammes :g gr gramm gramo gramos
  kilogram kilograms kilo kilos kg kgs kilogramm kilogramo kilogramos kilogramme kilogrammes
  milligram milligrams mg
  microgram micrograms mcg
  ton tons
  tonne tonnes
  pound pounds lb lbs £ gbp sterling pfund livre livres libra libras
  ounce ounces oz
  stone-unit :st :stone
  carat carats
  liter liters litre litres :l litro litros
  milliliter milliliters millilitre millilitres ml
  gallon gallons gal
  pint pints
  quart quarts
  cup cups
  tablespoon tablespoons tbsp
  teaspoon teaspoons tsp
  barrel barrels
  acre acres
  hectare hectares :ha hektar
  celsius °c :c
  fahrenheit °f :f
  kelvin
  nanosecond nanoseconds ns
  millisecond milliseconds ms
  second-of-time seconds :second sec secs :s sekunde sekunden seconde secondes
  minute minutes min mins minuten minuto minutos
  hour hours hr hrs :h hourly stunde stunden heure heures hora horas
  day days daily :tag tage tagen jour jours día días
  week weeks weekly woche wochen semaine semaines semana semanas
  fortnight fortnights fortnightly
  month months monthly monat monate monaten mois :mes meses
  year years yearly annual annually annum yr yrs jahr jahre jahren :an :ans année années año años
  decade decades
  century centuries
  bit-unit :bit bits
  byte bytes
  kilobyte kilobytes kb
  megabyte megabytes mb
  gigabyte gigabytes gb
  terabyte terabytes tb
  petabyte petabytes pb
  kibibyte kib
  mebibyte mib
  gibibyte gib
  megabit megabits mbit mbps
  gigabit gigabits gbit gbps
  hertz hz
  kilohertz khz
  megahertz mhz
  gigahertz ghz
  watt watts :w
  kilowatt kilowatts kw
  megawatt megawatts mw
  kwh kilowatthour kilowatthours
  joule joules :j
  calorie calories :cal kalorie kalorien calorías
  kilocalorie kilocalories kcal
  kilojoule kilojoules kj
  volt volts :v
  millivolt millivolts mv
  ampere amperes amp amps :a
  milliamp milliamps ma
  ohm ohms
  newton newtons
  pascal pascals pa
  kilopascal kilopascals kpa
  bar-unit :bar :bars
  psi
  atm atmospheres
  horsepower hp
  decibel decibels db-unit
  degree degrees °
  radian radians
  mole-unit :mole :moles
  percent % pct percentage prozent porcentaje pourcent
  dollar dollars $ usd buck bucks dólar dólares
  euro euros € eur
  cent-coin cents
  yen ¥ jpy
  yuan renminbi cny rmb
  rupee rupees ₹ inr
  rupiah idr
  franc francs chf
  peso pesos mxn
  ruble rubles rub rouble roubles
  krw :won
  krona kronor sek
  krone kroner nok dkk
  brl reais
  lira
  zloty pln
  zar :rand
  shekel shekels ils
  baht thb
  dirham dirhams aed
  riyal riyals sar
  bitcoin bitcoins btc
  ether ethereum eth
  aud
  cad
  nzd
  hkd
  sgd
  knot knots
`;

/** Names that stand for several. */
const SEVERAL: Readonly<Record<string, readonly string[]>> = {
  mph: ["mile", "hour"],
  kph: ["kilometer", "hour"],
  kmh: ["kilometer", "hour"],
};

const always = new Map<string, string>();
const behindNumber = new Map<string, string>();
for (const line of UNITS.trim().split("\n")) {
  const [name, ...spellings] = wordsIn(line);
  for (const spelling of [name!, ...spellings]) {
    if (spelling.startsWith(":")) behindNumber.set(spelling.slice(1), name!);
    else always.set(spelling, name!);
  }
}

/** The unit that a token names, if it names one. */
function unitAt(tokens: readonly Token[], at: number): string | undefined {
  const { text } = tokens[at]!;
  if (text === "may") return undefined;
  const isCounted = tokens[at - 1]?.kind === "number";
  return always.get(text) ?? (isCounted ? behindNumber.get(text) : undefined);
}

/** Units of time and shares are also words of everyday: "the best time of the year". */
const SOFT = new Set(wordsIn("second-of-time minute hour day week month year decade century percent degree"));
const YEAR = /^\d{4}$/;

interface Named {
  readonly all: ReadonlySet<string>;
  /** Those of measure and money, and those that a number stands before. */
  readonly firm: ReadonlySet<string>;
}

/** Which units a turn names. A sign for degrees before C or F is theirs, and "the year 2020" is a year without it. */
const unitsOf = once(({ tokens }: Turn): Named => {
  const all = new Set<string>();
  const firm = new Set<string>();
  const add = (unit: string, isFirm: boolean) => {
    all.add(unit);
    if (isFirm || !SOFT.has(unit)) firm.add(unit);
  };
  for (const [at, { text }] of tokens.entries()) {
    const next = tokens[at + 1]?.text ?? "";
    if (text === "°" && (next === "c" || next === "f")) add(next === "c" ? "celsius" : "fahrenheit", true);
    else if (Object.hasOwn(SEVERAL, text)) for (const unit of SEVERAL[text]!) add(unit, true);
    else {
      const unit = unitAt(tokens, at);
      if (unit === undefined || (unit === "year" && YEAR.test(next))) continue;
      add(unit, tokens[at - 1]?.kind === "number" || tokens[at + 1]?.kind === "number");
    }
  }
  return { all, firm };
});

/** Both speak of the same units of measure, of time and of money. */
export const units: Guard = {
  name: "units",
  differ(a, b) {
    const [ours, theirs] = [unitsOf(a), unitsOf(b)];
    const lacks = ({ firm }: Named, { all }: Named) => [...firm].some((unit) => !all.has(unit));
    const hasOwn = (one: Named, other: Named) => [...one.all].some((unit) => !other.all.has(unit));
    return lacks(ours, theirs) || lacks(theirs, ours) || (hasOwn(ours, theirs) && hasOwn(theirs, ours));
  },
};

/** The unit that a word names wherever it stands. */
export const unitNamed = (word: string): string | undefined => always.get(word);

/** Identifiers with check digits, in the formats of several countries, made by arithmetic of our own. */
export type Random = () => number;

export interface Identifier {
  readonly entity: string;
  readonly country: string;
  readonly value: string;
  /** A sentence of the country's language that holds the value. */
  readonly text: string;
}

const int = (random: Random, below: number): number => Math.floor(random() * below);
export const pick = <T>(random: Random, list: readonly T[]): T => list[int(random, list.length)]!;
const LETTERS = Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
const digits = (random: Random, count: number): string => Array.from({ length: count }, () => int(random, 10)).join("");
const letters = (random: Random, count: number): string =>
  Array.from({ length: count }, () => pick(random, LETTERS)).join("");
const two = (number: number): string => String(number).padStart(2, "0");
const sum = (text: string, weight: (at: number) => number): number =>
  Array.from(text).reduce((total, sign, at) => total + Number(sign) * weight(at), 0);
const grouped = (text: string, sizes: readonly number[], separator: string): string => {
  let at = 0;
  return sizes.map((size) => text.slice(at, (at += size))).join(separator);
};
const isVaried = (text: string): boolean => new Set(text).size > 1;

function again(make: () => string | undefined): string {
  for (;;) {
    const made = make();
    if (made !== undefined && isVaried(made)) return made;
  }
}

const PREFIXES: readonly (readonly [string, number])[] = [
  ["4", 16],
  ["51", 16],
  ["55", 16],
  ["2221", 16],
  ["37", 15],
  ["6011", 16],
  ["3528", 16],
  ["36", 14],
  ["62", 16],
];

function card(random: Random): string {
  const [prefix, length] = pick(random, PREFIXES);
  const body = prefix + digits(random, length - prefix.length - 1);
  let total = 0;
  for (const [at, sign] of Array.from(body).toReversed().entries()) {
    const value = Number(sign) * (at % 2 === 0 ? 2 : 1);
    total += value > 9 ? value - 9 : value;
  }
  const whole = body + ((10 - (total % 10)) % 10);
  const layout = whole.length === 16 ? [4, 4, 4, 4] : whole.length === 15 ? [4, 6, 5] : [4, 6, 4];
  return grouped(whole, layout, pick(random, ["", " ", "-"]));
}

const BBANS: Readonly<Record<string, (random: Random) => string>> = {
  DE: (random) => digits(random, 18),
  FR: (random) => digits(random, 10) + (letters(random, 3) + digits(random, 8)) + digits(random, 2),
  ES: (random) => digits(random, 20),
  IT: (random) => letters(random, 1) + digits(random, 22),
  GB: (random) => letters(random, 4) + digits(random, 14),
  NL: (random) => letters(random, 4) + digits(random, 10),
  PL: (random) => digits(random, 24),
  BR: (random) => digits(random, 23) + letters(random, 1) + digits(random, 1),
};

function iban(random: Random, country: string): string {
  const bban = BBANS[country]!(random);
  const numbers = Array.from(`${bban}${country}00`, (sign) => Number.parseInt(sign, 36)).join("");
  const whole = country + two(98 - Number(BigInt(numbers) % 97n)) + bban;
  return random() < 0.5 ? whole : whole.match(/.{1,4}/gu)!.join(pick(random, [" ", "-"]));
}

function nhs(random: Random): string {
  const whole = again(() => {
    const body = digits(random, 9);
    const check = 11 - (sum(body, (at) => 10 - at) % 11);
    return check === 10 ? undefined : body + (check % 11);
  });
  return random() < 0.5 ? whole : grouped(whole, [3, 3, 4], " ");
}

function dni(random: Random): string {
  const number = digits(random, 8);
  const letter = "TRWAGMYFPDXBNJZSQVHLCKE"[Number(number) % 23]!;
  return number + pick(random, ["", "-", " "]) + letter;
}

function nie(random: Random): string {
  const first = int(random, 3);
  const number = digits(random, 7);
  return "XYZ"[first]! + number + "TRWAGMYFPDXBNJZSQVHLCKE"[Number(`${first}${number}`) % 23]!;
}

function nir(random: Random): string {
  const body = `${1 + int(random, 2)}${digits(random, 2)}${two(1 + int(random, 12))}${two(1 + int(random, 95))}${digits(random, 6)}`;
  const whole = body + two(97 - (Number(body) % 97));
  return random() < 0.5 ? whole : grouped(whole, [1, 2, 2, 2, 3, 3, 2], " ");
}

function steuerId(random: Random): string {
  const whole = again(() => {
    const different = Array.from("0123456789")
      .map((sign) => ({ sign, order: random() }))
      .sort((a, b) => a.order - b.order);
    const ten = different.slice(0, 9).map(({ sign }) => sign);
    ten.splice(int(random, 10), 0, pick(random, ten));
    if (ten[0] === "0") return undefined;
    let product = 10;
    for (const sign of ten) product = (((Number(sign) + product) % 10 || 10) * 2) % 11;
    return ten.join("") + ((11 - product) % 10);
  });
  return random() < 0.5 ? whole : grouped(whole, [2, 3, 3, 3], " ");
}

const ODD: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries({
    1: "0A",
    0: "1B",
    5: "2C",
    7: "3D",
    9: "4E",
    13: "5F",
    15: "6G",
    17: "7H",
    19: "8I",
    21: "9J",
    2: "K",
    4: "L",
    18: "M",
    20: "N",
    11: "O",
    3: "P",
    6: "Q",
    8: "R",
    12: "S",
    14: "T",
    16: "U",
    10: "V",
    22: "W",
    25: "X",
    24: "Y",
    23: "Z",
  }).flatMap(([value, signs]) => Array.from(signs, (sign) => [sign, Number(value)])),
);

function codiceFiscale(random: Random): string {
  const born = `${digits(random, 2)}${pick(random, Array.from("ABCDEHLMPRST"))}${two(1 + int(random, 31))}`;
  const body = `${letters(random, 6)}${born}${pick(random, Array.from("ABCDEFGHI"))}${digits(random, 3)}`;
  let total = 0;
  for (const [at, sign] of Array.from(body).entries()) {
    const even = /\d/.test(sign) ? Number(sign) : sign.charCodeAt(0) - 65;
    total += at % 2 === 0 ? ODD[sign]! : even;
  }
  const whole = body + String.fromCharCode(65 + (total % 26));
  return random() < 0.2 ? whole.toLowerCase() : whole;
}

function cpf(random: Random): string {
  const whole = again(() => {
    const nine = digits(random, 9);
    const first = ((sum(nine, (at) => 10 - at) * 10) % 11) % 10;
    const ten = `${nine}${first}`;
    return ten + (((sum(ten, (at) => 11 - at) * 10) % 11) % 10);
  });
  return random() < 0.5 ? whole : `${grouped(whole.slice(0, 9), [3, 3, 3], ".")}-${whole.slice(9)}`;
}

function bsn(random: Random): string {
  return again(() => {
    const eight = digits(random, 8);
    const check = sum(eight, (at) => 9 - at) % 11;
    return check === 10 || eight.startsWith("00") ? undefined : `${eight}${check}`;
  });
}

function pesel(random: Random): string {
  const born = `${digits(random, 2)}${two(1 + int(random, 12) + (random() < 0.3 ? 20 : 0))}${two(1 + int(random, 28))}`;
  const ten = born + digits(random, 4);
  return ten + ((10 - (sum(ten, (at) => [1, 3, 7, 9][at % 4]!) % 10)) % 10);
}

interface Kind {
  readonly entity: string;
  readonly country: string;
  readonly make: (random: Random) => string;
  readonly texts: readonly string[];
}

const COUNTRIES: Readonly<Record<string, { readonly card: readonly string[]; readonly iban: readonly string[] }>> = {
  DE: {
    card: ["Meine Karte ist {}, bitte prüfen.", "Kreditkarte: {}"],
    iban: ["Überweisen Sie auf {}.", "IBAN {} bei der Sparkasse"],
  },
  FR: {
    card: ["Ma carte {} a été refusée.", "carte bancaire : {}"],
    iban: ["Virement sur {} s'il vous plaît", "IBAN : {}"],
  },
  ES: { card: ["Mi tarjeta {} no funciona", "Tarjeta: {}."], iban: ["Transfiere a {} mañana", "La cuenta es {}."] },
  IT: { card: ["La mia carta {} è scaduta", "Carta: {}"], iban: ["Bonifico su {}.", "L'IBAN è {}, grazie"] },
  GB: { card: ["My card {} was charged twice.", "Card number: {}"], iban: ["Please pay into {}.", "Account ({})"] },
  NL: { card: ["Mijn kaart {} is geweigerd", "Creditcard: {}."], iban: ["Maak het over naar {}.", "Rekening {}"] },
};

const KINDS: readonly Kind[] = [
  ...Object.entries(COUNTRIES).flatMap(([country, { card: cards, iban: ibans }]): Kind[] => [
    { entity: "card", country, make: card, texts: cards },
    { entity: "iban", country, make: (random) => iban(random, country), texts: ibans },
  ]),
  { entity: "iban", country: "PL", make: (random) => iban(random, "PL"), texts: ["Przelew na {}."] },
  { entity: "iban", country: "BR", make: (random) => iban(random, "BR"), texts: ["Conta: {}"] },
  { entity: "uk_nhs", country: "GB", make: nhs, texts: ["NHS number {}", "The patient's number is {}."] },
  { entity: "es_dni", country: "ES", make: dni, texts: ["Mi DNI es {}.", "DNI: {}"] },
  { entity: "es_dni", country: "ES", make: nie, texts: ["NIE {}", "Mi número es {}."] },
  { entity: "fr_nir", country: "FR", make: nir, texts: ["Numéro de sécurité sociale : {}", "NIR {}."] },
  {
    entity: "de_steuer_id",
    country: "DE",
    make: steuerId,
    texts: ["Steuer-ID {}", "Meine Steueridentifikationsnummer lautet {}."],
  },
  { entity: "it_codice_fiscale", country: "IT", make: codiceFiscale, texts: ["Codice fiscale: {}", "Il mio CF è {}."] },
  { entity: "br_cpf", country: "BR", make: cpf, texts: ["CPF {}", "Meu CPF é {}."] },
  { entity: "nl_bsn", country: "NL", make: bsn, texts: ["BSN {}", "Mijn burgerservicenummer is {}."] },
  { entity: "pl_pesel", country: "PL", make: pesel, texts: ["PESEL {}", "Mój PESEL to {}."] },
];

export function identifier(random: Random): Identifier {
  const { entity, country, make, texts } = pick(random, KINDS);
  const value = make(random);
  return { entity, country, value, text: pick(random, texts).replace("{}", () => value) };
}

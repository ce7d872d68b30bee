import { readAddresses } from "./addresses.ts";
import * as check from "./checksums.ts";
import { BEFORE, isNear, near } from "./near.ts";
import { readFigures, type Figure } from "./numbers.ts";
import { readSecrets } from "./secrets.ts";

/**
 * What rules can find. National identifiers: United States (SSN and ITIN), United Kingdom (NHS number, NINO),
 * Spain (DNI, NIE), France (NIR), Germany (Steuer-ID), Italy (codice fiscale), Brazil (CPF), India (Aadhaar),
 * China (resident identity card), Netherlands (BSN), Poland (PESEL).
 */
export const RULED_ENTITIES = [
  "card",
  "iban",
  "us_ssn",
  "uk_nhs",
  "uk_nino",
  "es_dni",
  "fr_nir",
  "de_steuer_id",
  "it_codice_fiscale",
  "br_cpf",
  "in_aadhaar",
  "cn_resident_id",
  "nl_bsn",
  "pl_pesel",
  "phone",
  "email",
  "ip",
  "secret",
] as const;
export type RuledEntity = (typeof RULED_ENTITIES)[number];

/** Scores: somebody's, and what more often is nobody's in particular. */
export const PERSONAL = 1;
export const SHARED = 0.5;

/** Confidences: a checksum with a clear shape, a clear shape or a checksum with a word for it, a shape that is common. */
const SURE = 0.95;
const LIKELY = 0.8;
const POSSIBLE = 0.65;

/** Where something stands, in UTF-16 units; `end` is exclusive. */
interface Place {
  readonly start: number;
  readonly end: number;
}

/** Told of each finding, where it stands; personal unless its score is given. One place may be told twice. */
export type Note = (entity: RuledEntity, place: Place, confidence: number, score?: number) => void;

/** Reads a text for personal data and keys. Expects plain digits, spaces and dashes. */
export function readIdentifiers(text: string, note: Note): void {
  readAddresses(text, (entity, place, isPersonal) => note(entity, place, SURE, isPersonal ? PERSONAL : SHARED));
  readSecrets(text, (place) => note("secret", place, SURE));
  if (!/\d/u.test(text)) return;
  const rest = withoutIbans(text, note);
  for (const shape of SHAPES) readShape(shape, rest, note);
  readFigures(rest, (figure) => {
    for (const read of FIGURES[figure.digits.length] ?? []) read(figure, rest, note);
    if (figure.isWhole) readPhone(figure, rest, note);
  });
}

function readShape({ entity, pattern, holds, named }: Shape, text: string, note: Note): void {
  for (const { 0: match, index } of text.matchAll(pattern)) {
    const span = { start: index, end: index + match.length };
    if (holds(match.replace(SEPARATORS, "").toUpperCase())) note(entity, span, SURE);
    else if (named !== undefined && isNear(named, span, text)) note(entity, span, LIKELY);
  }
}

const SEPARATORS = /[ .-]/gu;

/** An identifier with letters or a date in it: its shape is found first, then the checksum decides. */
interface Shape {
  readonly entity: RuledEntity;
  readonly pattern: RegExp;
  readonly holds: (compact: string) => boolean;
  /** Words beside which the shape is enough: a mistyped identifier gives its owner away all the same. */
  readonly named?: RegExp;
}

const SHAPES: readonly Shape[] = [
  {
    entity: "uk_nino",
    pattern: /(?<!\w)(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?:[ -]?\d{2}){3}[ -]?[A-D](?!\w)/giu,
    holds: () => true,
  },
  {
    entity: "es_dni",
    pattern: /(?<!\w)(?:[XYZ][ -]?\d{7}|\d{8}|\d{2}\.\d{3}\.\d{3})[ -]?[A-Z](?!\w)/giu,
    holds: check.isDni,
    named: /\b(?:dni|nie|nif)\b|national id|identidad|identity/iu,
  },
  {
    entity: "fr_nir",
    pattern: /(?<!\w)[1278](?:[ .-]?\d{2}){2}[ .-]?(?:\d{2}|2[AB])(?:[ .-]?\d{3}){2}[ .-]?\d{2}(?!\w)/giu,
    holds: check.isNir,
  },
  {
    entity: "it_codice_fiscale",
    pattern: /(?<!\w)[A-Z]{3} ?[A-Z]{3} ?[\dL-NP-V]{2}[A-EHLMPRST][\dL-NP-V]{2} ?[A-Z][\dL-NP-V]{3} ?[A-Z](?!\w)/giu,
    holds: check.isCodiceFiscale,
  },
  {
    entity: "cn_resident_id",
    pattern: /(?<!\w)\d{6}[ -]?(?:18|19|20)\d{2}[ -]?[01]\d[ -]?[0-3]\d[ -]?\d{3}[\dX](?!\w)/giu,
    holds: check.isResidentId,
  },
];

/** Words for an identity number in many languages, beside the name of the identifier itself. */
const ANY_ID =
  "national|identi|\\bids?\\b|social|tax|steuer|fiscal|document|ausweis|burger|sofi|persoons|cpf|cadastro|contribuinte|dowod|dowód|身份|आधार";

const NEAR = {
  card: near("card|visa|amex|mastercard|maestro|kredit|carte|tarjeta|cart[aã]o|carta|pan\\b|カード|卡|карт"),
  us_ssn: near("ssn|social.?sec|itin|taxpayer|seguro social"),
  uk_nhs: near("nhs|health|patient"),
  de_steuer_id: near("steuer|idnr|identifikationsnummer|tin\\b|tax"),
  br_cpf: near(`cpf|${ANY_ID}`),
  in_aadhaar: near(`aadh?aa?r|uidai|uid\\b|${ANY_ID}`),
  nl_bsn: near("bsn|burgerservice|sofi|persoonsnummer"),
  pl_pesel: near(`pesel|${ANY_ID}`),
  phone: near(
    "phone|\\btel\\b|\\btél|mobile|\\bcell|\\bcall|\\bfax|whatsapp|\\bsms\\b|contact|reach|desk:|handy|telefon|móvil|llam|appel|portable|numéro|número|nummer|numero|номер|电话|手机|電話|携帯|전화|फोन",
  ),
};
type ReadFigure = (figure: Figure, text: string, note: Note) => void;

interface FigureShape {
  /** Layouts that are the identifier's own, with one separator throughout. Any other layout needs a word nearby. */
  readonly clear: readonly string[];
  /** The only separator that makes those layouts its own, where others use the layout too. */
  readonly separator?: string;
  /** True where the separators differ by rule. */
  readonly mixed?: boolean;
  /** True where a piece of a longer run of groups may be one. */
  readonly within?: boolean;
  /** Confidence of a bare run of digits without a word nearby; undefined when that does not count. */
  readonly bare?: number;
  /** Words beside which a clear layout is enough, its checksum aside: a typing error hides nobody. */
  readonly named?: RegExp;
}

/** Reads an identifier made of digits alone. */
function identifier(
  entity: keyof typeof NEAR,
  holds: (digits: string) => boolean,
  { clear, separator, mixed = false, within = false, bare, named }: FigureShape,
): ReadFigure {
  return (found, text, note) => {
    if (!within && !found.isWhole) return;
    const isUniform = separator === undefined ? mixed || found.separator !== "mixed" : found.separator === separator;
    const isClear = isUniform && clear.includes(found.layout);
    if (!holds(found.digits)) {
      if (isClear && named !== undefined && isNear(named, found, text)) note(entity, found, LIKELY);
    } else if (isClear) note(entity, found, SURE);
    else if (isNear(NEAR[entity], found, text)) note(entity, found, LIKELY);
    else if (bare !== undefined && found.separator === undefined) note(entity, found, bare);
  };
}

/** Cards printed as usual; a lone run of 12 or 13 digits is more often a time stamp or a product code. */
const CARD_LAYOUTS = [
  "14",
  "15",
  "16",
  "17",
  "18",
  "19",
  "4-4-4-4",
  "4-6-5",
  "4-6-4",
  "4-4-4-4-3",
  "4-4-5",
  "6-13",
  "4-4-4-6",
];
const readCard = identifier("card", check.isCard, { clear: CARD_LAYOUTS, within: true });

/** What a number could be, by how many digits it has. */
const FIGURES: Readonly<Record<number, readonly ReadFigure[]>> = {
  9: [
    identifier("us_ssn", check.isSsn, { clear: ["3-2-4"], named: NEAR.us_ssn }),
    identifier("nl_bsn", check.isBsn, { clear: [] }),
  ],
  10: [identifier("uk_nhs", check.isNhs, { clear: ["3-3-4"], separator: " " })],
  11: [
    identifier("br_cpf", check.isCpf, { clear: ["3-3-3-2"], mixed: true, bare: POSSIBLE, named: NEAR.br_cpf }),
    identifier("pl_pesel", check.isPesel, { clear: [], bare: POSSIBLE }),
    identifier("de_steuer_id", check.isSteuerId, { clear: ["2-3-3-3"] }),
  ],
  12: [readCard, identifier("in_aadhaar", check.isAadhaar, { clear: ["4-4-4"], named: NEAR.in_aadhaar })],
  ...Object.fromEntries([13, 14, 15, 16, 17, 18, 19].map((length) => [length, [readCard]])),
};

const HAN = /\p{Script=Han}/u;

const DATE_LAYOUT = /^(?:2-2-4|4-2-2|1-2-4|2-1-4)$/u;

/** Phone numbers: international form, national forms that nothing else has, anything else beside a word for it. */
function readPhone(found: Figure, text: string, note: Note): void {
  const { digits, layout, separator, start } = found;
  if (digits.length > 15 || DATE_LAYOUT.test(layout)) return;
  const before = text.slice(Math.max(0, start - BEFORE), start);
  const opens = text[start - 1] === "+" || text[start - 1] === "(";
  const place = { start: opens ? start - 1 : start, end: found.end };
  if (text[start - 1] === "+" && digits[0] !== "0" && digits.length >= (separator === undefined ? 9 : 8)) {
    note("phone", place, SURE);
  } else if (isNationalPhone(found, text)) note("phone", place, LIKELY);
  else if ((separator !== "." || layout === "3-3-4") && layout !== "3-2-4" && NEAR.phone.test(before)) {
    note("phone", place, LIKELY);
  } else if (layout === "11" && /^1[3-9]/u.test(digits) && HAN.test(before)) note("phone", place, POSSIBLE);
}

const NORTH_AMERICA = /^1?[2-9]\d{2}[2-9]\d{6}$/u;

function isNationalPhone({ digits, layout, separator, start }: Figure, text: string): boolean {
  if (separator === undefined) return false;
  const isBracketed = text[start - 1] === "(" && digits.length >= 9 && digits.length <= 12;
  if (isBracketed && text.slice(start, start + 7).includes(")")) return true;
  if (layout === "3-3-4" || layout === "1-3-3-4") return separator !== "/" && NORTH_AMERICA.test(digits);
  if (layout === "3-2-4") return false;
  if (/^00[1-9]/u.test(digits)) return digits.length >= 10 && separator !== ".";
  // Elsewhere the trunk prefix 0 opens the number, which dates and amounts of this length never do.
  const isTrunk = digits.length >= 9 && digits.length <= 11 && /^0[1-9]/u.test(digits) && /^[2-5]-/u.test(layout);
  return isTrunk && (separator === " " || separator === "-" || separator === "/" || /^[2-5]-\d+$/u.test(layout));
}

const ALPHANUMERIC = /[A-Za-z0-9]/u;
const IBAN_HEAD = /(?<![A-Za-z0-9])[A-Z]{2}[ -]?\d{2}/giu;

/** The text with blanks in place of IBANs, whose digits are no other identifier. */
function withoutIbans(text: string, note: Note): string {
  let rest = text;
  for (const { 0: head, index } of text.matchAll(IBAN_HEAD)) {
    const length = check.IBAN_LENGTHS[head.slice(0, 2).toUpperCase()];
    if (length === undefined) continue;
    const end = endOf(text, index, length);
    if (end === undefined || !check.isIban(text.slice(index, end).replace(SEPARATORS, "").toUpperCase())) continue;
    note("iban", { start: index, end }, SURE);
    rest = rest.slice(0, index) + " ".repeat(end - index) + rest.slice(end);
  }
  return rest;
}

/** Where `length` letters and digits end, single separators left out; undefined when the word goes on or ends before. */
function endOf(text: string, start: number, length: number): number | undefined {
  let taken = 0;
  let at = start;
  for (; taken < length && at < text.length; at++) {
    if (ALPHANUMERIC.test(text[at]!)) taken++;
    else if (!/[ .-]/u.test(text[at]!) || !ALPHANUMERIC.test(text[at + 1] ?? "")) return undefined;
  }
  return taken < length || ALPHANUMERIC.test(text[at] ?? "") ? undefined : at;
}

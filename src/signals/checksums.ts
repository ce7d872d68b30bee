/**
 * The arithmetic of identifiers. Each function takes the bare identifier, upper case and without separators, of a
 * length that its caller has checked, and says whether it holds together.
 */

function digit(text: string, at: number): number {
  return text.charCodeAt(at) - 48;
}

/** Sum of each digit times the weight at its place. */
function weigh(digits: string, weights: readonly number[]): number {
  let sum = 0;
  for (const [at, weight] of weights.entries()) sum += weight * digit(digits, at);
  return sum;
}

function isOneDigit(digits: string): boolean {
  for (let at = 1; at < digits.length; at++) if (digits[at] !== digits[0]) return false;
  return true;
}

function isDate(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** Remainder by 97 of a number of any length, letters counting 10 to 35. */
function modulo97(text: string): number {
  let rest = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    rest = unit <= 57 ? (rest * 10 + unit - 48) % 97 : (rest * 100 + unit - 55) % 97;
  }
  return rest;
}

/** Issuer ranges: what the number starts with, and its lengths. */
const ISSUERS: readonly (readonly [prefix: RegExp, lengths: readonly number[]])[] = [
  [/^4/u, [13, 16, 19]],
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/u, [16]],
  [/^3[47]/u, [15]],
  [/^(?:6011|64[4-9]|65)/u, [16, 17, 18, 19]],
  [/^(?:30[0-5]|3095|36|38|39)/u, [14, 16, 17, 18, 19]],
  [/^(?:352[89]|35[3-8])/u, [16, 17, 18, 19]],
  [/^62/u, [16, 17, 18, 19]],
  [/^220[0-4]/u, [16]],
  [/^(?:50|5[6-9]|6[0137])/u, [12, 13, 14, 15, 16, 17, 18, 19]],
];

/** Payment card: a range that issuers use, and Luhn. */
export function isCard(digits: string): boolean {
  if (
    isOneDigit(digits) ||
    !ISSUERS.some(([prefix, lengths]) => lengths.includes(digits.length) && prefix.test(digits))
  ) {
    return false;
  }
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const doubled = digit(digits, at) * ((digits.length - at) % 2 === 0 ? 2 : 1);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Length of an IBAN by its country. */
// prettier-ignore
export const IBAN_LENGTHS: Readonly<Record<string, number>> = {
  AD: 24, AE: 23, AL: 28, AT: 20, AZ: 28, BA: 20, BE: 16, BG: 22, BH: 22, BI: 27, BR: 29, BY: 28, CH: 21, CR: 22, CY: 28,
  CZ: 24, DE: 22, DJ: 27, DK: 18, DO: 28, EE: 20, EG: 29, ES: 24, FI: 18, FK: 18, FO: 18, FR: 27, GB: 22, GE: 22, GI: 23,
  GL: 18, GR: 27, GT: 28, HR: 21, HU: 28, IE: 22, IL: 23, IQ: 23, IS: 26, IT: 27, JO: 30, KW: 30, KZ: 20, LB: 28, LC: 32,
  LI: 21, LT: 20, LU: 20, LV: 21, LY: 25, MC: 27, MD: 24, ME: 22, MK: 19, MN: 20, MR: 27, MT: 31, MU: 30, NI: 28, NL: 18,
  NO: 15, OM: 23, PK: 24, PL: 28, PS: 29, PT: 25, QA: 29, RO: 24, RS: 22, RU: 33, SA: 24, SC: 31, SD: 18, SE: 24, SI: 19,
  SK: 24, SM: 27, SO: 23, ST: 25, SV: 28, TL: 23, TN: 24, TR: 26, UA: 29, VA: 22, VG: 24, XK: 20, YE: 30,
};

export function isIban(text: string): boolean {
  return IBAN_LENGTHS[text.slice(0, 2)] === text.length && modulo97(text.slice(4) + text.slice(0, 4)) === 1;
}

/** United States: no area 000, 666 or 900 and above (but the 9xx of taxpayer numbers), no group 00, no serial 0000. */
export function isSsn(digits: string): boolean {
  const area = digits.slice(0, 3);
  const group = Number(digits.slice(3, 5));
  if (area === "000" || area === "666" || group === 0 || digits.endsWith("0000") || isOneDigit(digits)) return false;
  if (area < "900") return true;
  return (group >= 50 && group <= 65) || (group >= 70 && group <= 88) || (group >= 90 && group !== 93);
}

/** United Kingdom, health service: ten digits, modulo 11. */
export function isNhs(digits: string): boolean {
  const check = 11 - (weigh(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11);
  return !isOneDigit(digits) && check !== 10 && check % 11 === digit(digits, 9);
}

/** Spain, DNI and NIE: the letter at the end is the number modulo 23; X, Y, Z in front stand for 0, 1, 2. */
export function isDni(text: string): boolean {
  const number = Number(text.slice(0, -1).replace(/^[XYZ]/u, (letter) => String("XYZ".indexOf(letter))));
  return "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23] === text.at(-1);
}

/** France, NIR: thirteen places and the key modulo 97; Corsica's 2A and 2B count as 19 and 18. */
export function isNir(text: string): boolean {
  const number = text.slice(0, 13).replace("2A", "19").replace("2B", "18");
  const month = Number(text.slice(3, 5));
  const isMonth = (month >= 1 && month <= 12) || month === 20 || (month >= 30 && month <= 42) || month >= 50;
  return isMonth && 97 - modulo97(number) === Number(text.slice(13));
}

/** Germany, Steuer-ID: in the first ten digits one occurs twice or three times; ISO 7064 modulo 11, 10. */
export function isSteuerId(digits: string): boolean {
  if (digits.startsWith("0")) return false;
  const counts = Array.from({ length: 10 }, () => 0);
  let product = 10;
  for (let at = 0; at < 10; at++) {
    counts[digit(digits, at)]!++;
    const sum = (digit(digits, at) + product) % 10 || 10;
    product = (sum * 2) % 11;
  }
  const repeated = counts.filter((count) => count > 1);
  return repeated.length === 1 && repeated[0]! <= 3 && (11 - product) % 10 === digit(digits, 10);
}

/** Italy, codice fiscale: the value of each odd place comes from this table, by digit or letter. */
const ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

export function isCodiceFiscale(text: string): boolean {
  let sum = 0;
  for (let at = 0; at < 15; at++) {
    const unit = text.charCodeAt(at);
    const value = unit <= 57 ? unit - 48 : unit - 65;
    sum += at % 2 === 0 ? ODD[value]! : value;
  }
  return String.fromCharCode(65 + (sum % 26)) === text[15];
}

/** Brazil, CPF: two check digits modulo 11. */
export function isCpf(digits: string): boolean {
  if (isOneDigit(digits)) return false;
  const first = ((weigh(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10) % 11) % 10;
  const second = ((weigh(digits, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10) % 11) % 10;
  return first === digit(digits, 9) && second === digit(digits, 10);
}

/** The products of the dihedral group of order ten. */
function dihedral(a: number, b: number): number {
  if (a < 5) return b < 5 ? (a + b) % 5 : 5 + ((a + b) % 5);
  return b < 5 ? 5 + ((a - b + 5) % 5) : (a - b + 5) % 5;
}

const TURN = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

/** India, Aadhaar: twelve digits, Verhoeff, never starting with 0 or 1. */
export function isAadhaar(digits: string): boolean {
  if (digits < "2" || isOneDigit(digits)) return false;
  let check = 0;
  for (let place = 0; place < digits.length; place++) {
    let value = digit(digits, digits.length - 1 - place);
    for (let turn = 0; turn < place % 8; turn++) value = TURN[value]!;
    check = dihedral(check, value);
  }
  return check === 0;
}

/** China, resident identity card: region, date of birth, ISO 7064 modulo 11, 2. */
export function isResidentId(text: string): boolean {
  const sum = weigh(text, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
  const born = isDate(Number(text.slice(6, 10)), Number(text.slice(10, 12)), Number(text.slice(12, 14)));
  return born && text >= "1" && "10X98765432"[sum % 11] === text[17];
}

/** Netherlands, BSN: nine digits, the eleven test. */
export function isBsn(digits: string): boolean {
  return !isOneDigit(digits) && weigh(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0;
}

/** Poland, PESEL: date of birth with the century in the month, check digit modulo 10. */
export function isPesel(digits: string): boolean {
  const month = Number(digits.slice(2, 4));
  const year = [1900, 2000, 2100, 2200, 1800][Math.floor(month / 20)]! + Number(digits.slice(0, 2));
  const sum = weigh(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]);
  return sum % 10 === 0 && isDate(year, month % 20, Number(digits.slice(4, 6)));
}

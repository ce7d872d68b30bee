import { fold } from "../text/writing.ts";

/** Text as it is and as it might have been meant: what hides words from a reader is taken off, once. */
export interface Unmasked {
  /** Folded, without invisible characters and look-alike letters. */
  readonly open: string;
  /** What the text turns into when it is decoded, folded too: base64, hexadecimal, rot13, reversed, leet, spaced out. */
  readonly decoded: readonly string[];
  /** What was written in invisible tag characters, folded; empty where there is nothing. */
  readonly invisible: string;
}

const BEYOND_ASCII = /[^\0-\x7f]/u;

export function unmask(text: string): Unmasked {
  const isAscii = !BEYOND_ASCII.test(text);
  const open = isAscii ? text.toLowerCase() : withoutLookalikes(fold(text.replace(INVISIBLE, "")));
  return { open, decoded: decodingsOf(text, open), invisible: isAscii ? "" : fold(tagged(text)) };
}

/** Format characters (zero-width and direction marks, soft hyphens, tag characters), joiners, variation selectors. */
const INVISIBLE = /\p{Cf}|\u034F|[\uFE00-\uFE0F]|[\u{E0100}-\u{E01EF}]/gu;

/** The flags of England, Scotland and Wales are spelled in tag characters too. */
const FLAG = /\u{1F3F4}[\u{E0020}-\u{E007F}]{1,8}/gu;
const TAG = /[\u{E0020}-\u{E007E}]/gu;

function tagged(text: string): string {
  if (!text.includes("\uDB40")) return "";
  const tags = text.replace(FLAG, "").match(TAG) ?? [];
  return tags.map((tag) => String.fromCharCode(tag.codePointAt(0)! - 0xe0000)).join("");
}

const LOOKALIKES = new Map(
  Array.from("аaеeоoрpсcхxуyіiјjѕsԁdһhкkмmтtвbнhαaοoεeιiκkνvρpτtυuχx".matchAll(/(.)(.)/gu), ([, a, b]) => [a!, b!]),
);
const MIXED = /[a-z][\u0370-\u03ff\u0400-\u052f]|[\u0370-\u03ff\u0400-\u052f][a-z]/u;
const LOOKALIKE = /[\u0370-\u03ff\u0400-\u052f]/gu;

/** Words of Latin letters with a Greek or Cyrillic one among them mean the Latin one. */
function withoutLookalikes(folded: string): string {
  if (!MIXED.test(folded)) return folded;
  return folded.replace(/\S+/gu, (word) =>
    MIXED.test(word) ? word.replace(LOOKALIKE, (letter) => LOOKALIKES.get(letter) ?? letter) : word,
  );
}

const LEET = /[a-z][013457@$!][a-z]/u;
const LEET_LETTERS: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
  "!": "i",
};
const SPACED = /(?:\b[a-z][ .*_-]){6}/u;
const SPACED_PAIR = /\b([a-z])[ .*_-](?=[a-z]\b)/gu;
/** Telling words (ignore, instruction, system, prompt, password) written backwards, and moved by thirteen letters. */
const REVERSED = /erongi|noitcurtsni|tpmorp m|drowssap/u;
const ROTATED = /\b(?:vtaber|qvfertneq|cnffjbeq)|vafgehpgvba|flfgrz cebzcg/u;

function decodingsOf(text: string, open: string): string[] {
  const decoded = [...base64In(text), ...hexIn(open)];
  if (LEET.test(open)) decoded.push(open.replace(/[013457@$!]/gu, (sign) => LEET_LETTERS[sign]!));
  if (SPACED.test(open)) decoded.push(open.replace(SPACED_PAIR, "$1"));
  if (REVERSED.test(open)) decoded.push(Array.from(open).reverse().join(""));
  if (ROTATED.test(open)) decoded.push(open.replace(/[a-z]/gu, rotate));
  return decoded;
}

function rotate(letter: string): string {
  return String.fromCharCode(((letter.charCodeAt(0) - 97 + 13) % 26) + 97);
}

const BASE64 = /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{24,}={0,2}/gu;
const HEX = /(?<![0-9a-z])(?:[0-9a-f]{2}[ :]?){16,}(?![0-9a-z])/gu;
/** Payloads that are decoded in one window, and units read of each. */
const PAYLOADS = 4;
const PAYLOAD_UNITS = 2048;

/** Letters of either code, and how many of them stand together at least where there is a payload. */
const BASE64_RUN = { letters: lettersOf(/[A-Za-z0-9+/]/u), length: 24 };
const HEX_RUN = { letters: lettersOf(/[0-9a-f :]/u), length: 32 };

function lettersOf(pattern: RegExp): Uint8Array {
  return Uint8Array.from({ length: 128 }, (_, unit) => (pattern.test(String.fromCharCode(unit)) ? 1 : 0));
}

/** Whether so many of the letters stand together anywhere: steps over most of an ordinary text, as no pattern does. */
function hasRun(text: string, { letters, length }: typeof HEX_RUN): boolean {
  for (let end = length; end <= text.length;) {
    let at = end;
    while (at > end - length && letters[text.charCodeAt(at - 1)] === 1) at--;
    if (at === end - length) return true;
    end = at + length;
  }
  return false;
}

function base64In(text: string): string[] {
  if (!hasRun(text, BASE64_RUN)) return [];
  return payloads(text, BASE64, (payload) => Buffer.from(payload, "base64"));
}

function hexIn(open: string): string[] {
  if (!hasRun(open, HEX_RUN)) return [];
  return payloads(open, HEX, (payload) => Buffer.from(payload.replace(/[ :]/gu, ""), "hex"));
}

function payloads(text: string, pattern: RegExp, decode: (payload: string) => Buffer): string[] {
  const found: string[] = [];
  for (const [payload] of text.matchAll(pattern)) {
    const words = decode(payload.slice(0, PAYLOAD_UNITS)).toString("utf8");
    if (isWritten(words)) found.push(fold(words));
    if (found.length === PAYLOADS) break;
  }
  return found;
}

/** True for what people write; bytes of anything else decode to few letters. */
function isWritten(text: string): boolean {
  const letters = text.match(/[\p{L}\p{M} .,!?'"\n]/gu)?.length ?? 0;
  return letters >= 12 && letters >= text.length * 0.9;
}

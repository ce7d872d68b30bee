const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const U = 0x75;

/**
 * Where places of a string's text stand in the JSON that it is written in. `quote` is the string's opening quote;
 * `wanted` are offsets in the text as UTF-8, ascending, each at the beginning of a character or at the end.
 */
export function placesIn(bytes: Uint8Array, quote: number, wanted: readonly number[]): readonly number[] {
  let told = 0;
  let at = quote + 1;
  return wanted.map((place) => {
    while (told < place && at < bytes.length && bytes[at] !== QUOTE) {
      const isEscape = bytes[at] === BACKSLASH;
      told += isEscape ? bytesSaid(bytes, at) : 1;
      at += isEscape ? escapeLength(bytes, at) : 1;
    }
    return at;
  });
}

/** How long an escape is: two of them together may be one character. */
export function escapeLength(bytes: Uint8Array, at: number): number {
  if (bytes[at + 1] !== U) return 2;
  return isPair(bytes, at) ? 12 : 6;
}

/** Bytes that the character of an escape has in UTF-8. */
function bytesSaid(bytes: Uint8Array, at: number): number {
  if (bytes[at + 1] !== U) return 1;
  const code = codeAt(bytes, at);
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  // A half that stands alone becomes the character for what cannot be read, three bytes like all others here.
  return isPair(bytes, at) ? 4 : 3;
}

function isPair(bytes: Uint8Array, at: number): boolean {
  const isLow = bytes[at + 6] === BACKSLASH && bytes[at + 7] === U && codeAt(bytes, at + 6) >> 10 === 0x37;
  return isLow && codeAt(bytes, at) >> 10 === 0x36;
}

function codeAt(bytes: Uint8Array, at: number): number {
  return Number.parseInt(Buffer.from(bytes.subarray(at + 2, at + 6)).toString("latin1"), 16);
}

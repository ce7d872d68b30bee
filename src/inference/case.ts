/** How a token is written, since the vocabulary has lower case alone: what names look like. */
const [NEITHER, LOWER, CAPITALISED, CAPITALS, DIGITS, MIXED] = [0, 1, 2, 3, 4, 5] as const;

const DIGIT = /\p{Nd}/u;

/** For each token its class, as `case_of` in models/train/full.py: the full stage was trained on those. */
export function casesOf(text: string, starts: Int32Array, ends: Int32Array): Int32Array {
  return starts.map((start, index) => caseOf(text.slice(start, ends[index])));
}

function caseOf(piece: string): number {
  if (DIGIT.test(piece)) return DIGITS;
  const [lower, upper] = [piece.toLowerCase(), piece.toUpperCase()];
  if (lower === upper) return NEITHER;
  if (piece === lower) return LOWER;
  if (piece === upper && piece.length > 1) return CAPITALS;
  return piece[0] === upper[0] && piece.slice(1) === lower.slice(1) ? CAPITALISED : MIXED;
}

/** UTF-16 units of a piece: some words, as servers send them. */
const PIECE = 48;

/** A text in pieces, cut at code points. */
export function* piecesOf(text: string): Generator<string, void, void> {
  for (let at = 0, end = 0; at < text.length; at = end) {
    end = Math.min(at + PIECE, text.length);
    if (isHigh(text.charCodeAt(end - 1)) && end < text.length) end += 1;
    yield text.slice(at, end);
  }
}

/** The first half of a character that takes two units. */
function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

import { plain } from "./numbers.ts";

/** The plain form of a text, and where its units stand in the text itself. */
export interface PlainText {
  readonly text: string;
  /** Where the unit at `at` begins. */
  startOf(at: number): number;
  /** Where the unit before `end` ends. */
  endOf(end: number): number;
}

/** A letter with its marks, or many that are plain already. */
const SEGMENT = /[\0-\x7f]+(?!\p{M})|\P{M}\p{M}*|\p{M}+/gu;

/** A piece of the plain form: at `at` in it, and from `start` to `end` in the text. */
interface Piece {
  readonly at: number;
  readonly start: number;
  readonly end: number;
}

/** What `plain` makes of a text, letter by letter, so that what is found in it can be pointed at in the text. */
export function plainText(text: string): PlainText {
  const pieces: Piece[] = [];
  let whole = "";
  for (const { 0: segment, index } of text.matchAll(SEGMENT)) {
    pieces.push({ at: whole.length, start: index, end: index + segment.length });
    whole += plain(segment);
  }
  const pieceAt = (at: number): Piece & { next: number } => {
    let [low, high] = [0, pieces.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (pieces[middle]!.at <= at) low = middle;
      else high = middle;
    }
    return { ...pieces[low]!, next: pieces[low + 1]?.at ?? whole.length };
  };
  const isEven = ({ at, start, end, next }: Piece & { next: number }) => next - at === end - start;
  return {
    text: whole,
    startOf(at) {
      const piece = pieceAt(at);
      return isEven(piece) ? piece.start + at - piece.at : piece.start;
    },
    endOf(end) {
      const piece = pieceAt(end - 1);
      return isEven(piece) ? piece.start + end - piece.at : piece.end;
    },
  };
}

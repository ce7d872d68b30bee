import type { Scan, Suspect } from "./encoder.ts";
import type { RawReading } from "./full.ts";
import { mayHoldNames } from "./names.ts";
import { cut, EMPTY, joined, type Piece, shifted } from "./piece.ts";
import type { WordPiece } from "./wordpiece.ts";

/** UTF-16 units looked at on either side of a place, for each token that may be read. */
const UNITS_PER_TOKEN = 16;
/** Units tokenised before others have their turn. */
const SLICE_UNITS = 4096;
/** Units beyond a slice that are looked at for names, so that none is cut in two unseen. */
const EDGE_UNITS = 64;
/** Units of all texts together up to which everything is read, since names are not always written with capitals. */
const SHORT_UNITS = 2048;
/** Tokens that neighbouring windows share, at most a quarter of one. */
const OVERLAP = 16;

/** A part of one of several texts, short enough for the full stage. */
export interface Window extends Piece {
  /** Position of the text in the list. */
  readonly index: number;
}

/** A window that the full stage should read, and what becomes of it. */
export interface Errand {
  readonly window: Window;
  readonly isTagged: boolean;
  take(reading: RawReading): void;
  miss(): void;
}

/** What is read again for one purpose, and what the scan says of it then. */
export interface Purpose {
  readonly errands: readonly Errand[];
  result(): Partial<Scan>;
}

/** At most `room` tokens of a text with a place in their middle; `isWhole` where the text has no more. */
export function pieceAround(
  wordpiece: WordPiece,
  text: string,
  { start, end }: Pick<Suspect, "start" | "end">,
  room: number,
): { readonly piece: Piece; readonly isWhole: boolean } {
  const reach = room * UNITS_PER_TOKEN;
  const from = Math.max(0, start - reach);
  // A place may be long: words that nobody can read are one token each.
  const near = Math.min(end, start + reach);
  const to = near + reach;
  const piece = shifted(wordpiece.encode(text.slice(from, to)), from);
  const count = piece.ids.length;
  const first = piece.ends.findIndex((tokenEnd) => tokenEnd > start);
  const last = piece.starts.findLastIndex((tokenStart) => tokenStart < near);
  const middle = Math.round((first + last + 1 - room) / 2);
  const at = Math.max(0, Math.min(middle, count - room));
  return { piece: cut(piece, at, at + room), isWhole: from === 0 && to >= text.length && count <= room };
}

/** What may hold names, and what of it is too much. */
export interface NameWindows {
  readonly windows: readonly Window[];
  /** UTF-16 units of windows beyond `most`. */
  readonly unreadUnits: number;
  readonly missed: number;
}

/**
 * Cuts texts into windows of `room` tokens that overlap, and keeps at most `most` of them: all where the texts are short
 * together, else those that may hold names or addresses. Linear in the texts; gives others a turn between slices.
 */
export async function nameWindows(
  wordpiece: WordPiece,
  texts: readonly string[],
  room: number,
  most: number,
): Promise<NameWindows> {
  const windows: Window[] = [];
  let [unreadUnits, missed] = [0, 0];
  let units = 0;
  const isShort = texts.reduce((sum, { length }) => sum + length, 0) <= SHORT_UNITS;
  const isWorthy: IsWorthy = (text, from, to) => isShort || mayHoldNames(text, from, to);
  for (const [index, text] of texts.entries()) {
    const keep = (piece: Piece) => {
      const [start, end] = [piece.starts[0]!, piece.ends.at(-1)!];
      if (!isWorthy(text, start, end)) return;
      if (windows.length < most) windows.push({ index, ...piece });
      else [unreadUnits, missed] = [unreadUnits + end - start, missed + 1];
    };
    for (const advanced of eachPiece(wordpiece, text, room, isWorthy, keep)) {
      units += advanced;
      if (units < SLICE_UNITS) continue;
      units = 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return { windows, unreadUnits, missed };
}

/** Whether a part of a text should be read. */
type IsWorthy = (text: string, from: number, to: number) => boolean;

/** Shows overlapping pieces of the text to `keep`, and yields the units that were passed. */
function* eachPiece(
  wordpiece: WordPiece,
  text: string,
  room: number,
  isWorthy: IsWorthy,
  keep: (piece: Piece) => void,
): Generator<number> {
  const overlap = Math.min(OVERLAP, Math.floor(room / 4));
  let pending = EMPTY;
  /** Tokens at the beginning of `pending` that were shown before. */
  let shown = 0;
  const finish = () => {
    if (pending.ids.length > shown) keep(pending);
    [pending, shown] = [EMPTY, 0];
  };
  for (let at = 0; at < text.length;) {
    const before = at;
    if (isWorthy(text, Math.max(0, at - EDGE_UNITS), at + SLICE_UNITS + EDGE_UNITS)) {
      const tokens = wordpiece.encode(text.slice(at, at + 2 * SLICE_UNITS), { units: SLICE_UNITS });
      pending = joined(pending, shifted(tokens, at));
      at += tokens.next;
      for (; pending.ids.length > room; pending = cut(pending, room - overlap, Infinity)) {
        keep(cut(pending, 0, room));
        shown = overlap;
      }
    } else {
      finish();
      at = edgeAfter(text, at + SLICE_UNITS);
    }
    yield at - before;
  }
  finish();
}

/** Behind the next blank, where there is one near. */
function edgeAfter(text: string, at: number): number {
  for (let edge = at; edge < at + EDGE_UNITS; edge++) if (text.charCodeAt(edge) <= 0x20) return edge + 1;
  return at;
}

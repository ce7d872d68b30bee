/** Tokens of a part of a text. Positions in UTF-16 units of the whole text. */
export interface Piece {
  readonly ids: Int32Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

export const EMPTY: Piece = { ids: new Int32Array(), starts: new Int32Array(), ends: new Int32Array() };

/** The same tokens in a text that begins so many units earlier. */
export function shifted({ ids, starts, ends }: Piece, by: number): Piece {
  return { ids, starts: starts.map((at) => at + by), ends: ends.map((at) => at + by) };
}

/** The tokens from one position to another. */
export function cut({ ids, starts, ends }: Piece, from: number, to: number): Piece {
  return { ids: ids.slice(from, to), starts: starts.slice(from, to), ends: ends.slice(from, to) };
}

export function joined(a: Piece, b: Piece): Piece {
  return { ids: both(a.ids, b.ids), starts: both(a.starts, b.starts), ends: both(a.ends, b.ends) };
}

function both(a: Int32Array, b: Int32Array): Int32Array {
  const whole = new Int32Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}

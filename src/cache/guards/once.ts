import type { Turn } from "./turn.ts";

/** Reads a turn once, however often it is compared: a stored question is compared with many. */
export function once<T extends object>(read: (turn: Turn) => T): (turn: Turn) => T {
  const known = new WeakMap<Turn, T>();
  return (turn) => {
    let found = known.get(turn);
    if (found === undefined) {
      found = read(turn);
      known.set(turn, found);
    }
    return found;
  };
}

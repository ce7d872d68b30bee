/** Who may use a socket now, and who waits for one, first come first served. A guest is known by its function. */
export interface Seats {
  /** Calls `go` as soon as a seat is free. True when one was free at once. */
  enter(go: () => void): boolean;
  /** Gives the seat back, or the wait for one up. Does nothing for whoever has neither. */
  leave(go: () => void): void;
}

/** @param most guests that are seated at once */
export function createSeats(most: number): Seats {
  const seated = new Set<() => void>();
  const waiting = new Set<() => void>();

  /** In a turn of its own: the socket that its seat stands for may be busy with its last event still. */
  function seatNext(): void {
    const [next] = waiting;
    if (next === undefined) return;
    waiting.delete(next);
    seated.add(next);
    queueMicrotask(() => {
      if (seated.has(next)) next();
    });
  }

  return {
    enter(go) {
      if (seated.size >= most) {
        waiting.add(go);
        return false;
      }
      seated.add(go);
      go();
      return true;
    },
    leave(go) {
      waiting.delete(go);
      if (seated.delete(go)) seatNext();
    },
  };
}

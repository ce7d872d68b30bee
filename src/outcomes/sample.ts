import { createHash } from "node:crypto";

/** A number in [0,1) that is the same for the same id and seed, and even over ids. */
export function placeOf(id: string, seed: number): number {
  return createHash("sha256").update(`${seed}\n${id}`).digest().readUInt32BE(0) / 0x1_0000_0000;
}

/** The `most` things of all that are offered whose places are lowest: as good as drawn, and the same in any order. */
export function createSample<T>(most: number): { offer(place: number, thing: T): void; drawn(): T[] } {
  let held: { place: number; thing: T }[] = [];
  let edge = 1;
  const cut = () => {
    held.sort((a, b) => a.place - b.place);
    held = held.slice(0, most);
    edge = held.length === most ? held.at(-1)!.place : 1;
  };
  return {
    offer(place, thing) {
      if (place >= edge) return;
      held.push({ place, thing });
      if (held.length >= most * 2) cut();
    },
    drawn() {
      cut();
      return held.map(({ thing }) => thing);
    },
  };
}

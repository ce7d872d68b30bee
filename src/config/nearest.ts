import { distance, LONGEST_COMPARED } from "../text/spelling.ts";

/** `did you mean "x"?` for the known name that the given one was probably meant to be. */
export function didYouMean(given: string, known: Iterable<string>): string | undefined {
  const name = nearest(given, known);
  return name === undefined ? undefined : `did you mean "${name}"?`;
}

/** The known name with the fewest slips of the keyboard, if a third of the letters or less are wrong. */
export function nearest(given: string, known: Iterable<string>): string | undefined {
  const wanted = fold(given);
  if (wanted.length > LONGEST_COMPARED) return undefined;
  let best: string | undefined;
  let fewest = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const name of known) {
    const other = fold(name);
    if (other.length > LONGEST_COMPARED) continue;
    const slips = distance(wanted, other, fewest);
    if (slips < fewest) [best, fewest] = [name, slips];
  }
  return best;
}

const fold = (name: string) => name.toLowerCase().replaceAll("-", "_");

const LONGEST = 128;

/** `did you mean "x"?` for the known name that the given one was probably meant to be. */
export function didYouMean(given: string, known: Iterable<string>): string | undefined {
  const name = nearest(given, known);
  return name === undefined ? undefined : `did you mean "${name}"?`;
}

/** The known name with the fewest slips of the keyboard, if a third of the letters or less are wrong. */
export function nearest(given: string, known: Iterable<string>): string | undefined {
  if (given.length > LONGEST) return undefined;
  const wanted = fold(given);
  let best: string | undefined;
  let fewest = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const name of known) {
    const slips = distance(wanted, fold(name));
    if (slips < fewest) [best, fewest] = [name, slips];
  }
  return best;
}

const fold = (name: string) => name.toLowerCase().replaceAll("-", "_");

/** Damerau-Levenshtein distance, each neighbouring pair swapped at most once. */
export function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > LONGEST) return LONGEST;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let slips = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) slips = Math.min(slips, before[j - 2]! + 1);
      row.push(slips);
    }
    [before, above] = [above, row];
  }
  return above[b.length]!;
}

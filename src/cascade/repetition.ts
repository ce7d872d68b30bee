/** A text shorter than this says nothing twice by mistake. */
const SHORTEST = 400;
const RUN = 6;

/** Share of the runs of six words that stood in the text before: near 1 for a model that is caught in a loop. */
export function repetition(text: string): number {
  if (text.length < SHORTEST) return 0;
  const words = text.split(/\s+/u);
  const seen = new Set<string>();
  let again = 0;
  for (let at = 0; at + RUN <= words.length; at++) {
    const run = words.slice(at, at + RUN).join(" ");
    if (seen.has(run)) again += 1;
    else seen.add(run);
  }
  return again / Math.max(1, words.length - RUN + 1);
}

const LENGTH = 4;
const EDGE = 0x20;
const WORD = /[\p{L}\p{N}]+/gu;

/**
 * The groups of four letters that the words of a text have, their edges counted as letters, each as a number: what
 * different forms of one word share. Case does not count; a word of one letter has none.
 */
export function gramsOf(text: string): ReadonlySet<number> {
  const grams = new Set<number>();
  for (const [word] of text.toLowerCase().matchAll(WORD)) {
    const at = (index: number): number => (index < 0 || index >= word.length ? EDGE : word.charCodeAt(index));
    for (let start = -1; start + LENGTH <= word.length + 1; start++) {
      let hash = 0x811c9dc5;
      for (let index = start; index < start + LENGTH; index++) hash = Math.imul(hash ^ at(index), 0x01000193);
      grams.add(hash >>> 0);
    }
  }
  return grams;
}

/** Numbers in [0,1) that are the same for the same seed. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** From ASCII to the last plane, with marks, right-to-left scripts, Hangul, halves of pairs, private use and tags. */
const RANGES: readonly (readonly [number, number])[] = [
  [0x00, 0x80],
  [0x80, 0x250],
  [0x300, 0x370],
  [0x370, 0x530],
  [0x590, 0x700],
  [0x900, 0x1000],
  [0x1e00, 0x2000],
  [0x2000, 0x2c00],
  [0x3000, 0x3400],
  [0x4e00, 0x5000],
  [0xac00, 0xad00],
  [0xd800, 0xe000],
  [0xf900, 0x1_0000],
  [0x1_0000, 0x2_0000],
  [0x2_0000, 0x2_fa20],
  [0xe_0000, 0xe_0200],
  [0, 0x11_0000],
];

/** A string of up to `most` characters that mixes two scripts. */
export function randomText(random: () => number, most: number): string {
  const pick = () => RANGES[Math.floor(random() * RANGES.length)]!;
  const scripts = [pick(), pick()];
  let text = "";
  for (let left = Math.floor(random() * most); left > 0; left--) {
    const [from, to] = scripts[random() < 0.5 ? 0 : 1]!;
    text += random() < 0.15 ? " " : String.fromCodePoint(from + Math.floor(random() * (to - from)));
  }
  return text;
}
